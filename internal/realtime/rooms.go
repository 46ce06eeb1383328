package realtime

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// group is the layer's name for those who want a room's events.
func group(id chat.RoomID) string { return "room." + strconv.FormatInt(int64(id), 10) }

// room gives an active room, or nil.
func (h *Hub) room(id chat.RoomID) *room {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.rooms[id]
}

// roomIDs lists the active rooms.
func (h *Hub) roomIDs() []chat.RoomID {
	h.mu.RLock()
	defer h.mu.RUnlock()
	ids := make([]chat.RoomID, 0, len(h.rooms))
	for id := range h.rooms {
		ids = append(ids, id)
	}
	return ids
}

func (h *Hub) countRooms() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.rooms)
}

// enter gives the rooms, each counted as used until it is released, and
// opens those that were not active: first the subscription, then the heads,
// so that nothing can fall in between. Rooms that do not exist are nil.
func (h *Hub) enter(ctx context.Context, ids []chat.RoomID) ([]*room, error) {
	rooms, fresh := h.enroll(ids)
	if len(fresh) > 0 {
		h.open(ctx, fresh)
	}
	var failed error
	for i, r := range rooms {
		select {
		case <-r.ready:
		case <-ctx.Done():
			failed = ctx.Err()
			continue
		}
		if r.openErr == nil {
			continue
		}
		if r.openErr != chat.ErrNotFound {
			failed = r.openErr
		}
		rooms[i] = nil
	}
	if failed != nil {
		releaseAll(rooms)
		return nil, failed
	}
	return rooms, nil
}

func releaseAll(rooms []*room) {
	for _, r := range rooms {
		if r != nil {
			r.release()
		}
	}
}

// occupy counts one more user of a room; false if it was let go.
func (h *Hub) occupy(r *room) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.rooms[r.id] != r {
		return false
	}
	r.users.Add(1)
	return true
}

// enroll finds or makes the rooms and counts them as used.
func (h *Hub) enroll(ids []chat.RoomID) (rooms, fresh []*room) {
	rooms = make([]*room, len(ids))
	if h.enrollKnown(ids, rooms) {
		return rooms, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, id := range ids {
		if rooms[i] != nil {
			continue
		}
		r := h.rooms[id]
		if r == nil {
			r = h.enrollNew(id)
			fresh = append(fresh, r)
		}
		r.users.Add(1)
		rooms[i] = r
	}
	return rooms, fresh
}

// enrollNew makes a room of the present era active, though not yet open.
// Caller holds h.mu.
func (h *Hub) enrollNew(id chat.RoomID) *room {
	r := newRoom(h.era.Load(), id)
	r.born = h.births.Add(1)
	h.rooms[id] = r
	return r
}

func (h *Hub) enrollKnown(ids []chat.RoomID, rooms []*room) (all bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all = true
	for i, id := range ids {
		if r := h.rooms[id]; r != nil {
			r.users.Add(1)
			rooms[i] = r
		} else {
			all = false
		}
	}
	return all
}

// open subscribes to new rooms and reads their heads.
func (h *Hub) open(ctx context.Context, fresh []*room) {
	ids := make([]chat.RoomID, len(fresh))
	var subscribing sync.WaitGroup // all at once: each may take its time when the layer fails
	for i, r := range fresh {
		ids[i] = r.id
		subscribing.Go(func() { h.subscribe(ctx, r.id) })
	}
	subscribing.Wait()
	var heads map[chat.RoomID]chat.Seq
	err := fresh[0].era.read(func() (err error) {
		heads, err = h.chat.Heads(ctx, ids)
		return err
	})
	for _, r := range fresh {
		head, exists := heads[r.id]
		switch {
		case err != nil:
			h.forget(r, err)
		case !exists:
			h.forget(r, chat.ErrNotFound)
		default:
			r.open(head)
		}
	}
}

// subscribe asks the layer for a room's events. Without them the sweep finds
// what was said, a little later.
func (h *Hub) subscribe(ctx context.Context, id chat.RoomID) {
	if h.single {
		return
	}
	if err := h.layer.GroupAdd(ctx, group(id), h.channel); err != nil {
		h.report("no subscription to a room", id, err)
	}
}

// unsubscribe ends a subscription, and renews it if the room has become
// active again meanwhile.
func (h *Hub) unsubscribe(id chat.RoomID) {
	if h.single {
		return
	}
	h.report("subscription to a room not ended", id, h.layer.GroupDiscard(h.ctx, group(id), h.channel))
	if h.room(id) != nil {
		h.subscribe(h.ctx, id)
		h.compare([]chat.RoomID{id})
	}
}

// forget takes back a room that could not be opened.
func (h *Hub) forget(r *room, err error) {
	h.mu.Lock()
	if h.rooms[r.id] == r {
		delete(h.rooms, r.id)
	}
	h.mu.Unlock()
	h.unsubscribe(r.id)
	r.fail(err)
}

// openAt makes a room active whose head the committer has just told: the
// first of its people here joins. What other nodes add is found by comparing
// the head once more after the subscription. It gives nil when the era is over.
func (h *Hub) openAt(era *era, id chat.RoomID, head chat.Seq) *room {
	h.mu.Lock()
	r := h.rooms[id]
	if !era.isPresent() {
		r = nil
	}
	if r != nil || !era.isPresent() {
		h.mu.Unlock()
		return r
	}
	r = h.enrollNew(id)
	h.mu.Unlock()
	r.open(head)
	h.goes(func() {
		h.subscribe(h.ctx, id)
		h.compare([]chat.RoomID{id})
	})
	return r
}

// letGo ends the rooms that nobody here has been in for a while.
func (h *Hub) letGo() {
	for _, r := range h.idle(h.now()) {
		h.unsubscribe(r.id)
	}
}

// idle takes out the rooms whose time is over. One that is idle since a time
// that is yet to come was so before the clock was set back, and begins anew.
func (h *Hub) idle(now time.Time) []*room {
	before := now.Add(-h.timing.RoomIdle).UnixNano()
	h.mu.Lock()
	defer h.mu.Unlock()
	var idle []*room
	for id, r := range h.rooms {
		since := r.idleSince.Load()
		if since > now.UnixNano() {
			r.idleSince.CompareAndSwap(since, now.UnixNano())
		}
		if r.users.Load() == 0 && since < before {
			delete(h.rooms, id)
			idle = append(idle, r)
		}
	}
	return idle
}

// dropRoom ends a room that was deleted in an era: its people here are told,
// and its events forgotten.
func (h *Hub) dropRoom(era *era, id chat.RoomID) {
	h.presence.drop(id)
	h.mu.Lock()
	if !era.isPresent() {
		h.mu.Unlock()
		return
	}
	r := h.rooms[id]
	delete(h.rooms, id)
	h.mu.Unlock()
	if r != nil {
		h.unsubscribe(id)
		for _, s := range h.shards {
			s.command(func() { s.vacate(r) })
		}
	}
	h.report("window of a deleted room not dropped", id, era.window.Drop(h.ctx, id))
}
