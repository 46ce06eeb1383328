package channellayer

import "sync/atomic"

// Reason tells why a message was dropped.
type Reason uint8

// The reasons. Each dropped message is counted under one of them, once for each
// channel that it did not reach.
const (
	DropFull        Reason = iota // the channel's non-local part was full; Send has also returned ErrFull if the channel is of this process
	DropExpired                   // it got too old before anybody read it
	DropNoReader                  // nobody has that specific channel open
	DropClosed                    // it was unread when its channel was closed or the layer shut down
	DropMalformed                 // what came over the bus was no message; counted and skipped
	DropLost                      // a gap in a sender's numbers: the bus lost it on its way here
	DropUnavailable               // the bus did not take it; the caller has also got ErrUnavailable
	reasons                       // number of reasons
)

var reasonNames = [reasons]string{"full", "expired", "no_reader", "closed", "malformed", "lost", "unavailable"}

// String returns a word that suits the label of a metric.
func (r Reason) String() string {
	if r < reasons {
		return reasonNames[r]
	}
	return "unknown"
}

// Reasons returns all reasons.
func Reasons() []Reason {
	all := make([]Reason, reasons)
	for i := range all {
		all[i] = Reason(i)
	}
	return all
}

// Stats is a snapshot of a layer's counters since it was made, and of what it
// holds now. A fresh snapshot is never behind an older one.
type Stats struct {
	Sent      uint64            // Send calls that returned nil
	GroupSent uint64            // GroupSend calls that returned nil
	Queued    uint64            // messages put into mailboxes of this process, one per channel
	Received  uint64            // messages returned by Receive
	Drops     map[Reason]uint64 // every reason is present

	Channels int // channels with a mailbox in this process
	Groups   int // groups with a member in this process
	Waiting  int // messages in mailboxes of this process

	Up         bool    // the bus works; always true for a backend without one
	Reconnects uint64  // times the bus came back
	Probes     uint64  // probes sent over the bus
	ProbesLost uint64  // probes that did not come back in time
	ClockSkew  float64 // seconds by which the bus's clock is ahead of this process's, where a backend asks for it
}

// Dropped is the sum of all drops.
func (s Stats) Dropped() uint64 {
	var sum uint64
	for _, n := range s.Drops {
		sum += n
	}
	return sum
}

// Counters is what a backend counts with. The zero value is ready; all methods
// are safe for concurrent use.
type Counters struct {
	Sent, GroupSent, Queued, Received atomic.Uint64
	drops                             [reasons]atomic.Uint64
}

// Drop counts n messages dropped for a reason.
func (c *Counters) Drop(r Reason, n int) {
	if n > 0 {
		c.drops[r].Add(uint64(n))
	}
}

// Snapshot fills the counting part of Stats.
func (c *Counters) Snapshot() Stats {
	s := Stats{
		Sent: c.Sent.Load(), GroupSent: c.GroupSent.Load(),
		Queued: c.Queued.Load(), Received: c.Received.Load(),
		Drops: make(map[Reason]uint64, reasons), Up: true,
	}
	for r := range c.drops {
		s.Drops[Reason(r)] = c.drops[r].Load()
	}
	return s
}
