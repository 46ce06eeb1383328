package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// clock is a clock that stands still until it is set.
type clock struct {
	mu sync.Mutex
	at time.Time // guarded by mu
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 11, 23, 9, 0, 0, 123_456_789, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// heard is what the commit listener was told.
type heard struct {
	mu     sync.Mutex
	byRoom map[chat.RoomID][]chat.Event // guarded by mu
}

func newHeard() *heard { return &heard{byRoom: map[chat.RoomID][]chat.Event{}} }

func (h *heard) listen(events []chat.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ev := range events {
		h.byRoom[ev.Room] = append(h.byRoom[ev.Room], ev)
	}
}

func (h *heard) of(room chat.RoomID) []chat.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]chat.Event{}, h.byRoom[room]...)
}

func (w *world) newUser(name string, role chat.Role) chat.User {
	w.Helper()
	user, err := w.CreateUser(w.Context(), store.NewUser{Username: name, Fold: name, Role: role, Hash: "hash of " + name})
	w.must(err)
	return user
}

func (w *world) newRoom(slug string, private bool) chat.Room {
	w.Helper()
	room, err := w.CreateRoom(w.Context(), store.NewRoom{Creator: w.ann.ID, Slug: slug, Name: strings.ToUpper(slug), Private: private})
	w.must(err)
	return room
}

// do makes a change that must succeed.
func (w *world) do(actor chat.User, room chat.RoomID, change chat.Change) store.Appended {
	w.Helper()
	done, err := store.AppendWait(w.Context(), w, actor.ID, room, change)
	if err != nil {
		w.Fatalf("%T by %s: %v", change, actor.Username, err)
	}
	return done
}

// refused makes a change that must be refused with want.
func (w *world) refused(want error, actor chat.User, room chat.RoomID, change chat.Change) {
	w.Helper()
	done, err := store.AppendWait(w.Context(), w, actor.ID, room, change)
	if !errors.Is(err, want) || !reflect.DeepEqual(done, store.Appended{}) {
		w.Fatalf("%T by %s: got %+v, %v; want %v", change, actor.Username, done, err, want)
	}
}

// idle makes a change that must alter nothing.
func (w *world) idle(actor chat.User, room chat.RoomID, change chat.Change) {
	w.Helper()
	if done := w.do(actor, room, change); done.Event.Seq != 0 {
		w.Fatalf("%T made event %d, want none", change, done.Event.Seq)
	}
}

// say posts a text under a key made from it.
func (w *world) say(actor chat.User, room chat.RoomID, text string) chat.Seq {
	w.Helper()
	return w.do(actor, room, draft("key of "+text, text)).Event.Seq
}

func draft(key, text string) chat.PostMessage {
	return chat.PostMessage{Draft: chat.Draft{Key: key, Text: text}}
}

func (w *world) head(room chat.RoomID) chat.Seq {
	w.Helper()
	heads, err := w.Heads(w.Context(), []chat.RoomID{room})
	w.must(err)
	return heads[room]
}

// log gives all events of a room.
func (w *world) log(room chat.RoomID) []chat.Event {
	w.Helper()
	events, err := w.Events(w.Context(), room, 0, 1<<20)
	w.must(err)
	return events
}

// page gives the newest messages of a room as somebody sees them.
func (w *world) page(viewer chat.User, room chat.RoomID) []chat.Message {
	w.Helper()
	page, err := w.Page(w.Context(), store.Visit{Viewer: viewer.ID, Room: room}, chat.PageQuery{Limit: chat.MaxPage})
	w.must(err)
	return page.Messages
}

func (w *world) message(viewer chat.User, room chat.RoomID, seq chat.Seq) chat.Message {
	w.Helper()
	m, err := w.Message(w.Context(), store.Visit{Viewer: viewer.ID, Room: room}, seq)
	w.must(err)
	return m
}

func (w *world) view(viewer chat.User, room chat.RoomID) chat.RoomView {
	w.Helper()
	view, err := w.Room(w.Context(), store.Visit{Viewer: viewer.ID, Room: room})
	w.must(err)
	return view
}

// is fails the test unless err is want.
func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("got %v, want %v", err, want)
	}
}

// same fails the test unless got is want.
func same[T any](w *world, what string, got, want T) {
	w.Helper()
	if !reflect.DeepEqual(got, want) {
		w.Fatalf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

// logsAgree compares each room's log with what the listener heard. Texts
// deleted since are excepted.
func (w *world) logsAgree() {
	w.Helper()
	all, err := w.AllRooms(w.Context())
	w.must(err)
	for _, room := range all {
		w.dense(room)
		live := w.heard.of(room.ID)
		if len(live) == 0 {
			continue // brought in by an import
		}
		for i, ev := range w.log(room.ID) {
			live[i].Epoch = "" // only the listener is told
			if ev.Gone {
				live[i].Message, live[i].Gone = ev.Message, true
			}
			same(w, fmt.Sprintf("room %d, event %d, replayed", room.ID, i+1), ev, live[i])
		}
	}
}

// dense checks numbers, times and the head of a room.
func (w *world) dense(room chat.Room) {
	w.Helper()
	events := w.log(room.ID)
	before := time.Time{}
	for i, ev := range events {
		if ev.Seq != chat.Seq(i+1) || ev.Room != room.ID || ev.At.Before(before) {
			w.Fatalf("room %d: event %d is %+v", room.ID, i+1, ev)
		}
		before = ev.At
	}
	same(w, "head", w.head(room.ID), chat.Seq(len(events)))
}

func hash(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// ref gives a pointer to a value, for fields that are optional.
func ref[T any](v T) *T { return &v }
