package realtime_test

import (
	"context"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/window"
	windowmemory "github.com/parley-chat/parley/internal/window/memory"
)

// brittle is a window that cannot be reached from time to time.
type brittle struct {
	window.Window
	mu      sync.Mutex
	away    bool     // guarded by mu
	refused chat.Seq // guarded by mu; the last event that could not be added
}

func (b *brittle) setAway(away bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = away
}

// refuse tells whether the window is away, and notes what it misses.
func (b *brittle) refuse(entries ...window.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.away {
		return nil
	}
	for _, e := range entries {
		b.refused = max(b.refused, e.Seq)
	}
	return window.ErrUnavailable
}

// hasMissed reports whether the window was asked in vain to take the event.
func (b *brittle) hasMissed(seq chat.Seq) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refused >= seq
}

func (b *brittle) Append(ctx context.Context, room chat.RoomID, entries []window.Entry) (chat.Seq, error) {
	if err := b.refuse(entries...); err != nil {
		return 0, err
	}
	return b.Window.Append(ctx, room, entries)
}

func (b *brittle) Restart(ctx context.Context, room chat.RoomID, entries []window.Entry) (chat.Seq, error) {
	if err := b.refuse(entries...); err != nil {
		return 0, err
	}
	return b.Window.Restart(ctx, room, entries)
}

func (b *brittle) Range(ctx context.Context, room chat.RoomID, after, to, least chat.Seq) ([]window.Entry, error) {
	if err := b.refuse(); err != nil {
		return nil, err
	}
	return b.Window.Range(ctx, room, after, to, least)
}

func brittleStage(t *testing.T) (*stage, *brittle) {
	w := &brittle{Window: windowmemory.New(windowmemory.Options{})}
	return newStage(t, func(o *realtime.Options) { o.Window = w }), w
}

// holds waits until the window has the room's events (after, head].
func (s *stage) holds(w window.Window, room chat.RoomID, after chat.Seq) []window.Entry {
	s.t.Helper()
	var got []window.Entry
	s.eventually("the window is whole", func() (so bool) {
		head, err := s.head(room), error(nil)
		got, err = w.Range(s.t.Context(), room, after, head, head)
		return err == nil && len(got) == int(head-after)
	})
	return got
}

func TestAWindowThatWasAwayIsFilledFromTheDatabase(t *testing.T) {
	s, w := brittleStage(t)
	room := s.room("general")
	ann := s.joined("ann")
	s.talk("ann", room, 10)
	s.holds(w, room, 3)
	w.setAway(true)
	s.talk("ann", room, 700) // more than is read at once
	ann.reaches(room, s.head(room))
	s.eventually("the window has missed it", func() bool { return w.hasMissed(s.head(room)) })
	w.setAway(false)
	s.says("ann", room, "back")
	s.holds(w, room, 3)
}

func TestAWindowThatMissedTooMuchBeginsAnew(t *testing.T) {
	s, w := brittleStage(t)
	room := s.room("general")
	ann := s.joined("ann")
	s.talk("ann", room, 10)
	s.holds(w, room, 3)
	w.setAway(true)
	s.talk("ann", room, 1200)
	missed := s.head(room)
	ann.reaches(room, missed)
	s.eventually("the window has missed it", func() bool { return w.hasMissed(s.head(room)) })
	w.setAway(false)
	s.says("ann", room, "back")
	s.holds(w, room, missed)
}

func TestTextThatWasDeletedWhileTheWindowWasAwayIsNotReadFromIt(t *testing.T) {
	s, w := brittleStage(t)
	s.add("bob", chat.RoleMember)
	room := s.room("general", "bob")
	ann := s.joined("ann")
	secret := s.says("ann", room, "a secret")
	s.talk("ann", room, 400) // more than is read at once: a page of them has no deletion in it
	said := s.head(room)
	s.holds(w, room, secret-1)
	w.setAway(true)
	gone := s.change("ann", room, chat.DeleteMessage{Seq: secret}).Event.Seq
	ann.reaches(room, gone)
	s.eventually("the window has missed it", func() bool { return w.hasMissed(s.head(room)) })
	w.setAway(false)
	bob := s.connect("bob")
	bob.resume(map[chat.RoomID]chat.Seq{room: secret - 1})
	if f := bob.event(); f.Type != "skip" || f.From != secret {
		t.Fatalf("the replay begins with %s", f.raw)
	}
	bob.reaches(room, gone)
	s.says("ann", room, "the window hears of it now")
	s.holds(w, room, gone)
	if _, err := w.Range(t.Context(), room, secret-1, said, said); err == nil {
		t.Fatal("the window still has the secret")
	}
}
