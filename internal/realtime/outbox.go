package realtime

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/window"
)

// delivery is something for the window and the other nodes: an event, or a
// signal, which has no entry.
type delivery struct {
	era    *era        // of the event
	room   chat.RoomID // 0: of no room
	entry  window.Entry
	joined chat.UserID // who joined by this event, 0 for other events

	signal  channellayer.Message
	group   string // where the signal goes
	channel string // where else it goes: to one node
}

func (d *delivery) isEvent() bool { return d.group == "" && d.channel == "" }

// outbox is what waits to be published, in order. It is bounded: what does
// not fit is dropped and counted, because hints may be lost and the window
// notices its holes.
type outbox struct {
	bell chan struct{}

	mu      sync.Mutex
	waiting []delivery // guarded by mu
	dropped uint64     // guarded by mu
}

// Bounds of what waits. Rooms share several outboxes, so that one answer of
// Redis is not waited for before the next question is asked.
const (
	outboxesOfAll = 8
	maxWaiting    = 4 << 10 // in each
)

func newOutboxes(single bool) []outbox {
	n := outboxesOfAll
	if single {
		n = 1
	}
	all := make([]outbox, n)
	for i := range all {
		all[i].bell = make(chan struct{}, 1)
	}
	return all
}

// post queues a delivery. It never waits. What is of one room stays in order.
func (h *Hub) post(d delivery) {
	h.outboxes[int(uint64(d.room)%uint64(len(h.outboxes)))].add(d)
}

func (o *outbox) add(d delivery) {
	o.mu.Lock()
	if len(o.waiting) < maxWaiting {
		o.waiting = append(o.waiting, d)
	} else {
		o.dropped++
	}
	o.mu.Unlock()
	select {
	case o.bell <- struct{}{}:
	default:
	}
}

func (o *outbox) take(spare []delivery) (waiting []delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	waiting, o.waiting = o.waiting, spare[:0]
	return waiting
}

// dropped is how many deliveries found no place.
func (h *Hub) dropped() (n uint64) {
	for i := range h.outboxes {
		o := &h.outboxes[i]
		o.mu.Lock()
		n += o.dropped
		o.mu.Unlock()
	}
	return n
}

// publish brings what was committed to the window and, as a hint, to the
// other nodes. Started by New, one for each outbox; ends with the hub.
func (h *Hub) publish(o *outbox) {
	var spare []delivery
	for {
		select {
		case <-o.bell:
		case <-h.ctx.Done():
			return
		}
		batch := o.take(spare)
		for at := 0; at < len(batch); {
			n := run(batch[at:])
			h.deliver(batch[at : at+n])
			at += n
		}
		clear(batch)
		spare = batch
	}
}

// run is how many deliveries from the first on are events of one room that
// follow on each other. Other nodes commit, too: what we have of a room may
// have holes.
func run(batch []delivery) int {
	n := 1
	for n < len(batch) && n < fetchPage && batch[n].follows(&batch[n-1]) {
		n++
	}
	return n
}

// follows reports whether both are events of a room, and d the next one.
func (d *delivery) follows(before *delivery) bool {
	return d.isEvent() && before.isEvent() && d.era == before.era && d.room == before.room &&
		(d.entry.Seq == before.entry.Seq+1 || planted.Bug == planted.HintsMixed)
}

const publishWait = 2 * time.Second

// deliver publishes a run: one signal, or events of one room.
func (h *Hub) deliver(batch []delivery) {
	ctx, cancel := context.WithTimeout(h.ctx, publishWait)
	defer cancel()
	switch d := &batch[0]; {
	case d.channel != "":
		h.sent(d.room, h.layer.Send(ctx, d.channel, d.signal))
		return
	case d.group != "":
		h.sent(d.room, h.layer.GroupSend(ctx, d.group, d.signal))
		return
	}
	era, room := batch[0].era, batch[0].room
	entries := make([]window.Entry, len(batch))
	for i, d := range batch {
		entries[i] = d.entry
	}
	if !h.single { // first: others wait for it
		for _, hint := range h.hints(era, room, entries) {
			h.sent(room, h.layer.GroupSend(ctx, group(room), hint))
		}
	}
	top, err := h.extend(ctx, era, room, entries)
	h.report("window not extended", room, err)
	if h.single {
		return
	}
	if err == nil && top > entries[len(entries)-1].Seq {
		h.weigh(era, room, top)
	}
	for _, d := range batch {
		if d.joined != 0 {
			h.sent(room, h.layer.GroupSend(ctx, systemGroup, h.joinSignal(era, room, d.entry.Seq, d.joined)))
		}
	}
}

// sent counts a message that did not get off.
func (h *Hub) sent(room chat.RoomID, err error) {
	if err != nil {
		h.stats.unsent.Add(1)
		h.report("not sent to the other nodes", room, err)
	}
}

// maxFill is how many events are added to a window that has a hole. If more
// are missing, it begins anew.
const maxFill = 1000

// extend appends to a room's window, and fills a hole below the entries.
// It returns the number of the window's newest event.
func (h *Hub) extend(ctx context.Context, era *era, room chat.RoomID, entries []window.Entry) (top chat.Seq, err error) {
	top, err = era.put(ctx, room, entries)
	if !errors.Is(err, window.ErrHole) {
		return top, err
	}
	next := entries[0].Seq
	if next-top > maxFill {
		return era.window.Restart(ctx, room, entries)
	}
	for top < next-1 {
		missing, err := h.fetchStored(ctx, era, room, top, min(next-1, top+fetchPage))
		if err != nil || len(missing) == 0 {
			return top, err
		}
		if _, err := era.put(ctx, room, missing); err != nil {
			return top, err
		}
		top = missing[len(missing)-1].Seq
	}
	return era.put(ctx, room, entries)
}

// put appends entries. If one of them is a deletion, nothing from before it
// stays in the window. A deletion that could not be put there leaves a hole:
// until it is filled the window does not reach room.erased, and is not read.
func (e *era) put(ctx context.Context, room chat.RoomID, entries []window.Entry) (top chat.Seq, err error) {
	for i := len(entries) - 1; i >= 0; i-- {
		if traitsOf(entries[i].JSON).deletes && planted.Bug != planted.TextInWindow {
			return e.window.Restart(ctx, room, entries[i:])
		}
	}
	return e.window.Append(ctx, room, entries)
}

// report logs an error of the window or the layer. That they are away is no
// news at every event: who connects to them has said so, and it is counted.
func (h *Hub) report(what string, room chat.RoomID, err error) {
	switch {
	case err == nil || h.ctx.Err() != nil:
	case errors.Is(err, window.ErrUnavailable), errors.Is(err, channellayer.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		h.log.Debug(what, "room", room, "error", err)
	default:
		h.log.Warn(what, "room", room, "error", err)
	}
}
