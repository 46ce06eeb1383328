package ratelimit_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/ratelimit"
)

// exchange has each of two nodes hear what the other let through.
func exchange(a, b ratelimit.Shared, now time.Time) {
	ofA, ofB := a.Unshared(1000), b.Unshared(1000)
	for _, use := range ofA {
		b.Charge(use, now)
	}
	for _, use := range ofB {
		a.Charge(use, now)
	}
}

func gathering[L ratelimit.Shared](l L) (limit L, urgent chan struct{}) {
	urgent = make(chan struct{}, 1)
	l.Gather(urgent)
	return l, urgent
}

func TestTwoNodesLetThroughWhatOneDoes(t *testing.T) {
	limits := ratelimit.Limits{{Rate: 5, Burst: 20}, ratelimit.PerMinute(100)}
	one := ratelimit.NewKeyed(10, limits...)
	a, _ := gathering(ratelimit.NewKeyed(10, limits...))
	b, _ := gathering(ratelimit.NewKeyed(10, limits...))
	long := strings.Repeat("long", 100)
	var alone, together int
	for tick := range 480 { // two minutes in quarters of a second, always more than is allowed
		now := start.Add(time.Duration(tick) * 250 * time.Millisecond)
		for range 10 {
			for _, node := range []*ratelimit.Keyed{a, b} {
				together += count(node.Allow(long, now, 1))
			}
			alone += count(one.Allow(long, now, 1))
		}
		exchange(a, b, now)
	}
	if together < alone*9/10 || together > alone*5/4 {
		t.Errorf("two nodes let %d through, one alone %d", together, alone)
	}
}

func count(ok bool, _ time.Duration) int {
	if ok {
		return 1
	}
	return 0
}

func TestOnlyWhatWasAllowedHereIsTold(t *testing.T) {
	keyed := ratelimit.NewKeyed(10, ratelimit.Limit{Rate: 0.01, Burst: 3})
	keyed.Allow("before", start, 1)
	if uses := keyed.Unshared(10); len(uses) != 0 {
		t.Fatalf("a node alone tells %v", uses)
	}
	keyed.Gather(nil)
	for range 5 {
		keyed.Allow("a", start, 1)
	}
	keyed.Check("b", start, 1)
	keyed.Charge(ratelimit.Use{Key: "c", N: 2}, start)
	if uses := keyed.Unshared(10); len(uses) != 1 || uses[0] != (ratelimit.Use{Key: "a", N: 3}) {
		t.Errorf("got %v", uses)
	}
	if uses := keyed.Unshared(10); len(uses) != 0 {
		t.Errorf("told twice: %v", uses)
	}
}

func TestWhatWasUsedMostIsToldFirstAndTheRestLater(t *testing.T) {
	keyed, _ := gathering(ratelimit.NewKeyed(100, ratelimit.Limit{Rate: 1, Burst: 100}))
	for n := 1; n <= 9; n++ {
		keyed.Allow(fmt.Sprint(n), start, n)
	}
	keyed.Allow("1", start, 1)
	for _, want := range [][]int{{9, 8, 7, 6}, {5, 4, 3, 2}, {2}, nil} {
		uses := keyed.Unshared(4)
		for i, n := range want {
			if len(uses) != len(want) || uses[i].N != n {
				t.Fatalf("got %v, want %v", uses, want)
			}
		}
	}
}

func TestTellingIsBoundedHoweverManyKeysAreUsed(t *testing.T) {
	keyed, _ := gathering(ratelimit.NewKeyed(10, ratelimit.Limit{Rate: 1, Burst: 1}))
	backoff, _ := gathering(ratelimit.NewBackoff(10))
	for i := range 30_000 {
		keyed.Allow(fmt.Sprint(i), start, 1)
		backoff.Begin(fmt.Sprint(i), start)
	}
	for name, limit := range map[string]ratelimit.Shared{"Keyed": keyed, "Backoff": backoff} {
		if n := len(limit.Unshared(math.MaxInt)); n == 0 || n > 10_000 {
			t.Errorf("%s tells of %d keys", name, n)
		}
	}
}

func TestALatePileOfNewsRefusesNoLongerThanAFullBurst(t *testing.T) {
	keyed := ratelimit.NewKeyed(10, ratelimit.Limit{Rate: 1, Burst: 20}, ratelimit.Limit{})
	for _, n := range []int{math.MaxInt, 50, math.MaxInt, -5, 0} {
		keyed.Charge(ratelimit.Use{Key: "a", N: n}, start)
	}
	for _, now := range []time.Time{start, start.Add(-400 * 24 * time.Hour)} { // then the clock is set back
		const full = 20 * time.Second
		ok, wait := keyed.Check("a", now, 1)
		if ok || wait > full+time.Second {
			t.Errorf("the next event: %v, wait %v", ok, wait)
		}
		if ok, again := keyed.Allow("a", now, 1); ok || again != wait {
			t.Errorf("to check says wait %v, to use %v, %v", wait, ok, again)
		}
		if ok, wait := keyed.Check("a", now.Add(wait), 1); !ok {
			t.Errorf("after the wait, %v more", wait)
		}
		if ok, wait := keyed.Check("a", now.Add(2*full), 20); !ok {
			t.Errorf("untouched again after %v more", wait)
		}
	}
	keyed.Allow("b", start.Add(time.Hour), 1)
	if keyed.Len() != 1 {
		t.Error("what was charged is never forgotten")
	}
}

func TestChargingIsLikeCounting(t *testing.T) {
	limits := ratelimit.Limits{{Rate: 3, Burst: 20}, ratelimit.PerMinute(100)}
	counted, charged := ratelimit.NewKeyed(10, limits...), ratelimit.NewKeyed(10, limits...)
	for i := range 40 {
		now := start.Add(time.Duration(i) * 700 * time.Millisecond)
		if ok, _ := counted.Allow("a", now, 1+i%3); ok {
			charged.Charge(ratelimit.Use{Key: "a", N: 1 + i%3}, now)
		}
		_, one := counted.Check("a", now, 20)
		if _, other := charged.Check("a", now, 20); one != other {
			t.Fatalf("step %d: counted %v, charged %v", i, one, other)
		}
	}
}

func TestWrongPasswordsOnTwoNodesAreSlowedDownAsOnOne(t *testing.T) {
	a, _ := gathering(ratelimit.NewBackoff(10))
	b, _ := gathering(ratelimit.NewBackoff(10))
	nodes := []*ratelimit.Backoff{a, b}
	for i := range ratelimit.FreeAttempts {
		if ok, _ := nodes[i%2].Begin("ann", start); !ok {
			t.Fatalf("attempt %d was refused", i+1)
		}
		exchange(a, b, start)
	}
	want := ratelimit.FirstDelay
	for now, i := start, 0; i < 12; i++ {
		for _, node := range nodes {
			if ok, wait := node.Begin("ann", now); ok || wait != want {
				t.Fatalf("wrong password %d: %v, wait %v, want %v", i, ok, wait, want)
			}
		}
		now = now.Add(want)
		nodes[i%2].Begin("ann", now)
		exchange(a, b, now)
		want = min(2*want, ratelimit.LongestDelay)
	}
}

func TestARightPasswordClearsTheRecordEverywhereAndIsUrgent(t *testing.T) {
	a, urgent := gathering(ratelimit.NewBackoff(10))
	b, _ := gathering(ratelimit.NewBackoff(10))
	useUpFreeAttempts(t, a, start)
	exchange(a, b, start)
	later := start.Add(ratelimit.FirstDelay)
	b.Begin("ann", later) // wrong, and not told before the news
	if ok, _ := a.Begin("ann", later); !ok || len(urgent) != 0 {
		t.Fatalf("allowed: %v, urgent: %d", ok, len(urgent))
	}
	a.Succeeded("ann")
	a.Begin("ann", later)
	if len(urgent) != 1 {
		t.Error("a right password is not urgent")
	}
	exchange(a, b, later) // b hears of it while a hears of b's attempt
	useUpAttempts(t, b, later, ratelimit.FreeAttempts-1)
}

func useUpAttempts(t *testing.T, backoff *ratelimit.Backoff, now time.Time, n int) {
	t.Helper()
	for i := range n {
		if ok, wait := backoff.Begin("ann", now); !ok {
			t.Fatalf("attempt %d has to wait %v", i+1, wait)
		}
	}
	if ok, _ := backoff.Begin("ann", now); ok {
		t.Fatalf("attempt %d is free", n+1)
	}
}

func TestAnAttemptTakenBackIsTakenBackEverywhere(t *testing.T) {
	a, _ := gathering(ratelimit.NewBackoff(10))
	b, _ := gathering(ratelimit.NewBackoff(10))
	a.Begin("ann", start)
	a.TakeBack("ann")
	if uses := a.Unshared(10); len(uses) != 0 {
		t.Errorf("told of nothing: %v", uses)
	}
	a.Begin("ann", start)
	exchange(a, b, start)
	a.TakeBack("ann")
	exchange(a, b, start)
	b.Charge(ratelimit.Use{Key: "bob", N: -3}, start)
	useUpAttempts(t, b, start, ratelimit.FreeAttempts)
}

func TestALatePileOfAttemptsLocksNobodyOut(t *testing.T) {
	backoff := ratelimit.NewBackoff(10)
	for range 3 {
		backoff.Charge(ratelimit.Use{Key: "ann", N: math.MaxInt}, start)
	}
	if ok, wait := backoff.Begin("ann", start); ok || wait != ratelimit.LongestDelay {
		t.Errorf("%v, wait %v", ok, wait)
	}
	if ok, _ := backoff.Begin("ann", start.Add(ratelimit.LongestDelay)); !ok {
		t.Error("refused after the longest delay")
	}
}

func BenchmarkSharedKeyed(b *testing.B) {
	keyed, _ := gathering(ratelimit.NewKeyed(1000, ratelimit.Limit{Rate: 5, Burst: 20}, ratelimit.PerMinute(100)))
	benchmarkKeyed(b, keyed)
}
