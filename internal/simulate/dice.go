package simulate

import "time"

// dice decide what happens at a moment. The same question at the same moment
// of fake time has the same answer, whichever goroutine asks first.
type dice struct{ seed uint64 }

// roll is a number in [0, 1).
func (d dice) roll(what string, parts ...int64) float64 {
	h := mix(d.seed ^ uint64(time.Now().UnixNano()))
	for _, b := range []byte(what) {
		h = mix(h ^ uint64(b))
	}
	for _, part := range parts {
		h = mix(h ^ uint64(part))
	}
	return float64(h>>11) / (1 << 53)
}

// span is a time of at least one nanosecond and at most longest; mostly a
// short one.
func (d dice) span(longest time.Duration, what string, parts ...int64) time.Duration {
	x := d.roll(what, parts...)
	return 1 + time.Duration(x*x*x*float64(longest))
}

// mix is the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
