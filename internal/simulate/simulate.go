// Package simulate lets a few nodes and people chat for a minute of fake time
// and looks whether every promise of delivery was kept. The hubs are the real
// ones, with the real window in memory; the database, the layer between the
// nodes, the sockets and the people are made here, so that they can fail,
// crash, lose, double, delay and stall as a seed decides.
//
// It owns the faults, the people and the checks. Real engines, processes and
// networks are not its business: what only they can show is not seen here.
//
// # One seed, one story
//
// Run must be called inside a bubble of testing/synctest. Everything random is
// drawn from the seed, and what a fake does in a certain nanosecond depends on
// that nanosecond and its own arguments, not on the order in which goroutines
// came by. A seed therefore tells nearly always the same story; where two
// goroutines race within one instant of fake time, it may differ in a detail.
//
// # What is checked
//
// While it runs: each event, hint and window entry is committed and is what
// was committed (durable before visible, agreement); each connection gets
// exactly the numbers that it must, from its answer on (prefix, no false
// answer); nobody hears anything from before their join or after their leave;
// deleted text is not replayed; an answer names a row that exists. At the end,
// after the faults: everybody has everything, although the layer may still
// lose every message (progress); keys and numbers stand where they were told,
// and each person's words in the order in which they were sent.
package simulate

import (
	"fmt"
	"time"
)

// Report is what happened under a seed.
type Report struct {
	Seed     uint64
	Findings []Finding // broken promises; none is what one wants
	Story    uint64    // a digest of all that people got, and when
	Tally    Tally
}

// Tally counts what happened, to show that something did.
type Tally struct {
	Committed, Delivered, Acked, Repeated int
	Resumes, Reloads, Crashes, Restores   int
	Turns                                 int // rooms to be loaded anew on a living connection
	Replayed, Holes, WindowReads          int
	StoreReads, Skips, SessionsEnded      int
}

// Add sums up.
func (t *Tally) Add(o Tally) {
	t.Committed += o.Committed
	t.Delivered += o.Delivered
	t.Acked += o.Acked
	t.Repeated += o.Repeated
	t.Resumes += o.Resumes
	t.Reloads += o.Reloads
	t.Crashes += o.Crashes
	t.Restores += o.Restores
	t.Turns += o.Turns
	t.Replayed += o.Replayed
	t.Holes += o.Holes
	t.WindowReads += o.WindowReads
	t.StoreReads += o.StoreReads
	t.Skips += o.Skips
	t.SessionsEnded += o.SessionsEnded
}

// String names a finding's seed, so that it can be run again.
func (r Report) String() string {
	text := fmt.Sprintf("seed %d", r.Seed)
	for _, finding := range r.Findings {
		text += "\n  " + finding.String()
	}
	return text
}

// settleTime is within which everybody must have everything after the last
// fault: a stalled write, a query given up, a pause, a resume and a sweep.
const settleTime = time.Minute

// Audience is told what happens while it happens: a bug may keep a run from
// ever coming to its end. Both functions are called from any goroutine, one of
// them also many times at once; nil is nobody.
type Audience struct {
	Line   func(line string) // everything, line by line
	Broken func(Finding)     // the findings of the report, as they come
}

// Run plays one seed to its end. It must be called inside a bubble.
func Run(seed uint64, a Audience) Report {
	w := newWorld(seed)
	w.findings.Audience = a
	w.findings.line("plan %+v", w.plan)
	w.start()
	w.nemesis()
	w.heal()
	w.settle()
	w.stop()
	w.judge()
	return Report{Seed: seed, Findings: w.findings.all(), Story: w.findings.story, Tally: w.tally}
}
