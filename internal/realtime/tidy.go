package realtime

import "runtime/debug"

// Of tidying.
const (
	manyArrivals = 1000              // leave enough behind to look for it
	fewArrivals  = manyArrivals / 10 // between two looks: the storm is over
	lateLooks    = 10                // after a storm
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

// lull finds the end of a storm of arrivals, and those who were late for it:
// on a busy machine it may seem over in between.
type lull struct {
	tidied, last uint32
	late         int // looks for which few more are enough
}

// begins is told how many have come so far, again and again. It is true after
// many have come, when no more than few still do.
func (l *lull) begins(came uint32) bool {
	calm, enough := came-l.last < fewArrivals, uint32(manyArrivals)
	l.last = came
	if l.late > 0 {
		l.late--
		enough = fewArrivals
	}
	if !calm || came-l.tidied < enough {
		return false
	}
	if came-l.tidied >= manyArrivals {
		l.late = lateLooks
	}
	l.tidied = came
	return true
}
