package client_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/client"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/demo"
	"github.com/parley-chat/parley/internal/node"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// server is a whole Parley in this process, with people in one room.
type server struct {
	url    string
	room   int64
	people []demo.Person
}

func startServer(t *testing.T, people int) *server {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	s := &server{people: fill(t, data, people)}
	n, err := node.Open(t.Context(), node.Options{
		Settings: config.Settings{
			Addr: config.Addr{Host: "127.0.0.1"}, Storage: config.Storage{Data: data}, Signup: "open", PasswordMin: 10,
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }() // ends in the cleanup
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	s.url = n.URL()
	s.room = int64(rooms(t, s.client(t, 0))[0].ID)
	return s
}

func fill(t *testing.T, data string, people int) []demo.Person {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(data, "parley.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	made, err := demo.Fill(t.Context(), s, demo.Options{
		Users: people, Rooms: 1, Plain: true, Tokens: true, Now: time.Now(), Token: service.NewToken,
		Password: func() (string, string, error) { return rand.Text(), "none", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// client signs in as one of the people.
func (s *server) client(t *testing.T, person int) *client.Client {
	t.Helper()
	return s.clientVia(t, s.url, person)
}

func (s *server) clientVia(t *testing.T, url string, person int) *client.Client {
	t.Helper()
	c, err := client.New(url, s.people[person].Token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rooms(t *testing.T, c *client.Client) []client.Room {
	t.Helper()
	rooms, err := c.Rooms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rooms
}

// ear notes what a Live hears.
type ear struct {
	mu      sync.Mutex
	events  []client.Frame // guarded by mu
	reloads []int64        // guarded by mu; their seqs
	heard   chan struct{}  // has one when there was something new
}

func newEar() *ear { return &ear{heard: make(chan struct{}, 1)} }

func (e *ear) Event(f client.Frame) { e.note(func() { e.events = append(e.events, f) }) }

func (e *ear) Reload(_, seq int64) { e.note(func() { e.reloads = append(e.reloads, seq) }) }

func (e *ear) note(what func()) {
	e.mu.Lock()
	what()
	e.mu.Unlock()
	select {
	case e.heard <- struct{}{}:
	default:
	}
}

func (e *ear) snapshot() (events []client.Frame, reloads []int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.events), slices.Clone(e.reloads)
}

// await waits until what was heard is enough.
func (e *ear) await(t *testing.T, enough func(events []client.Frame, reloads []int64) bool) []client.Frame {
	t.Helper()
	deadline := time.After(patience)
	for {
		events, reloads := e.snapshot()
		if enough(events, reloads) {
			return events
		}
		select {
		case <-e.heard:
		case <-deadline:
			t.Fatalf("heard only %d events and %d reloads", len(events), len(reloads))
		}
	}
}

// awaitSeq waits for the event with a number.
func (e *ear) awaitSeq(t *testing.T, seq int64) []client.Frame {
	t.Helper()
	return e.await(t, func(events []client.Frame, _ []int64) bool {
		return len(events) > 0 && events[len(events)-1].Seq >= seq
	})
}

// checkDense fails unless the events are those with the numbers from to to.
func checkDense(t *testing.T, events []client.Frame, from, to int64) {
	t.Helper()
	if int64(len(events)) != to-from+1 {
		t.Errorf("%d events, want %d", len(events), to-from+1)
	}
	for i, f := range events {
		if f.Seq != from+int64(i) {
			t.Fatalf("event %d has the number %d, want %d", i, f.Seq, from+int64(i))
		}
	}
}

// send posts through a Live with the text as key.
func send(t *testing.T, l *client.Live, room int64, text string) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	sent, err := l.Send(ctx, room, text, text)
	if err != nil {
		t.Fatal(err)
	}
	return sent.Seq
}
