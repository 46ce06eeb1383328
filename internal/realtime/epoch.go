package realtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/desk"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/window"
	"github.com/parley-chat/parley/internal/wire"
)

// The database may get another history under a running node: it was restored,
// or a standby took over that had not heard of everything. Then the numbers
// mean something else. What the hub knows of rooms, what waits in its outboxes
// and what it tells other nodes belongs to an era, and nothing of one gets into
// another. When the epoch is another one, the hub turns: it begins anew with no
// rooms and an empty window, takes everybody out of their rooms, and seats them
// again as a resume would, with the frame reload for each room.

// era is the time in which the database has one epoch.
type era struct {
	hub    *Hub
	epoch  string
	window window.Window
}

// errTurned: what was asked for is of a history that is gone.
var errTurned = errors.New("realtime: the history of the database is another one")

// isPresent reports whether the hub is in this era still.
func (e *era) isPresent() bool { return e.hub.era.Load() == e }

// lasts reports whether the database still has this epoch. If not, the hub
// turns at once.
func (e *era) lasts() bool {
	if e.hub.chat.Epoch() == e.epoch {
		return true
	}
	e.hub.ringTurn()
	return false
}

// read puts a question to the database and gives errTurned if the answer may
// be of another history. The store knows of another epoch before it gives
// anything from there.
func (e *era) read(question func() error) error {
	if !e.lasts() {
		return errTurned
	}
	err := question()
	if !e.lasts() {
		return errTurned
	}
	return err
}

func (h *Hub) ringTurn() {
	select {
	case h.turned <- struct{}{}:
	default:
	}
}

// askEpoch has the store look for another epoch, and make one if it is still
// gone, of which the hub has seen events that the database does not have. There
// is one question at a time, and a pause after it.
func (h *Hub) askEpoch(gone string) {
	if !h.renewing.CompareAndSwap(false, true) {
		return
	}
	h.goes(func() {
		ctx, cancel := context.WithTimeout(h.ctx, h.timing.Query)
		defer cancel()
		if err := h.chat.RenewEpoch(ctx, gone); err != nil && h.ctx.Err() == nil {
			h.log.Warn("the epoch could not be read", "error", err)
		}
		h.ringTurn()
		h.pause(h.timing.Retry)
		h.renewing.Store(false)
	})
}

// weigh looks into a window that goes further than what was just added. As a
// rule other nodes have committed; but if the database does not have the
// window's newest event, it has lost it.
func (h *Hub) weigh(era *era, id chat.RoomID, top chat.Seq) {
	if r := h.room(id); r != nil && chat.Seq(r.head.Load()) >= top || !h.weighing.CompareAndSwap(false, true) {
		return
	}
	h.goes(func() {
		if h.isAhead(era, id, top) {
			h.log.Warn("the database has lost events that are in the window", "room", id, "seq", top)
			h.askEpoch(era.epoch)
		}
		h.pause(h.timing.Retry)
		h.weighing.Store(false)
	})
}

// isAhead reports whether the window has the event top, put there by one of us,
// and the database does not.
func (h *Hub) isAhead(era *era, id chat.RoomID, top chat.Seq) bool {
	ctx, cancel := context.WithTimeout(h.ctx, h.timing.Query)
	defer cancel()
	var heads map[chat.RoomID]chat.Seq
	err := era.read(func() (err error) {
		heads, err = h.chat.Heads(ctx, []chat.RoomID{id})
		return err
	})
	if head, exists := heads[id]; err != nil || !exists || head >= top {
		return false
	}
	_, err = era.window.Range(ctx, id, top-1, top, top)
	return err == nil
}

// watchEpoch turns the hub when the epoch is another one, and brings everybody
// back. Started by New, ends with the hub.
func (h *Hub) watchEpoch() {
	ticker := time.NewTicker(h.timing.EpochCheck)
	defer ticker.Stop()
	away, owed := false, []chat.RoomID(nil) // some are to come back, and then rooms to be looked after
	for {
		select {
		case <-ticker.C:
		case <-h.turned:
		case <-h.ctx.Done():
			return
		}
		if epoch := h.chat.Epoch(); epoch != h.era.Load().epoch && planted.Bug != planted.TurnMissed {
			away, owed = true, append(owed, h.turn(epoch)...)
		}
		if away && h.bringBack() {
			h.lookAfter(owed)
			away, owed = false, nil
		}
	}
}

// turn begins a new era: with no rooms, an empty window, and nobody seated. It
// returns the rooms that were active.
func (h *Hub) turn(epoch string) (rooms []chat.RoomID) {
	h.mu.Lock()
	old, gone := h.era.Load(), h.rooms
	now := &era{hub: h, epoch: epoch, window: old.window.Of(epoch)}
	h.era.Store(now)
	h.rooms = map[chat.RoomID]*room{}
	h.mu.Unlock()
	h.log.Warn("the history of the database is another one: everybody is told to reload", "epoch", epoch, "before", old.epoch)
	h.stats.turns.Add(1)
	rooms = make([]chat.RoomID, 0, len(gone))
	for id, r := range gone {
		r.mu.Lock()
		r.arrive()
		r.mu.Unlock()
		rooms = append(rooms, id)
	}
	h.presence.turn()
	for _, s := range h.shards {
		s.command(s.strandAll)
	}
	return rooms
}

// strandAll takes the connections out of the rooms of an era that is over. A
// part's own list of members is not needed any more.
func (s *shard) strandAll() {
	for _, c := range s.hub.people.all() {
		if c.shard != s || c.state != connSeated || len(c.seats) > 0 && !c.isLeftOver() {
			continue
		}
		s.strand(c)
		for _, p := range c.seats {
			p.members = nil
		}
	}
}

// isLeftOver reports whether the connection has its seats in an era that is
// over: all of them, since apply adds none of another. The shard's own.
func (c *conn) isLeftOver() bool { return len(c.seats) > 0 && !c.seats[0].room.era.isPresent() }

// strand has a connection get nothing until it has come back.
func (s *shard) strand(c *conn) {
	c.state, c.fresh = connStranded, &newcomer{}
	if c.lag != nil {
		c.lag.strand()
	}
}

// Of those who come back.
const (
	maxComing  = desk.Most        // at a time
	comeSpread = 5 * time.Second  // they fetch pages then, and not all at once
	comePause  = time.Millisecond // between two, if that is not too long
)

// bringBack seats those who have been stranded. It returns false if some could
// not be seated yet.
func (h *Hub) bringBack() bool {
	stranded := h.stranded()
	var coming sync.WaitGroup
	places := make(chan struct{}, maxComing)
	for _, c := range stranded {
		if !h.pause(min(comePause, comeSpread/time.Duration(len(stranded)))) {
			break
		}
		places <- struct{}{}
		coming.Add(1)
		if !h.goes(func() { defer coming.Done(); c.comeBack(); <-places }) {
			coming.Done()
			break
		}
	}
	coming.Wait()
	return len(h.stranded()) == 0
}

// stranded asks the shards who is.
func (h *Hub) stranded() (all []*conn) {
	answers := make(chan []*conn, len(h.shards))
	for _, s := range h.shards {
		s.command(func() { answers <- s.stranded() })
	}
	for range h.shards {
		select {
		case some := <-answers:
			all = append(all, some...)
		case <-h.ctx.Done():
			return nil
		}
	}
	return all
}

func (s *shard) stranded() (conns []*conn) {
	for _, c := range s.hub.people.all() {
		if c.shard == s && c.state == connStranded && !c.closing.Load() {
			conns = append(conns, c)
		}
	}
	return conns
}

// comeBack seats a stranded connection in the rooms that its person is in now,
// if the session still signs them in. What does not succeed is tried again.
func (c *conn) comeBack() {
	for range maxResumeTries {
		seated, err := c.trySeats(decideAnew)
		var broken *violation
		switch {
		case seated:
			return
		case errors.As(err, &broken):
			c.close(broken.code, broken.reason)
			return
		case err != nil:
			c.hub.log.Debug("a connection could not be seated again", "user", c.user(), "error", err)
			return
		}
	}
	c.close(wire.CloseOverloaded, retryReason) // as a resume does: on a new connection nothing is left of what stands in the way
}

// decideAnew has all rooms begin at their heads, and tells the client so.
func decideAnew(epoch string, places []place) (frames []byte) {
	for i := range places {
		at := &places[i]
		at.after = chat.Seq(at.room.head.Load())
		frames = append(frames, signalFrame(wire.Reload{Type: "reload", Room: at.room.id, Seq: at.after, Epoch: epoch})...)
	}
	return frames
}

// appendRemoved tells of the rooms that a stranded connection was in and is not
// any more.
func appendRemoved(frames []byte, seats []*part, places []place) []byte {
	for _, p := range seats {
		if !slices.ContainsFunc(places, func(at place) bool { return at.room.id == p.room.id }) {
			frames = append(frames, signalFrame(wire.RoomRemoved{Type: "room.removed", Room: p.room.id})...)
		}
	}
	return frames
}

// lookAfter ends the subscriptions of rooms that nobody here is in any more,
// and looks at who watches and is there.
func (h *Hub) lookAfter(rooms []chat.RoomID) {
	for _, id := range rooms {
		if h.room(id) == nil {
			h.unsubscribe(id)
		}
	}
	h.presence.revisit()
}
