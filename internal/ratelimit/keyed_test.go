package ratelimit_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/ratelimit"
)

func TestEachKeyHasItsOwnLimit(t *testing.T) {
	keyed := ratelimit.NewKeyed(100, ratelimit.Limit{Rate: 1, Burst: 2})
	for _, key := range []string{"a", "b", strings.Repeat("long", 1000), strings.Repeat("long", 1001)} {
		for i, want := range []bool{true, true, false} {
			if ok, _ := keyed.Allow(key, start, 1); ok != want {
				t.Errorf("event %d of %.8q: %v, want %v", i+1, key, ok, want)
			}
		}
	}
}

func TestCheckingCountsNothing(t *testing.T) {
	keyed := ratelimit.NewKeyed(100, ratelimit.Limit{Rate: 1, Burst: 1})
	for range 10 {
		if ok, _ := keyed.Check("a", start, 1); !ok {
			t.Fatal("checking used up the limit")
		}
	}
	if keyed.Len() != 0 {
		t.Fatal("checking left an entry behind")
	}
	keyed.Allow("a", start, 1)
	if ok, wait := keyed.Check("a", start, 1); ok || wait != time.Second {
		t.Fatalf("after the one event: %v, %v", ok, wait)
	}
}

func TestTheTableIsBoundedAndForgetsTheIdlest(t *testing.T) {
	keyed := ratelimit.NewKeyed(10, ratelimit.Limit{Rate: 0.001, Burst: 1})
	keyed.Allow("idle", start, 1)
	keyed.Allow("busy", start, 1)
	for i := range 1000 {
		keyed.Allow("busy", start, 1)
		keyed.Allow(fmt.Sprint("flood", i), start, 1)
	}
	if keyed.Len() != 10 {
		t.Errorf("%d entries, want 10", keyed.Len())
	}
	if ok, _ := keyed.Check("busy", start, 1); ok {
		t.Error("the key in use was forgotten")
	}
	if ok, _ := keyed.Check("idle", start, 1); !ok {
		t.Error("the idlest key was kept")
	}
}

func TestSpentEntriesGoAway(t *testing.T) {
	keyed := ratelimit.NewKeyed(1000, ratelimit.Limit{Rate: 1, Burst: 1})
	for i := range 500 {
		keyed.Allow(fmt.Sprint(i), start, 1)
	}
	for range 250 {
		keyed.Allow("later", start.Add(time.Hour), 1)
	}
	if keyed.Len() != 1 {
		t.Errorf("%d entries an hour later, want 1", keyed.Len())
	}
}

func TestManyAtOnceGetNoMoreThanTheLimit(t *testing.T) {
	keyed := ratelimit.NewKeyed(10, ratelimit.Limit{Rate: 1, Burst: 50})
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				if ok, _ := keyed.Allow("a", start, 1); ok {
					allowed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if allowed.Load() != 50 {
		t.Errorf("%d allowed, want 50", allowed.Load())
	}
}

func BenchmarkKeyed(b *testing.B) {
	benchmarkKeyed(b, ratelimit.NewKeyed(1000, ratelimit.Limit{Rate: 5, Burst: 20}, ratelimit.PerMinute(100)))
}

func benchmarkKeyed(b *testing.B, keyed *ratelimit.Keyed) {
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = fmt.Sprint("user", i)
	}
	now, at := start, 0
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(10 * time.Millisecond)
		keyed.Allow(keys[at%len(keys)], now, 1)
		at++
	}
}
