package realtime_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
)

func TestWhoseJoiningWasNotHeardOfIsAskedToResume(t *testing.T) {
	near := newStage(t)
	bob := near.add("bob", chat.RoleMember)
	deaf := newNode(t, near.store, newLayer(t), func(o *realtime.Options) { o.Timing.SeatCheck = 100 * time.Millisecond })
	deaf.people = near.people
	room := near.room("general")
	c := deaf.joined("bob")
	near.change("bob", room, chat.AddMember{User: bob.User.ID})
	if code := c.closed(); code != 1012 {
		t.Fatalf("bob is closed with %d, want 1012", code)
	}
	if _, seated := deaf.connect("bob").resume(nil).Rooms[room]; !seated {
		t.Fatal("bob resumes without the room")
	}
}

func TestWhoAsksInTimeIsNotToldOtherwiseWhereTheDatabaseIsLate(t *testing.T) {
	use := &interrupted{}
	s := newStage(t, func(o *realtime.Options) {
		use.Chat, o.Chat = o.Chat, use
		o.Timing.Heartbeat, o.Timing.ResumeWait = time.Second, 100*time.Millisecond
	})
	on := make(chan struct{})
	wait := func() { <-on }
	use.meanwhile.Store(&wait)
	c := s.connect("ann")
	c.write(fmt.Sprintf(`{"id":1,"op":"resume","epoch":%q}`, s.store.Epoch()))
	code := c.closed()
	close(on)
	if code != websocket.StatusTryAgainLater {
		t.Fatalf("ann is closed with %d, want 1013", code)
	}
}
