package usage_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/memory"
	"github.com/parley-chat/parley/internal/ratelimit"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/usage"
)

const (
	patience = 20 * time.Second
	group    = "parley.limits"
	address  = "203.0.113.9"
	burst    = 5
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return start }

// log collects lines; it may be written by several goroutines.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// stage is a layer with nodes on it, and somebody who reads and writes there
// and has no key.
type stage struct {
	*testing.T
	layer   channellayer.Layer
	key     seal.Key
	log     *log
	mailbox string // the stranger's
}

func newStage(t *testing.T) *stage {
	layer, err := memory.New(channellayer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = layer.Shutdown(context.Background()) })
	s := &stage{T: t, layer: layer, key: seal.NewKey(), log: &log{}}
	if s.mailbox, err = layer.NewChannel(t.Context(), "stranger"); err != nil {
		t.Fatal(err)
	}
	if err := layer.GroupAdd(t.Context(), group, s.mailbox); err != nil {
		t.Fatal(err)
	}
	return s
}

type node struct {
	logins  *ratelimit.Keyed
	guesses *ratelimit.Backoff
}

func (s *stage) node(key seal.Key) node {
	s.Helper()
	n := node{ratelimit.NewKeyed(100, ratelimit.Limit{Rate: 0.1, Burst: burst}), ratelimit.NewBackoff(100)}
	sharer, err := usage.Start(s.Context(), usage.Options{
		Layer: s.layer, Seal: key, Clock: clock, Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Limits: map[string]ratelimit.Shared{"logins": n.logins, "guesses": n.guesses},
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(sharer.Close)
	return n
}

// left is how much of the limit is not used up.
func (n node) left(key string) int {
	for left := burst; left > 0; left-- {
		if ok, _ := n.logins.Check(key, start, left); ok {
			return left
		}
	}
	return 0
}

func (s *stage) await(what string, holds func() bool) {
	s.Helper()
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			s.Fatal("in vain: ", what)
		}
		<-ticker.C
	}
}

// overheard is the next message that the stranger reads.
func (s *stage) overheard() channellayer.Message {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	_, m, err := s.layer.Receive(ctx, s.mailbox)
	if err != nil {
		s.Fatal(err)
	}
	return m
}

func (s *stage) send(m channellayer.Message) {
	s.Helper()
	if err := s.layer.GroupSend(s.Context(), group, m); err != nil {
		s.Fatal(err)
	}
}

func TestWhatOneNodeLetsThroughIsChargedOnTheOthersOnce(t *testing.T) {
	s := newStage(t)
	nodes := []node{s.node(s.key), s.node(s.key), s.node(s.key)}
	for _, n := range nodes[:2] {
		n.logins.Allow(address, start, 1)
		n.logins.Allow(address, start, 1)
	}
	for i, n := range nodes {
		s.await("everybody knows of four", func() bool { return n.left(address) == burst-4 })
		if got := n.left("198.51.100.1"); got != burst {
			t.Errorf("node %d: of another address %d are left", i, got)
		}
	}
	// What comes later has come after any echo of what was before.
	nodes[0].logins.Allow("later", start, 1)
	nodes[1].logins.Allow("later", start, 1)
	for i, n := range nodes {
		s.await("everybody knows of two", func() bool { return n.left("later") == burst-2 })
		if got := n.left(address); got != burst-4 {
			t.Errorf("node %d: %d are left, want %d", i, got, burst-4)
		}
	}
}

func TestARightPasswordIsToldAtOnce(t *testing.T) {
	s := newStage(t)
	a, b := s.node(s.key), s.node(s.key)
	for range ratelimit.FreeAttempts {
		a.guesses.Begin("ann", start)
	}
	refused := func() bool { ok, _ := b.guesses.Begin("ann", start); return !ok }
	s.await("the other node refuses", refused)
	a.guesses.Succeeded("ann")
	s.await("the other node has cleared the record", func() bool { return !refused() })
}

func TestTheLayerHoldsNoNamesAndNoAddresses(t *testing.T) {
	s := newStage(t)
	n := s.node(s.key)
	n.logins.Allow(address, start, 1)
	n.guesses.Begin("someone", start)
	for range 2 {
		m := s.overheard()
		for _, f := range m.Fields() {
			text, _ := f.Value.Text()
			raw, _ := f.Value.Bytes()
			for _, secret := range []string{address, "someone", "logins", "guesses"} {
				if strings.Contains(text+string(raw), secret) {
					t.Errorf("field %s holds %s", f.Key, secret)
				}
			}
		}
	}
	if strings.Contains(s.log.String(), address) || strings.Contains(s.log.String(), "someone") {
		t.Error("the log holds a key")
	}
}

// TestNothingOnTheLayerIsBelievedThatNoNodeHasSaidJustNow sends what somebody
// can who reads and writes there without the key.
func TestNothingOnTheLayerIsBelievedThatNoNodeHasSaidJustNow(t *testing.T) {
	s := newStage(t)
	told := s.node(s.key)
	s.node(seal.NewKey()).logins.Allow(address, start, burst) // a node of another workspace
	s.overheard()
	teller := s.node(s.key)
	teller.logins.Allow(address, start, 1)
	real := s.overheard()
	from, _ := real.Text("node")
	hidden, _ := real.Bytes("hidden")
	spoilt := bytes.Clone(hidden)
	spoilt[len(spoilt)/2] ^= 1
	message := func(kind, node string, hidden []byte) channellayer.Message {
		return channellayer.NewMessage(channellayer.Text("type", kind), channellayer.Text("node", node), channellayer.Bytes("hidden", hidden))
	}
	forged := []byte(`{"number":9,"limit":"logins","uses":[{"key":"MjAzLjAuMTEzLjk=","n":5}]}`)
	for _, m := range []channellayer.Message{
		real, real, // a repetition
		message("limits.used", "another", hidden), // under another name
		message("limits.used", from, spoilt),
		message("limits.used", from, forged),
		message("limits.used", from, seal.Key{}.Hide(forged, []byte("limits"), []byte(from))),
		message("limits.used", from, nil),
		message("room.event", from, hidden),
		channellayer.NewMessage(channellayer.Text("type", "limits.used")),
		channellayer.NewMessage(),
	} {
		s.send(m)
	}
	teller.logins.Allow("last", start, 1)
	s.await("what comes after all that is heard", func() bool { return told.left("last") == burst-1 })
	if got := told.left(address); got != burst-1 {
		t.Errorf("%d are left, want %d", got, burst-1)
	}
	if n := strings.Count(s.log.String(), "not believed"); n < 1 || n > 4 {
		t.Errorf("%d lines in the log", n)
	}
}
