package realtime

import (
	"context"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/window"
	"github.com/parley-chat/parley/internal/wire"
)

// fetchPage bounds the events that are read at once from the window or the
// database.
const fetchPage = 256

// mend starts a repair if the log is known to be longer than what is here,
// unless one is on its way. Caller holds r.mu.
func (r *room) mend() {
	head := chat.Seq(r.head.Load())
	if head < 0 || head >= r.target || r.fetching {
		return
	}
	r.fetching = true
	r.hub.goes(r.repair)
}

// repair waits a moment for events that were only overtaken, then fetches
// what is missing. It ends when nothing is, or with the era or the hub.
func (r *room) repair() {
	pause := r.hub.timing.HoldBack
	for r.hub.pause(pause) && r.era.isPresent() {
		after, to := r.gap()
		if after >= to {
			return
		}
		r.hub.stats.holes.Add(1)
		entries, err := r.hub.fetch(r.hub.ctx, r, after, min(to, after+fetchPage))
		for _, e := range entries {
			r.offer(e.Seq, e.JSON)
		}
		pause = 0
		if errors.Is(err, errTurned) {
			return
		}
		if err != nil || chat.Seq(r.head.Load()) == after { // the same again would help as little
			r.hub.log.Warn("missing events could not be fetched", "room", r.id, "after", after, "to", to, "error", err)
			pause = r.hub.timing.Retry
		}
	}
}

// gap is the range (after, to] that is missing. If there is none the repair
// is over, which is noted in the same breath.
func (r *room) gap() (after, to chat.Seq) {
	r.mu.Lock()
	defer r.mu.Unlock()
	after, to = r.log.head, r.target
	for seq := range r.held {
		if seq > after {
			to = min(to, seq-1)
		}
	}
	if after >= r.target {
		r.fetching = false
	}
	return after, to
}

// fetch reads the events (after, to] of a room, from the window or else
// from the database, where only a few may read at a time. Fewer come back
// only when the log ends; none, with errTurned, when the era of the room does.
func (h *Hub) fetch(ctx context.Context, of *room, after, to chat.Seq) ([]window.Entry, error) {
	era, id := of.era, of.id
	r := h.room(id) // which may have been let go and opened again
	if r == nil || r.era != era {
		return h.fetchStored(ctx, era, id, after, to)
	}
	entries, err := era.window.Range(ctx, id, after, to, r.erased())
	if err == nil {
		h.stats.windowReads.Add(1)
		return entries, nil
	}
	if !errors.Is(err, window.ErrMiss) {
		h.report("window not read", id, err)
	}
	return h.fetchStored(ctx, era, id, after, to)
}

func (h *Hub) fetchStored(ctx context.Context, era *era, id chat.RoomID, after, to chat.Seq) ([]window.Entry, error) {
	select {
	case h.readers <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.readers }()
	ctx, cancel := context.WithTimeout(ctx, h.timing.Query)
	defer cancel()
	var events []chat.Event
	err := era.read(func() (err error) {
		events, err = h.chat.Events(ctx, id, after, int(to-after))
		return err
	})
	if err != nil {
		return nil, err
	}
	h.stats.storeReads.Add(1)
	entries := make([]window.Entry, len(events))
	for i, e := range events {
		entries[i] = window.Entry{Seq: e.Seq, JSON: wire.AppendEvent(nil, era.epoch, e)}
	}
	return entries, nil
}

// sweep compares the heads of all rooms with the database, again and again:
// a hint that was lost and that no other follows is found by nothing else.
// It also lets go of the rooms that nobody is in any more. Started by New,
// ends with the hub.
func (h *Hub) sweep() {
	var changed time.Time // when the layer last came up or went down
	for h.rest(h.jittered(h.sweepEvery(changed)), &changed) {
		h.letGo()
		ids := h.roomIDs()
		for len(ids) > 0 && planted.Bug != planted.SweepOff {
			n := min(len(ids), sweepPage)
			h.compare(ids[:n])
			ids = ids[n:]
		}
	}
}

// rest waits for the time of the next sweep, or for a change of the layer's
// state, which it notes. It returns false as soon as the hub ends.
func (h *Hub) rest(d time.Duration, changed *time.Time) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.nudge:
		*changed = time.Now()
	case <-h.ctx.Done():
		return false
	}
	return h.ctx.Err() == nil
}

// LayerChanged tells that the layer has come up or gone down. What was said
// meanwhile on other nodes is looked for at once.
func (h *Hub) LayerChanged() {
	select {
	case h.nudge <- struct{}{}:
	default:
	}
}

// sweepPage bounds the rooms that one query asks for.
const sweepPage = 500

// sweepEvery: when the layer is back here, other nodes may be without it a
// little longer, and what they commit meanwhile is hinted by nobody.
func (h *Hub) sweepEvery(changed time.Time) time.Duration {
	switch {
	case h.single:
		return h.timing.SweepAlone
	case !h.layer.Stats().Up || time.Since(changed) < h.timing.Settle:
		return h.timing.SweepDown
	}
	return h.timing.Sweep
}

// compare asks for the heads of some rooms and mends those that are behind.
// A room that no longer exists is treated as deleted. Where the database is
// behind what was told here, it has lost events: its history is another one.
func (h *Hub) compare(ids []chat.RoomID) {
	ctx, cancel := context.WithTimeout(h.ctx, h.timing.Query)
	defer cancel()
	era, told := h.era.Load(), h.headsOf(ids)
	var heads map[chat.RoomID]chat.Seq
	err := era.read(func() (err error) {
		heads, err = h.chat.Heads(ctx, ids)
		return err
	})
	if err != nil {
		if h.ctx.Err() == nil {
			h.log.Warn("heads of rooms not read", "error", err)
		}
		return
	}
	for i, id := range ids {
		switch head, exists := heads[id]; {
		case !exists:
			h.dropRoom(era, id)
		case head < told[i]:
			h.log.Warn("the database has lost events", "room", id, "head", head, "head before", told[i])
			h.askEpoch(era.epoch)
		default:
			h.reach(era, id, head)
		}
	}
}

// headsOf gives how far the rooms are here; -1 where that is not known.
func (h *Hub) headsOf(ids []chat.RoomID) []chat.Seq {
	heads := make([]chat.Seq, len(ids))
	for i, id := range ids {
		heads[i] = -1
		if r := h.room(id); r != nil {
			heads[i] = chat.Seq(r.head.Load())
		}
	}
	return heads
}

// reach tells a room that its log goes to head at least.
func (h *Hub) reach(era *era, id chat.RoomID, head chat.Seq) {
	r := h.room(id)
	if r == nil || r.era != era || chat.Seq(r.head.Load()) >= head {
		return
	}
	r.mu.Lock()
	r.target = max(r.target, head)
	r.mend()
	r.mu.Unlock()
}
