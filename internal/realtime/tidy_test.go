package realtime

import "testing"

func TestMemoryIsTidiedOnceAfterAStormOfArrivals(t *testing.T) {
	var arrivals lull
	for i, look := range []struct {
		came uint32
		want bool
	}{
		{0, false},
		{50, false},
		{900, false},
		{930, false}, // many, but not enough
		{5000, false},
		{9000, false}, // the storm
		{9050, true},
		{9060, false}, // over, and tidied
		{9900, false},
		{10_000, false},
		{10_001, true}, // some were late
		{10_050, false},
		{10_101, true},
		{10_101, false},
		{10_101, false},
		{10_101, false},
		{10_101, false},
		{10_101, false},
		{10_900, false},
		{10_901, false}, // too late for that, and not many
		{11_102, false},
		{11_103, true},
	} {
		if got := arrivals.begins(look.came); got != look.want {
			t.Errorf("look %d, after %d arrivals: %v", i, look.came, got)
		}
	}
}
