package ratelimit

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Shared is a limit that several nodes count together: Keyed and Backoff are.
// Each node decides by what it knows and waits for nobody; what it let through
// it tells the others a little later. Between two tellings each node may
// therefore let through what one alone would.
type Shared interface {
	// Gather begins to note what is counted. When something should be told
	// without delay, urgent gets a value if it has room. Call it once, before
	// the limit is used.
	Gather(urgent chan<- struct{})
	// Unshared hands out what was let through here since it last did, the keys
	// with most use first and at most so many; the rest waits.
	Unshared(most int) []Use
	// Charge counts what was let through on another node. It refuses nothing,
	// is not handed out by Unshared, and however much it is, nobody has to wait
	// longer for it than the limit takes from used up to untouched.
	Charge(use Use, now time.Time)
}

// Use is how much was let through under a key.
type Use struct {
	Key     string // at most 64 bytes, and not always text
	N       int    // may be negative: attempts taken back
	Cleared bool   // the right password was given, before these N
}

// maxUnshared bounds how many keys wait to be told. Those above it are limited
// on their node only.
const maxUnshared = 10_000

// keyedNews are the keys of a Keyed that have something to tell.
type keyedNews struct{ waiting []keyedUse }

type keyedUse struct {
	key string
	of  *tally
}

func (w *keyedNews) note(key string, of *tally, n int) {
	if of.unshared == 0 {
		if len(w.waiting) == maxUnshared {
			return
		}
		w.waiting = append(w.waiting, keyedUse{key, of})
	}
	of.unshared += n
}

// Gather is that of Shared. Nothing of a Keyed is urgent.
func (k *Keyed) Gather(chan<- struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.news = new(keyedNews)
}

// Unshared is that of Shared.
func (k *Keyed) Unshared(most int) []Use {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.news == nil || len(k.news.waiting) == 0 {
		return nil
	}
	waiting := k.news.waiting
	if len(waiting) > most {
		slices.SortFunc(waiting, func(a, b keyedUse) int { return cmp.Compare(b.of.unshared, a.of.unshared) })
	}
	uses := make([]Use, min(most, len(waiting)))
	for i := range uses {
		of := waiting[i].of
		uses[i] = Use{Key: shortKey(waiting[i].key), N: of.unshared}
		of.unshared = 0
	}
	k.news.waiting = slices.Delete(waiting, 0, len(uses))
	return uses
}

// Charge is that of Shared.
func (k *Keyed) Charge(use Use, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	of := k.tallyOf(use.Key, now)
	if of.owed == nil {
		of.owed = make([]int64, len(k.limits))
	}
	for i, l := range k.limits {
		of.tats[i], of.owed[i] = l.charge(of.tats[i], of.owed[i], now, use.N)
	}
}

// guessNews is what a Backoff has to tell. Attempts are rare enough for a map.
type guessNews struct {
	urgent   chan<- struct{}
	accounts map[string]Use
}

// begun notes attempts, or with -1 that one was taken back.
func (w *guessNews) begun(account string, n int) {
	if w == nil {
		return
	}
	account = shortKey(account)
	use := w.accounts[account]
	use.N += n
	w.put(account, use)
}

// cleared notes a right password, which makes up for all attempts before it.
// Somebody may try the next node at once, so it is urgent.
func (w *guessNews) cleared(account string) {
	if w == nil {
		return
	}
	w.put(shortKey(account), Use{Cleared: true})
	select {
	case w.urgent <- struct{}{}:
	default:
	}
}

func (w *guessNews) put(account string, use Use) {
	use.Key = account
	_, known := w.accounts[account]
	switch {
	case use.N == 0 && !use.Cleared:
		delete(w.accounts, account)
	case known || len(w.accounts) < maxUnshared:
		w.accounts[account] = use
	}
}

// Gather is that of Shared. That an account's record was cleared is urgent.
func (b *Backoff) Gather(urgent chan<- struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news = &guessNews{urgent: urgent, accounts: map[string]Use{}}
}

// Unshared is that of Shared.
func (b *Backoff) Unshared(most int) []Use {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.news == nil || len(b.news.accounts) == 0 {
		return nil
	}
	uses := slices.Collect(maps.Values(b.news.accounts))
	if len(uses) > most {
		slices.SortFunc(uses, func(a, c Use) int { return cmp.Compare(c.N, a.N) })
		uses = uses[:most]
	}
	for _, use := range uses {
		delete(b.news.accounts, use.Key)
	}
	return uses
}

// maxCharged is the count at which the wait is the longest: attempts of other
// nodes do not raise it further.
const maxCharged = FreeAttempts + 6

// Charge is that of Shared.
func (b *Backoff) Charge(use Use, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accounts.sweep(sweptPerUse, func(a *attempts) bool { return a.isForgotten(now) })
	if use.Cleared {
		b.accounts.remove(use.Key)
		b.news.forget(use.Key)
	}
	switch record := b.accounts.find(use.Key); {
	case use.N < 0 && record != nil:
		record.count = max(0, record.count+use.N)
	case use.N > 0:
		record = b.accounts.use(use.Key)
		record.settle(now)
		record.add(max(0, min(use.N, maxCharged-record.count)), now)
	}
}

// forget drops what there was to tell of attempts before a right password.
func (w *guessNews) forget(account string) {
	if w != nil {
		delete(w.accounts, account)
	}
}
