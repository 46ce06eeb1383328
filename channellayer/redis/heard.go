package redis

import (
	"math/bits"
	"sync"
	"time"
)

// heardLog finds the gaps in what other processes have numbered, by destination
// and sender.
type heardLog struct {
	now  func() time.Time
	mu   sync.Mutex
	rows map[string]map[string]*heard // guarded by mu; destination, sending process
	size int                          // guarded by mu; all senders of all destinations
}

// window is how far behind the newest number an older one may still come:
// concurrent calls of one process overtake each other.
const window = 1024

// heard is what is known of one sender.
type heard struct {
	counters                     // the newest
	base     uint64              // failed when the run was first heard
	gaps     uint64              // numbers that never came
	counted  uint64              // of them, reported as lost
	seen     [window / 64]uint64 // which of the newest numbers have come, at number mod window
	last     time.Time
}

const (
	maxHeard   = 1 << 18          // senders followed at once; losses of others are not noticed
	heardAfter = 15 * time.Minute // a silent sender is forgotten
)

func newHeardLog(now func() time.Time) *heardLog {
	return &heardLog{now: now, rows: make(map[string]map[string]*heard)}
}

// note notes a frame and returns how many messages have turned out to be lost.
func (l *heardLog) note(destination string, f *frame) int {
	if f.count.run == 0 {
		return 0
	}
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.rows[destination][f.process]
	if h == nil {
		l.begin(destination, f, now)
		return 0
	}
	h.last = now
	lost := 0
	if h.run != f.count.run {
		lost = h.finish()
		h.reset(counters{run: f.count.run})
	}
	h.advance(f.count)
	if f.kind == frameTail {
		return lost + h.finish()
	}
	h.mark(f.count.number)
	return lost + h.report()
}

// begin follows a new sender. What it sent before is none of our business.
// Caller holds l.mu.
func (l *heardLog) begin(destination string, f *frame, now time.Time) {
	if l.size >= maxHeard {
		return
	}
	h := &heard{last: now}
	h.reset(f.count)
	if l.rows[destination] == nil {
		l.rows[destination] = make(map[string]*heard)
	}
	l.rows[destination][f.process] = h
	l.size++
}

// forget forgets the senders of a destination that is no longer listened to.
func (l *heardLog) forget(destination string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.size -= len(l.rows[destination])
	delete(l.rows, destination)
}

// sweep forgets senders that have been silent for long.
func (l *heardLog) sweep() {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for destination, senders := range l.rows {
		for process, h := range senders {
			if now.Sub(h.last) > heardAfter {
				delete(senders, process)
				l.size--
			}
		}
		if len(senders) == 0 {
			delete(l.rows, destination)
		}
	}
}

// reset begins at the given counters, with nothing missing before.
func (h *heard) reset(c counters) {
	*h = heard{counters: c, base: c.failed, last: h.last}
	for i := range h.seen {
		h.seen[i] = ^uint64(0)
	}
}

// advance moves the newest number on. The numbers that fall out of the window
// without having come are gaps.
func (h *heard) advance(c counters) {
	h.failed = max(h.failed, c.failed)
	if c.number <= h.number {
		return
	}
	if ahead := c.number - h.number; ahead > window {
		h.gaps += h.unseen() + ahead - window
		clear(h.seen[:])
		h.number = c.number
		return
	}
	for h.number < c.number {
		h.number++
		word, bit := place(h.number)
		if h.seen[word]&bit == 0 {
			h.gaps++
		}
		h.seen[word] &^= bit
	}
}

func place(number uint64) (word int, bit uint64) {
	return int(number % window / 64), 1 << (number % 64)
}

// mark notes that a number has come, if it is not too old to matter.
func (h *heard) mark(number uint64) {
	if number+window > h.number {
		word, bit := place(number)
		h.seen[word] |= bit
	}
}

func (h *heard) unseen() uint64 {
	n := uint64(window)
	for _, word := range h.seen {
		n -= uint64(bits.OnesCount64(word))
	}
	return n
}

// finish counts all that is missing up to the newest number.
func (h *heard) finish() int {
	h.gaps += h.unseen()
	for i := range h.seen {
		h.seen[i] = ^uint64(0)
	}
	return h.report()
}

// report returns the gaps that have not been reported and are not explained by
// messages which the sender itself has counted as failed.
func (h *heard) report() int {
	explained := h.failed - h.base
	if h.gaps <= explained || h.gaps-explained <= h.counted {
		return 0
	}
	lost := h.gaps - explained - h.counted
	h.counted += lost
	return int(lost)
}
