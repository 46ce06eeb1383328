package ratelimit_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/ratelimit"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestABurstGoesThroughAndThenTheRateHolds(t *testing.T) {
	limit := ratelimit.Limit{Rate: 3, Burst: 20} // a rate whose interval is no whole nanosecond
	var tat int64
	for i := range 20 {
		if ok, _ := limit.Allow(&tat, start, 1); !ok {
			t.Fatalf("event %d of the burst was refused", i+1)
		}
	}
	ok, wait := limit.Allow(&tat, start, 1)
	if ok || wait <= 333*time.Millisecond || wait >= 334*time.Millisecond {
		t.Fatalf("after the burst: %v, %v; want a refusal for a third of a second", ok, wait)
	}
}

func TestTwoLimitsCountTogetherOrNotAtAll(t *testing.T) {
	limits := ratelimit.Limits{{Rate: 5, Burst: 20}, ratelimit.PerMinute(100)}
	tats := make([]int64, 2)
	allowed := 0
	for tenth := range 600 { // one minute, more wanted than allowed
		now := start.Add(time.Duration(tenth) * 100 * time.Millisecond)
		if ok, _ := limits.Allow(tats, now, 1); ok {
			allowed++
		}
	}
	// 100 at once and 100 more a minute; refused events must not count.
	if allowed < 195 || allowed > 200 {
		t.Fatalf("%d events in the first minute, want nearly 200", allowed)
	}
}

func TestNoLimitAndTooManyAtOnce(t *testing.T) {
	var tat int64
	for range 1000 {
		if ok, _ := (ratelimit.Limit{}).Allow(&tat, start, 100); !ok {
			t.Fatal("a limit of rate 0 refused something")
		}
	}
	limit := ratelimit.Limit{Rate: 1, Burst: 5}
	if ok, wait := limit.Allow(&tat, start, 6); ok || wait <= 0 {
		t.Fatalf("six events in a burst of five: %v, %v", ok, wait)
	}
	if ok, _ := limit.Allow(&tat, start, 5); !ok {
		t.Fatal("the refused six used up the five")
	}
}

// TestTheLimitHoldsWhateverTheClockDoes runs random schedules with backward
// jumps. In every stretch of time passed, no more than Burst plus Rate times
// its length goes through; after a refusal, exactly the given wait suffices,
// and it is never longer than a full burst takes.
func TestTheLimitHoldsWhateverTheClockDoes(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		limit := ratelimit.Limit{Rate: 0.5 + 20*random.Float64(), Burst: 1 + random.IntN(30)}
		checkSchedule(t, seed, random, limit)
	}
}

func checkSchedule(t *testing.T, seed uint64, random *rand.Rand, limit ratelimit.Limit) {
	t.Helper()
	var tat int64
	now, passed, allowed := start, time.Duration(0), 0
	full := time.Duration(float64(limit.Burst+1) / limit.Rate * float64(time.Second))
	for range 300 {
		step := time.Duration(random.Int64N(int64(time.Second)))
		now, passed = now.Add(step), passed+step
		if random.IntN(20) == 0 {
			now = now.Add(-time.Duration(random.Int64N(int64(400 * 24 * time.Hour))))
		}
		n := 1 + random.IntN(limit.Burst)
		ok, wait := limit.Allow(&tat, now, n)
		if !ok {
			if wait <= 0 || wait > full {
				t.Fatalf("seed %d: wait %v, a full burst takes %v", seed, wait, full)
			}
			now, passed = now.Add(wait), passed+wait
			if ok, again := limit.Allow(&tat, now, n); !ok {
				t.Fatalf("seed %d: refused again after the wait, %v more", seed, again)
			}
		}
		allowed += n
		if most := float64(limit.Burst) + limit.Rate*passed.Seconds() + 0.001; float64(allowed) > most {
			t.Fatalf("seed %d: %d events in %v, at most %.2f", seed, allowed, passed, most)
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	limits := ratelimit.Limits{{Rate: 5, Burst: 20}, ratelimit.PerMinute(100)}
	tats := make([]int64, 2)
	now := start
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(100 * time.Millisecond)
		limits.Allow(tats, now, 1)
	}
}
