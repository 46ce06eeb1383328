package realtime

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/window"
)

// delivery is something for the window and the other nodes: an event, or a
// signal, which has no entry.
type delivery struct {
	room   chat.RoomID
	entry  window.Entry
	joined chat.UserID // who joined by this event, 0 for other events
	signal channellayer.Message
	group  string // where the signal goes
}

// outbox is what waits to be published, in order. It is bounded: what does
// not fit is dropped and counted, because hints may be lost and the window
// notices its holes.
type outbox struct {
	bell chan struct{}

	mu      sync.Mutex
	waiting []delivery           // guarded by mu
	tainted map[chat.RoomID]bool // guarded by mu; rooms whose window may hold what was deleted
	dropped uint64               // guarded by mu
}

const maxWaiting = 16 << 10

func (o *outbox) init() {
	o.bell = make(chan struct{}, 1)
	o.tainted = map[chat.RoomID]bool{}
}

// add queues a delivery. It never waits.
func (o *outbox) add(d delivery) {
	o.mu.Lock()
	if len(o.waiting) < maxWaiting {
		o.waiting = append(o.waiting, d)
	} else {
		o.dropped++
		if traitsOf(d.entry.JSON).deletes {
			o.tainted[d.room] = true
		}
	}
	o.mu.Unlock()
	select {
	case o.bell <- struct{}{}:
	default:
	}
}

func (o *outbox) take(spare []delivery) (waiting []delivery, tainted map[chat.RoomID]bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	waiting, o.waiting = o.waiting, spare[:0]
	if len(o.tainted) > 0 {
		tainted, o.tainted = o.tainted, map[chat.RoomID]bool{}
	}
	return waiting, tainted
}

func (o *outbox) drops() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dropped
}

// publish brings what was committed to the window and, as a hint, to the
// other nodes. Started by New, ends with the hub.
func (h *Hub) publish() {
	var spare []delivery
	for {
		select {
		case <-h.outbox.bell:
		case <-h.ctx.Done():
			return
		}
		batch, tainted := h.outbox.take(spare)
		for room := range tainted {
			h.warn("window not dropped", room, h.window.Drop(h.ctx, room))
		}
		for at := 0; at < len(batch); {
			n := run(batch[at:])
			h.deliver(batch[at : at+n])
			at += n
		}
		clear(batch)
		spare = batch
	}
}

// run is how many deliveries from the first on are events of one room.
func run(batch []delivery) int {
	n := 1
	for n < len(batch) && n < fetchPage && batch[n].room == batch[0].room && batch[n].group == "" && batch[0].group == "" {
		n++
	}
	return n
}

// deliver publishes a run: one signal, or events of one room.
func (h *Hub) deliver(batch []delivery) {
	ctx, cancel := context.WithTimeout(h.ctx, publishWait)
	defer cancel()
	if batch[0].group != "" {
		h.send(ctx, batch[0].group, batch[0].signal)
		return
	}
	room := batch[0].room
	entries := make([]window.Entry, len(batch))
	for i, d := range batch {
		entries[i] = d.entry
	}
	h.warn("window not extended", room, h.extend(ctx, room, entries))
	if h.single {
		return
	}
	for _, d := range batch {
		h.send(ctx, group(room), h.hint(room, d.entry))
		if d.joined != 0 {
			h.send(ctx, systemGroup, h.joinSignal(room, d.entry.Seq, d.joined))
		}
	}
}

const publishWait = 2 * time.Second

// extend appends to a room's window, fills a hole below the entries, and
// drops what was deleted.
func (h *Hub) extend(ctx context.Context, room chat.RoomID, entries []window.Entry) error {
	top, err := h.window.Append(ctx, room, entries)
	if errors.Is(err, window.ErrHole) {
		err = h.fill(ctx, room, top, entries)
	}
	if err != nil {
		return err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if traitsOf(entries[i].JSON).deletes {
			return h.window.Forget(ctx, room, entries[i].Seq-1)
		}
	}
	return nil
}

// fill puts what lies between the window's top and the entries before them;
// if that is much, the window starts anew instead.
func (h *Hub) fill(ctx context.Context, room chat.RoomID, top chat.Seq, entries []window.Entry) error {
	next := entries[0].Seq
	if next-top > fetchPage {
		if err := h.window.Drop(ctx, room); err != nil {
			return err
		}
	} else {
		missing, err := h.fetchStored(ctx, room, top, next-1)
		if err != nil {
			return err
		}
		entries = append(missing, entries...)
	}
	_, err := h.window.Append(ctx, room, entries)
	return err
}

func (h *Hub) warn(what string, room chat.RoomID, err error) {
	if err != nil && h.ctx.Err() == nil {
		h.log.Warn(what, "room", room, "error", err)
	}
}
