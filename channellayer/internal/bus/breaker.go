package bus

import (
	"sync"
	"time"
)

// breaker spares callers the wait for a deadline that others have just missed:
// after several failures in a row it refuses at once, letting one call try now
// and then.
type breaker struct {
	mu       sync.Mutex
	failures int       // guarded by mu; in a row
	until    time.Time // guarded by mu; refuse before
	trying   bool      // guarded by mu; the one trial is under way
}

const (
	breakAfter = 3
	breakFor   = 250 * time.Millisecond
)

// allow tells whether a call may be made. Each allowed call is followed by one
// done.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < breakAfter {
		return true
	}
	if b.trying || now.Before(b.until) {
		return false
	}
	b.trying = true
	return true
}

func (b *breaker) done(now time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	if ok {
		b.failures = 0
		return
	}
	b.failures++
	b.until = now.Add(breakFor)
}

// reset forgets all failures: there is a new connection.
func (b *breaker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures, b.trying = 0, false
}
