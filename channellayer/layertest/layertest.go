// Package layertest is the suite that every backend of channellayer passes. A
// backend's own test calls Run with a function that makes two layers as two
// processes would have them.
package layertest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

// Ends are two layers that reach each other.
type Ends struct {
	A, B channellayer.Layer // may be the same for a backend of one process

	// Age makes what lies unread older by d: by moving the clock, or by waiting.
	Age func(d time.Duration)
}

// Factory makes a fresh pair that shares nothing with earlier ones. The suite
// sets Capacity, Expiry and such; the factory sets the rest, and arranges for
// shutdown at the end of the test.
type Factory func(t *testing.T, o channellayer.Options) Ends

// patience is how long a message may take before a test gives up. It is long
// because nobody waits for it unless something is broken.
const patience = 10 * time.Second

// Run runs the whole suite.
func Run(t *testing.T, f Factory) {
	for _, group := range [][]testCase{names(), messages(), channels(), groups(), limits(), endings()} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) { c.run(t, f) })
		}
	}
}

type testCase struct {
	name string
	run  func(t *testing.T, f Factory)
}

// bench is what a test works with: two ends and a context that ends in time.
type bench struct {
	Ends
	t   *testing.T
	ctx context.Context
}

func set(t *testing.T, f Factory, o channellayer.Options) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	t.Cleanup(cancel)
	return &bench{Ends: f(t, o), t: t, ctx: ctx}
}

// needs skips the test if the backend lacks an extension.
func (b *bench) needs(x channellayer.Extension) {
	b.t.Helper()
	if err := channellayer.Require(b.A, x); err != nil {
		b.t.Skip(err)
	}
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) is(err, want error) {
	b.t.Helper()
	if !errors.Is(err, want) {
		b.t.Fatalf("got error %v, want %v", err, want)
	}
}

func (b *bench) channel(l channellayer.Layer) string {
	b.t.Helper()
	name, err := l.NewChannel(b.ctx, "")
	b.ok(err)
	return name
}

// receive waits for the next message of a channel.
func (b *bench) receive(l channellayer.Layer, name string) (string, channellayer.Message) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	channel, m, err := l.Receive(ctx, name)
	if err != nil {
		b.t.Fatalf("nothing on %s: %v", name, err)
	}
	return channel, m
}

// gets checks that the next messages of a channel have these numbers.
func (b *bench) gets(l channellayer.Layer, name string, want ...int64) {
	b.t.Helper()
	for _, n := range want {
		if _, m := b.receive(l, name); number(m) != n {
			b.t.Fatalf("%s: got message %d, want %d", name, number(m), n)
		}
	}
}

// empty checks that a channel has nothing more, by sending a last message to it
// and seeing that one come next.
func (b *bench) empty(l channellayer.Layer, name string) {
	b.t.Helper()
	b.ok(l.Send(b.ctx, name, numbered(-99)))
	b.gets(l, name, -99)
}

// until polls a condition.
func (b *bench) until(what string, condition func() bool) {
	b.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("in vain waited until %s", what)
		}
	}
}

// drops waits until both ends together have counted n drops for a reason, and
// checks that no more are counted.
func (b *bench) drops(r channellayer.Reason, n uint64) {
	b.t.Helper()
	b.until(fmt.Sprintf("%d drops are counted as %s", n, r), func() bool { return b.dropped(r) >= n })
	if got := b.dropped(r); got != n {
		b.t.Fatalf("%d drops counted as %s, want %d", got, r, n)
	}
}

func (b *bench) dropped(r channellayer.Reason) uint64 {
	n := b.A.Stats().Drops[r]
	if b.A != b.B {
		n += b.B.Stats().Drops[r]
	}
	return n
}

func numbered(n int64) channellayer.Message {
	return channellayer.NewMessage(channellayer.Text("type", "test"), channellayer.Int("n", n))
}

func number(m channellayer.Message) int64 {
	n, _ := m.Int("n")
	return n
}
