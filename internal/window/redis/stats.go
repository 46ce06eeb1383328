package redis

import "sync/atomic"

type counters struct {
	commands, failures, appended, holes, hits, misses, forged atomic.Uint64
}

// Stats is a snapshot of what a window has done since it was made.
type Stats struct {
	Commands uint64 // questions to Redis, a pipeline being one
	Failures uint64 // those without an answer, or with an error as the answer
	Appended uint64 // entries given to Redis, again those that it had
	Holes    uint64 // refused appends: something earlier was missing
	Hits     uint64 // ranges that were read
	Misses   uint64 // ranges that were not wholly inside
	Forged   uint64 // windows given up because of an entry that was not ours
}

// Stats gives a snapshot.
func (w *Window) Stats() Stats {
	c := w.stats
	return Stats{
		Commands: c.commands.Load(), Failures: c.failures.Load(),
		Appended: c.appended.Load(), Holes: c.holes.Load(),
		Hits: c.hits.Load(), Misses: c.misses.Load(), Forged: c.forged.Load(),
	}
}
