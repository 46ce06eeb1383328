package password

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnlyTwoHashAtATimeAndTheLineIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hasher := New(Options{Slots: 2, Waiting: 3, Patience: time.Minute})
		var running, most, done, busy atomic.Int64
		finish := make(chan struct{})
		for range 10 {
			go func() {
				release, err := hasher.acquire(t.Context())
				if errors.Is(err, ErrBusy) {
					busy.Add(1)
					return
				}
				most.Store(max(most.Load(), running.Add(1)))
				<-finish
				running.Add(-1)
				release()
				done.Add(1)
			}()
		}
		synctest.Wait()
		if running.Load() != 2 || busy.Load() != 5 {
			t.Errorf("%d running, %d turned away; want 2 and 5", running.Load(), busy.Load())
		}
		close(finish)
		synctest.Wait()
		if most.Load() != 2 || done.Load() != 5 {
			t.Errorf("at most %d at a time, %d done; want 2 and 5", most.Load(), done.Load())
		}
		if len(hasher.line) != 0 || len(hasher.slots) != 0 {
			t.Error("places in the line are lost")
		}
	})
}

func TestNobodyWaitsLongerThanThePatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hasher := New(Options{Slots: 1, Waiting: 1, Patience: 2 * time.Second})
		release, err := hasher.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if _, err := hasher.Hash(t.Context(), "secret"); !errors.Is(err, ErrBusy) {
			t.Errorf("Hash: %v, want ErrBusy", err)
		}
		if waited := time.Since(begun); waited != 2*time.Second {
			t.Errorf("waited %v", waited)
		}
		release()
		if len(hasher.line) != 0 {
			t.Error("the one who gave up still stands in the line")
		}
	})
}

func TestACancelledCallLeavesTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hasher := New(Options{Slots: 1, Waiting: 1, Patience: time.Hour})
		release, err := hasher.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() {
			_, _, err := hasher.Verify(ctx, "", "secret")
			result <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("Verify: %v, want context.Canceled", err)
		}
		if len(hasher.line) != 1 {
			t.Errorf("%d in the line, want the one that holds the slot", len(hasher.line))
		}
	})
}

func TestACancelledContextDoesNoWork(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(Options{}).VerifyDummy(ctx, "secret"); !errors.Is(err, context.Canceled) {
		t.Errorf("VerifyDummy: %v", err)
	}
}

func TestManyAtOnceAreAllAnsweredRightly(t *testing.T) {
	hasher := New(Options{Patience: time.Minute})
	encoded := phc("secret", "saltsalt", 64, 1, 1, 32)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			password := []string{"secret", "wrong"}[i%2]
			ok, _, err := hasher.Verify(t.Context(), encoded, password)
			if err != nil || ok != (i%2 == 0) {
				t.Errorf("%s: %v, %v", password, ok, err)
			}
		})
	}
	all.Wait()
}

func BenchmarkHash(b *testing.B) {
	hasher := New(Options{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := hasher.Hash(b.Context(), "correct horse battery staple"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyDummy(b *testing.B) {
	hasher := New(Options{})
	for b.Loop() {
		if err := hasher.VerifyDummy(b.Context(), "correct horse battery staple"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyDjango600000Rounds(b *testing.B) {
	hasher := New(Options{})
	encoded := "pbkdf2_sha256$600000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	for b.Loop() {
		if _, _, err := hasher.Verify(b.Context(), encoded, "secret"); err != nil {
			b.Fatal(err)
		}
	}
}
