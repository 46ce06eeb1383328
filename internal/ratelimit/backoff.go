package ratelimit

import (
	"sync"
	"time"
)

// The rules of Backoff.
const (
	FreeAttempts = 10 // within FreeWindow
	FreeWindow   = 3 * time.Minute
	FirstDelay   = 15 * time.Second // after the last free attempt; then it doubles
	LongestDelay = 15 * time.Minute
	forgetAfter  = 2 * LongestDelay // without any attempt
)

// Backoff slows down guessing of passwords, per account. Ten attempts within
// three minutes are free; after that each wrong one doubles the wait for the
// next, up to a quarter of an hour. An account is never locked for good, a
// right password clears its record at once, and half an hour of quiet does so
// too.
//
// An attempt counts as wrong from the moment it is begun, so that a hundred at
// once are not a hundred free ones. It is safe for concurrent use and
// remembers a bounded number of accounts, the one idle for longest making
// room; the limit per address keeps anybody from flushing it.
type Backoff struct {
	mu       sync.Mutex
	accounts *table[attempts] // guarded by mu
	news     *guessNews       // nil: not shared; guarded by mu
}

// attempts is the record of one account.
type attempts struct {
	count int       // begun and not found right
	since time.Time // start of the free window
	last  time.Time // latest attempt that was let through
}

// NewBackoff returns a Backoff for at most size accounts.
func NewBackoff(size int) *Backoff {
	return &Backoff{accounts: newTable[attempts](size)}
}

// Begin reports whether a password may be tried on the account now, and counts
// the attempt if so. Otherwise retryAfter tells when one may. Afterwards call
// Succeeded if the password was right, TakeBack if it was never compared, and
// nothing if it was wrong.
func (b *Backoff) Begin(account string, now time.Time) (ok bool, retryAfter time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accounts.sweep(sweptPerUse, func(a *attempts) bool { return a.isForgotten(now) })
	record := b.accounts.use(account)
	record.settle(now)
	if wait := record.last.Add(record.delay()).Sub(now); record.count >= FreeAttempts && wait > 0 {
		return false, wait
	}
	record.add(1, now)
	b.news.begun(account, 1)
	return true, 0
}

// Succeeded clears the account's record.
func (b *Backoff) Succeeded(account string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accounts.remove(account)
	b.news.cleared(account)
}

// TakeBack uncounts one attempt that was begun and not decided, because the
// server was too busy to look at the password.
func (b *Backoff) TakeBack(account string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if record := b.accounts.find(account); record != nil && record.count > 0 {
		record.count--
		b.news.begun(account, -1)
	}
}

// settle brings the record to now: times in the future are a clock set back
// and become now; a free window or the whole record may be over.
func (a *attempts) settle(now time.Time) {
	if a.last.After(now) {
		a.last = now
	}
	if a.since.After(now) {
		a.since = now
	}
	overWindow := a.count < FreeAttempts && now.Sub(a.since) > FreeWindow
	if overWindow || a.isForgotten(now) {
		*a = attempts{}
	}
}

// add counts attempts of now.
func (a *attempts) add(n int, now time.Time) {
	if a.count == 0 {
		a.since = now
	}
	a.count += n
	a.last = now
}

func (a *attempts) isForgotten(now time.Time) bool {
	return now.Sub(a.last) > forgetAfter
}

// delay is the wait after the latest attempt.
func (a *attempts) delay() time.Duration {
	delay := FirstDelay
	for i := FreeAttempts; i < a.count && delay < LongestDelay; i++ {
		delay *= 2
	}
	return min(delay, LongestDelay)
}
