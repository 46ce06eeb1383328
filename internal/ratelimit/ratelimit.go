// Package ratelimit decides whether something may happen now or later.
//
// It owns the arithmetic of limits: Limit (GCRA, one int64 of state) for what
// a single owner counts, Keyed for many owners in a bounded map, Backoff for
// wrong passwords. It does not know what is limited or why, reads no clock and
// starts no goroutine: every call is told the time. Nor does it speak to other
// nodes: what was counted since last time can be taken and told to them, and
// what they tell be charged, by Shared.
//
// The time may jump. A clock set back never gives anybody more than the limit
// allows, and never makes anybody wait longer than an empty limit takes to
// fill up (twice that if other nodes have counted too). A clock set forward is taken for time that has passed.
package ratelimit

import (
	"math"
	"time"
)

// Limit lets Burst events through at once and Rate events a second on average.
// A Rate of zero or less is no limit. A Burst below one counts as one.
type Limit struct {
	Rate  float64 // events a second
	Burst int     // events
}

// PerMinute is a limit of n events a minute that may come at once.
func PerMinute(n int) Limit {
	return Limit{Rate: float64(n) / 60, Burst: n}
}

// Allow reports whether n events may happen now and, if so, counts them in
// *tat, the limit's whole state (zero at the start, owned and locked by the
// caller). If not, it changes nothing but a state from the future, and
// retryAfter is the time after which the same call succeeds when nothing else
// happens meanwhile. More events than Burst never fit: then retryAfter is the
// time until the limit is untouched again.
func (l Limit) Allow(tat *int64, now time.Time, n int) (ok bool, retryAfter time.Duration) {
	state := []int64{*tat}
	ok, retryAfter = Limits{l}.Allow(state, now, n)
	*tat = state[0]
	return ok, retryAfter
}

// next returns the state after n events at now and how long to wait for it; a
// wait above zero means that the events do not fit yet.
//
// The state is the theoretical arrival time of GCRA in nanoseconds: the moment
// at which the limit is untouched again. It cannot rightly lie further ahead
// than a full burst takes, so what does is a clock set back, and is cut to
// "burst used up".
func (l Limit) next(tat int64, now time.Time, n int) (next int64, wait time.Duration) {
	if l.Rate <= 0 || n <= 0 {
		return tat, 0
	}
	at, full := now.UnixNano(), l.cost(l.burst())
	tat = min(max(tat, at), at+full)
	if n > l.burst() {
		return tat, max(time.Duration(tat-at), 1)
	}
	next = tat + l.cost(n)
	return next, time.Duration(next - at - full)
}

// clamp cuts a state from the future as next does.
func (l Limit) clamp(tat int64, now time.Time) int64 {
	if l.Rate <= 0 {
		return tat
	}
	return min(tat, now.UnixNano()+l.cost(l.burst()))
}

// charge counts n events that have happened elsewhere, and refuses nothing.
// What is more than a burst is owed: two nodes that each let the last event
// through at once have to wait for both. It is never more than another full
// burst, however many events are told at once.
func (l Limit) charge(tat, owed int64, now time.Time, n int) (nextTat, nextOwed int64) {
	if l.Rate <= 0 || n <= 0 {
		return tat, owed
	}
	tat, owed = l.settle(tat, owed, now)
	full := l.cost(l.burst())
	tat, owed = l.settle(tat, owed+min(l.cost(n), 2*full), now)
	return tat, min(owed, full)
}

// settle moves to the state what is owed, as far as time has made room.
func (l Limit) settle(tat, owed int64, now time.Time) (nextTat, nextOwed int64) {
	at, full := now.UnixNano(), l.cost(l.burst())
	due := max(min(tat, at+full)+owed, at)
	tat = min(due, at+full)
	return tat, due - tat
}

func (l Limit) burst() int { return max(l.Burst, 1) }

// cost is the time that n events take at the limit's rate, at most fifty years,
// so that no sum of a time and a few costs overflows. It is rounded up per event:
// n events cost the same together as one by one.
func (l Limit) cost(n int) int64 {
	const longest = 50 * 365 * 24 * time.Hour
	return int64(math.Min(float64(n)*math.Ceil(1e9/l.Rate), float64(longest)))
}

// Limits are several limits that must all agree, such as 5 a second and 100 a
// minute. Events are counted in all of them or in none.
type Limits []Limit

// Allow is Limit.Allow for all limits at once; tats has one state a limit.
// retryAfter is that of the limit that takes longest.
func (ls Limits) Allow(tats []int64, now time.Time, n int) (ok bool, retryAfter time.Duration) {
	retryAfter = ls.wait(tats, now, n)
	for i, l := range ls {
		if retryAfter > 0 {
			tats[i] = l.clamp(tats[i], now)
			continue
		}
		tats[i], _ = l.next(tats[i], now, n)
	}
	return retryAfter <= 0, max(retryAfter, 0)
}

func (ls Limits) wait(tats []int64, now time.Time, n int) time.Duration {
	var longest time.Duration
	for i, l := range ls {
		_, wait := l.next(tats[i], now, n)
		longest = max(longest, wait)
	}
	return longest
}
