// Package redis keeps the window of all nodes in Redis: one Stream a room,
// with the event numbered n under the id n-0. Each stream is a contiguous run
// of the room's log, which a script sees to; it keeps about the newest
// thousand events and disappears an hour after the last.
//
// Redis is not trusted for content. Every entry carries a mark made with a key
// that lies in the database; what is not marked rightly is never shown. Nor is
// Redis needed: while it is away every call fails at once or within a second.
//
// The connection, its deadlines and its breaker belong to somebody else, the
// channel layer; this package only knows what to ask.
package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/window"
)

// Server is how Redis is asked. The channel layer on Redis is one.
type Server interface {
	// Do calls fn with a client and returns its error. It gives fn a deadline
	// of about a second, and does not call it while Redis is known to be away.
	Do(ctx context.Context, fn func(ctx context.Context, client rueidis.Client) error) error
	// Key is the name in Redis of a thing of a kind.
	Key(kind, thing string) string
}

// Options are what a Window needs. Server, Epoch and Seal must be set.
type Options struct {
	Server Server
	Epoch  string        // part of all keys: other histories are not seen
	Seal   seal.Key      // the same on all nodes
	Events int           // kept of one room, and at most a hundred more: 1,000
	Life   time.Duration // of a room's window after its last event, at least 1 s: 1 h
}

// Defaults of Options.
const (
	DefaultEvents = 1000
	DefaultLife   = time.Hour
)

// Window implements window.Window. It holds nothing but counters.
type Window struct {
	server Server
	epoch  string
	seal   seal.Key
	events string
	life   string    // in seconds
	stats  *counters // of all epochs
}

var _ window.Window = (*Window)(nil)

// New returns the window that is in Redis.
func New(o Options) *Window {
	if o.Events == 0 {
		o.Events = DefaultEvents
	}
	if o.Life == 0 {
		o.Life = DefaultLife
	}
	return &Window{
		server: o.Server, epoch: o.Epoch, seal: o.Seal, stats: new(counters),
		events: strconv.Itoa(o.Events), life: strconv.FormatInt(int64(o.Life/time.Second), 10),
	}
}

// Drop empties a room's window; see window.Window.
func (w *Window) Drop(ctx context.Context, room chat.RoomID) error {
	key := w.key(room)
	return w.ask(ctx, func(ctx context.Context, client rueidis.Client) error {
		return client.Do(ctx, client.B().Del().Key(key).Build()).Error()
	})
}

// Of gives the window whose keys and marks have another epoch in them; see
// window.Window. What the old one has kept goes after its life.
func (w *Window) Of(epoch string) window.Window {
	other := *w
	other.epoch = epoch
	return &other
}

// Close ends nothing: what is in Redis stays there for the next process, and
// the connection is not ours.
func (w *Window) Close() error { return nil }

// ask issues commands and counts how that went.
func (w *Window) ask(ctx context.Context, fn func(ctx context.Context, client rueidis.Client) error) error {
	w.stats.commands.Add(1)
	err := w.server.Do(ctx, fn)
	if err == nil || ctx.Err() != nil {
		return err
	}
	w.stats.failures.Add(1)
	return fmt.Errorf("%w: %w", window.ErrUnavailable, err)
}

func (w *Window) key(room chat.RoomID) string {
	return w.server.Key("w", w.epoch+":"+strconv.FormatInt(int64(room), 10))
}

func entryID(seq chat.Seq) string { return strconv.FormatInt(int64(seq), 10) + "-0" }
