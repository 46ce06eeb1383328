package ratelimit

import (
	"slices"
	"sync"
	"time"
)

// sweptPerUse is how many spent entries one use may clear away: more than the
// one it may add, so that a table shrinks after a flood.
const sweptPerUse = 2

// Keyed applies the same limits to each of many keys: addresses, accounts. It
// is safe for concurrent use.
//
// It remembers a bounded number of keys. Above that the key unused for longest
// is forgotten, so somebody with more keys than that is not limited by Keyed:
// the size is to be larger than what one attacker can muster.
type Keyed struct {
	limits Limits

	mu     sync.Mutex
	states *table[tally] // guarded by mu
	news   *keyedNews    // nil: not shared; guarded by mu
}

// tally is what is known of one key.
type tally struct {
	tats     []int64 // one state a limit
	owed     []int64 // for each limit, what other nodes let through beyond it; nil: nothing
	unshared int     // events that the other nodes have not been told of
}

// NewKeyed returns limits for at most size keys.
func NewKeyed(size int, limits ...Limit) *Keyed {
	return &Keyed{limits: limits, states: newTable[tally](size)}
}

// Allow is Limits.Allow for one key.
func (k *Keyed) Allow(key string, now time.Time, n int) (ok bool, retryAfter time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	of := k.tallyOf(key, now)
	k.settle(of, now)
	ok, retryAfter = k.limits.Allow(of.tats, now, n)
	switch {
	case !ok && of.owed != nil:
		retryAfter = k.wait(of, now, n)
	case ok && k.news != nil:
		k.news.note(key, of, n)
	}
	return ok, retryAfter
}

// tallyOf counts as a use of the key. Call it with mu held.
func (k *Keyed) tallyOf(key string, now time.Time) *tally {
	k.states.sweep(sweptPerUse, func(t *tally) bool { return k.spent(t, now) })
	of := k.states.use(key)
	if of.tats == nil {
		of.tats = make([]int64, len(k.limits))
	}
	return of
}

// Check tells what Allow would, and counts nothing. It is for limits on what
// turned out badly: Check before, Allow after a failure.
func (k *Keyed) Check(key string, now time.Time, n int) (ok bool, retryAfter time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	of := tally{tats: make([]int64, len(k.limits))}
	if known := k.states.find(key); known != nil {
		copy(of.tats, known.tats)
		of.owed = slices.Clone(known.owed)
	}
	k.settle(&of, now)
	wait := k.wait(&of, now, n)
	return wait <= 0, max(wait, 0)
}

// settle takes what is owed into account.
func (k *Keyed) settle(of *tally, now time.Time) {
	for i, owed := range of.owed {
		if owed > 0 {
			of.tats[i], of.owed[i] = k.limits[i].settle(of.tats[i], owed, now)
		}
	}
}

// wait is how long n events have to wait for all limits, after settle.
func (k *Keyed) wait(of *tally, now time.Time, n int) time.Duration {
	var longest time.Duration
	for i, l := range k.limits {
		_, wait := l.next(of.tats[i], now, n)
		if of.owed != nil {
			wait += time.Duration(of.owed[i])
		}
		longest = max(longest, wait)
	}
	return longest
}

// Len returns how many keys are remembered.
func (k *Keyed) Len() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.states.entries)
}

// spent reports whether all limits are untouched again.
func (k *Keyed) spent(of *tally, now time.Time) bool {
	for i, due := range of.tats {
		if of.owed != nil {
			due += of.owed[i]
		}
		if due > now.UnixNano() {
			return false
		}
	}
	return true
}
