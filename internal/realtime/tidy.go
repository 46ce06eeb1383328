package realtime

import "runtime/debug"

// Of tidying.
const (
	manyArrivals = 1000              // leave enough behind to look for it
	fewArrivals  = manyArrivals / 10 // between two looks: the storm is over
)

// tidy gives memory back once many have come. Their handshakes needed more
// than they keep, and where nothing happens the collector would let it lie
// for two minutes. One of the hub's goroutines.
func (h *Hub) tidy() {
	var arrivals lull
	for h.pause(h.timing.Tidy) {
		if arrivals.begins(h.next.Load()) {
			debug.FreeOSMemory() // some 20 ms at 19,000 connections, beside everybody else
		}
	}
}

// lull finds the end of a storm of arrivals.
type lull struct{ tidied, last uint32 }

// begins is told how many have come so far, again and again. It is true once
// after many have come, when no more than few still do.
func (l *lull) begins(came uint32) bool {
	calm := came-l.last < fewArrivals
	l.last = came
	if !calm || came-l.tidied < manyArrivals {
		return false
	}
	l.tidied = came
	return true
}
