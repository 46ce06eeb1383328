package realtime

import (
	"context"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// The last person here had left the room long ago. Now bob joins it, and before
// his shard comes to that the room is let go.
func TestNobodySitsDownInARoomThatWasLetGo(t *testing.T) {
	h := &Hub{rooms: map[chat.RoomID]*room{}, people: people{conns: map[chat.UserID]crowd{}}, now: time.Now}
	s := &shard{hub: h}
	h.shards = []*shard{s}
	h.ctx, h.end = canceled() // whatever would be asked of others is not
	here := &era{hub: h}
	h.era.Store(here)
	bob := &conn{hub: h, shard: s, state: connSeated, who: chat.UserRef{ID: 7}}
	h.people.add(bob)

	gone := newRoom(here, 1)
	gone.open(4)
	s.apply(gone.partFor(s), &mark{seq: 5, user: 7, joined: true})
	if len(bob.seats) > 0 {
		t.Error("bob sits in a room to which nothing comes any more")
	}
	if again := h.room(1); again == nil || again == gone || again.head.Load() != 4 {
		t.Errorf("the room was not opened again before his joining: %v", again)
	}
}

func canceled() (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx, end
}
