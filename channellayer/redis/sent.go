package redis

import (
	"sync"
	"time"
)

// sentLog numbers what this process publishes, by destination (the name of a
// pub/sub channel).
type sentLog struct {
	now  func() time.Time
	mu   sync.Mutex
	runs uint64             // guarded by mu; number of the last run begun
	rows map[string]*sender // guarded by mu
}

// sender counts messages to one destination.
type sender struct {
	counters
	last   time.Time // when the newest message was sent
	tailed bool      // receivers have been told the newest number since
}

// The tail tells receivers of a loss at the end: it follows when nothing has
// been sent for longer than it takes to find a dead subscription.
const (
	tailAfter   = 5 * time.Second
	forgetAfter = time.Minute
	maxSenders  = 1 << 17 // destinations numbered at once; others go without numbers
	maxTails    = 1024    // per sweep
)

func newSentLog(now func() time.Time) *sentLog {
	return &sentLog{now: now, rows: make(map[string]*sender)}
}

// next returns the counters for a message that is about to be published, or
// zeros, which receivers ignore, if there are too many destinations.
func (l *sentLog) next(destination string) counters {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.rows[destination]
	if s == nil {
		if len(l.rows) >= maxSenders {
			return counters{}
		}
		l.runs++
		s = &sender{counters: counters{run: l.runs}}
		l.rows[destination] = s
	}
	s.number++
	s.last, s.tailed = now, false
	return s.counters
}

// fail notes that a numbered message reached nobody.
func (l *sentLog) fail(destination string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.rows[destination]; s != nil {
		s.failed++
	}
}

// tails returns the destinations that are owed a tail, with their counters, and
// forgets those that have been silent for long.
func (l *sentLog) tails() map[string]counters {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	due := make(map[string]counters)
	for destination, s := range l.rows {
		switch idle := now.Sub(s.last); {
		case s.tailed && idle > forgetAfter:
			delete(l.rows, destination)
		case !s.tailed && idle > tailAfter && len(due) < maxTails:
			due[destination] = s.counters
		}
	}
	return due
}

// tailSent notes that a tail with these counters was published.
func (l *sentLog) tailSent(destination string, c counters) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.rows[destination]; s != nil && s.counters == c {
		s.tailed = true
	}
}
