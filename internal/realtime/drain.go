package realtime

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// Bounds of a drain. What remains of its time is for the peers' answers.
const (
	drainSpread = 5 * time.Second
	drainTail   = 2 * time.Second
	drainSteps  = 50
)

// Drain lets nobody in any more and closes all connections with 1012, spread
// over a few seconds so that they do not come back all at once. It returns
// when the last is gone, at the latest when ctx ends, after cutting off the
// rest; the error is that of ctx.
func (h *Hub) Drain(ctx context.Context) error {
	h.draining.Store(true)
	all := h.people.all()
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	pause := spread(ctx, len(all)) / drainSteps
	portion := (len(all) + drainSteps - 1) / drainSteps
	for len(all) > 0 && wait(ctx, pause) {
		n := min(portion, len(all))
		for _, c := range all[:n] {
			c.close(wire.CloseRestart, "restarting")
		}
		all = all[n:]
	}
	for h.people.count() > 0 && wait(ctx, 10*time.Millisecond) {
		for _, c := range h.people.all() {
			c.close(wire.CloseRestart, "restarting")
		}
	}
	for _, c := range h.people.all() {
		c.cutOff()
	}
	return ctx.Err()
}

// spread is how long the closing of n connections is drawn out: a millisecond
// for each, within what ctx leaves.
func spread(ctx context.Context, n int) time.Duration {
	long := min(time.Duration(n)*time.Millisecond, drainSpread)
	if deadline, ok := ctx.Deadline(); ok {
		long = min(long, max(time.Until(deadline)-drainTail, 0))
	}
	return long
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
