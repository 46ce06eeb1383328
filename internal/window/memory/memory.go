// Package memory is the window of one process: it keeps the newest events of
// the active rooms on the heap and shares their bytes with whoever appended
// them. It is bounded in three ways, by events of a room, by bytes in all and
// by time, and forgets the rooms first that were appended to least recently.
package memory

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/window"
)

// Options bound a window. Zero fields mean the defaults.
type Options struct {
	Events int           // kept of one room: 5,000, as many as a resume replays
	Bytes  int           // of JSON in all: 64 MiB
	Life   time.Duration // of a room's window after its last event: 1 h
	Now    func() time.Time
}

// Defaults of Options.
const (
	DefaultEvents = chat.MaxReplay
	DefaultBytes  = 64 << 20
	DefaultLife   = time.Hour
)

// perEntry is what an entry costs beside its JSON, about.
const perEntry = 48

// Window implements window.Window.
type Window struct {
	options Options

	mu     sync.Mutex
	rooms  map[chat.RoomID]*list.Element // guarded by mu; values are *room
	recent *list.List                    // guarded by mu; most recently appended first
	bytes  int                           // guarded by mu
}

// room is a contiguous run of one room's events.
type room struct {
	id      chat.RoomID
	entries []window.Entry
	bytes   int
	at      time.Time // when it was last appended to
}

var _ window.Window = (*Window)(nil)

// New returns an empty window.
func New(o Options) *Window {
	if o.Events == 0 {
		o.Events = DefaultEvents
	}
	if o.Bytes == 0 {
		o.Bytes = DefaultBytes
	}
	if o.Life == 0 {
		o.Life = DefaultLife
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Window{options: o, rooms: map[chat.RoomID]*list.Element{}, recent: list.New()}
}

// Append adds entries; see window.Window.
func (w *Window) Append(_ context.Context, id chat.RoomID, entries []window.Entry) (chat.Seq, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.touch(id)
	if len(entries) > 0 && !r.takes(entries[0].Seq) {
		return r.top(), window.ErrHole
	}
	return w.extend(r, entries), nil
}

// Restart replaces what is old; see window.Window.
func (w *Window) Restart(_ context.Context, id chat.RoomID, entries []window.Entry) (chat.Seq, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.touch(id)
	if len(entries) == 0 {
		return r.top(), nil
	}
	if !r.takes(entries[0].Seq) {
		w.cut(r, len(r.entries))
	}
	top := w.extend(r, entries)
	w.cut(r, min(int(entries[0].Seq-r.first()), len(r.entries)))
	return top, nil
}

// extend adds those of the entries that are newer. Caller holds w.mu.
func (w *Window) extend(r *room, entries []window.Entry) (top chat.Seq) {
	for _, e := range entries {
		if len(r.entries) > 0 && e.Seq <= r.top() {
			continue
		}
		r.entries = append(r.entries, e)
		w.grow(r, len(e.JSON)+perEntry)
	}
	top = r.top()
	w.bound(r)
	return top
}

// Range gives entries; see window.Window.
func (w *Window) Range(_ context.Context, id chat.RoomID, after, to, least chat.Seq) ([]window.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expire()
	element := w.rooms[id]
	if element == nil {
		return nil, window.ErrMiss
	}
	r := element.Value.(*room)
	if len(r.entries) == 0 || after > to || after+1 < r.entries[0].Seq || max(to, least) > r.top() {
		return nil, window.ErrMiss
	}
	first := r.entries[0].Seq
	part := r.entries[after+1-first : to+1-first]
	return append([]window.Entry(nil), part...), nil
}

// Drop empties a room's window; see window.Window.
func (w *Window) Drop(_ context.Context, id chat.RoomID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if element := w.rooms[id]; element != nil {
		w.remove(element)
	}
	return nil
}

// Of gives an empty window; see window.Window.
func (w *Window) Of(string) window.Window { return New(w.options) }

// Close empties the window.
func (w *Window) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.rooms)
	w.recent.Init()
	w.bytes = 0
	return nil
}

// touch gives a room's run, made if need be, as the most recent one. Caller
// holds w.mu.
func (w *Window) touch(id chat.RoomID) *room {
	element := w.rooms[id]
	if element == nil {
		element = w.recent.PushFront(&room{id: id})
		w.rooms[id] = element
	}
	w.recent.MoveToFront(element)
	r := element.Value.(*room)
	r.at = w.options.Now()
	return r
}

func (w *Window) grow(r *room, n int) {
	r.bytes += n
	w.bytes += n
}

// bound enforces the limits after an append to r. Caller holds w.mu.
func (w *Window) bound(r *room) {
	w.cut(r, len(r.entries)-w.options.Events)
	w.expire()
	for w.bytes > w.options.Bytes && w.recent.Len() > 1 {
		w.remove(w.recent.Back())
	}
	for w.bytes > w.options.Bytes && len(r.entries) > 0 {
		w.cut(r, (len(r.entries)+1)/2)
	}
}

// expire drops the rooms that nobody has spoken in for long. Caller holds
// w.mu.
func (w *Window) expire() {
	before := w.options.Now().Add(-w.options.Life)
	for last := w.recent.Back(); last != nil && last.Value.(*room).at.Before(before); last = w.recent.Back() {
		w.remove(last)
	}
}

func (w *Window) remove(element *list.Element) {
	r := w.recent.Remove(element).(*room)
	delete(w.rooms, r.id)
	w.bytes -= r.bytes
}

// cut drops the first n entries. Caller holds w.mu.
func (w *Window) cut(r *room, n int) {
	if n <= 0 {
		return
	}
	for i := range r.entries[:n] {
		w.grow(r, -len(r.entries[i].JSON)-perEntry)
		r.entries[i] = window.Entry{}
	}
	r.entries = r.entries[n:]
}

// takes reports whether an entry with the number leaves no hole.
func (r *room) takes(seq chat.Seq) bool {
	return len(r.entries) == 0 || seq <= r.top()+1 || planted.Bug == planted.WindowHole
}

func (r *room) first() chat.Seq {
	if len(r.entries) == 0 {
		return 1
	}
	return r.entries[0].Seq
}

// top is the number of the newest entry, 0 when there is none.
func (r *room) top() chat.Seq {
	if len(r.entries) == 0 {
		return 0
	}
	return r.entries[len(r.entries)-1].Seq
}
