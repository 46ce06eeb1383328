package realtime

import (
	"context"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/wire"
)

// Somebody who joins a room through another node is seated here when that node
// tells so, or when the event comes with the others of the room. But the news
// may be lost, and of a room that nobody here is in nothing else is heard; the
// same goes for a commit of this node whose outcome was unknown. So everybody's
// rooms are compared with their seats now and then.

// checkSeats goes through the people here, one by one, again and again.
// Started by New, ends with the hub.
func (h *Hub) checkSeats() {
	every := h.timing.SeatCheck
	if h.single {
		every = h.timing.SeatsAlone
	}
	for h.pause(h.jittered(every) / 2) {
		users := h.people.users()
		if planted.Bug == planted.JoinsForgotten {
			continue
		}
		for _, user := range users {
			if !h.pause(every / 2 / time.Duration(len(users))) {
				return
			}
			h.seatAgain(user)
		}
	}
}

// seatAgain has those of a person's connections resume that have no seat in a
// room, and still have none a moment later: the news may be on its way.
func (h *Hub) seatAgain(user chat.UserID) {
	for _, c := range h.people.of(user) {
		before := c.absentFrom()
		if len(before) == 0 || !h.pause(seatWait) {
			continue
		}
		still := c.absentFrom()
		if slices.ContainsFunc(before, func(room chat.RoomID) bool { return slices.Contains(still, room) }) {
			c.close(wire.CloseRestart, "resume")
		}
	}
}

// seatWait is how long a node may take to seat somebody who has joined.
const seatWait = 2 * time.Second

// absentFrom gives the rooms that the person is in and the connection is not;
// none before it has resumed, or while the database does not answer.
func (c *conn) absentFrom() []chat.RoomID {
	ctx, cancel := context.WithTimeout(c.hub.ctx, c.hub.timing.Query)
	defer cancel()
	joined, err := c.hub.chat.Joined(ctx, c.user())
	if err != nil {
		if c.hub.ctx.Err() == nil {
			c.hub.log.Warn("seats not checked", "error", err)
		}
		return nil
	}
	absent := make(chan []chat.RoomID, 1)
	c.shard.command(func() { absent <- c.without(joined[:min(len(joined), chat.MaxMemberRooms)]) })
	select {
	case rooms := <-absent:
		return rooms
	case <-c.hub.ctx.Done():
		return nil
	}
}

// without gives those of the rooms in which the connection has no seat. The
// shard's own.
func (c *conn) without(joined []chat.RoomHead) (absent []chat.RoomID) {
	if c.state != connSeated {
		return nil
	}
	seated := make(map[chat.RoomID]bool, len(c.seats))
	for _, p := range c.seats {
		seated[p.room.id] = true
	}
	for _, j := range joined {
		if !seated[j.Room] {
			absent = append(absent, j.Room)
		}
	}
	return absent
}
