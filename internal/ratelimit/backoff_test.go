package ratelimit_test

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/ratelimit"
)

func TestTenWrongPasswordsAreFreeAndThenTheWaitDoubles(t *testing.T) {
	backoff := ratelimit.NewBackoff(10)
	now := start
	useUpFreeAttempts(t, backoff, now)
	want := ratelimit.FirstDelay
	for range 12 {
		ok, wait := backoff.Begin("ann", now)
		if ok || wait != want {
			t.Fatalf("wait %v (%v), want %v", wait, ok, want)
		}
		now = now.Add(wait)
		if ok, _ := backoff.Begin("ann", now); !ok {
			t.Fatalf("still refused after %v", wait)
		}
		want = min(2*want, ratelimit.LongestDelay)
	}
}

func useUpFreeAttempts(t *testing.T, backoff *ratelimit.Backoff, now time.Time) {
	t.Helper()
	for i := range ratelimit.FreeAttempts {
		if ok, wait := backoff.Begin("ann", now); !ok {
			t.Fatalf("attempt %d has to wait %v", i+1, wait)
		}
	}
}

func TestARightPasswordClearsTheRecord(t *testing.T) {
	backoff := ratelimit.NewBackoff(10)
	useUpFreeAttempts(t, backoff, start)
	backoff.Succeeded("ann")
	useUpFreeAttempts(t, backoff, start)
}

func TestAnAttemptNeverDecidedCanBeTakenBack(t *testing.T) {
	backoff := ratelimit.NewBackoff(10)
	useUpFreeAttempts(t, backoff, start)
	backoff.TakeBack("ann")
	if ok, _ := backoff.Begin("ann", start); !ok {
		t.Error("the attempt taken back still counts")
	}
	if ok, _ := backoff.Begin("ann", start); ok {
		t.Error("more came back than was taken")
	}
}

func TestSlowMistakesAreFree(t *testing.T) {
	backoff := ratelimit.NewBackoff(10)
	now := start
	for i := range 100 {
		if ok, _ := backoff.Begin("ann", now); !ok {
			t.Fatalf("attempt %d, one in 30 s, was refused", i+1)
		}
		now = now.Add(30 * time.Second)
	}
}

func TestOthersAreNotSlowedDown(t *testing.T) {
	backoff := ratelimit.NewBackoff(10)
	useUpFreeAttempts(t, backoff, start)
	if ok, _ := backoff.Begin("bob", start); !ok {
		t.Error("bob waits for ann's mistakes")
	}
}

func TestQuietClearsTheRecord(t *testing.T) {
	backoff := ratelimit.NewBackoff(10)
	useUpFreeAttempts(t, backoff, start)
	useUpFreeAttempts(t, backoff, start.Add(time.Hour))
}

func TestAClockSetBackNeitherFreesNorSticks(t *testing.T) {
	for _, jump := range []time.Duration{time.Second, time.Hour, 400 * 24 * time.Hour} {
		backoff := ratelimit.NewBackoff(10)
		useUpFreeAttempts(t, backoff, start)
		ok, wait := backoff.Begin("ann", start.Add(-jump))
		if ok || wait > ratelimit.FirstDelay {
			t.Errorf("clock set back by %v: %v, wait %v", jump, ok, wait)
		}
		if ok, _ := backoff.Begin("ann", start.Add(-jump+wait)); !ok {
			t.Errorf("clock set back by %v: stuck", jump)
		}
	}
}
