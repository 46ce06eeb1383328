package realtime_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
)

// interrupted is the use cases with something happening, once, between the
// reading of a person's list of rooms and its use.
type interrupted struct {
	realtime.Chat
	meanwhile atomic.Pointer[func()]
}

func (i *interrupted) JoinedEach(ctx context.Context, users []chat.UserID) (map[chat.UserID][]chat.RoomHead, error) {
	rooms, err := i.Chat.JoinedEach(ctx, users)
	if meanwhile := i.meanwhile.Swap(nil); meanwhile != nil {
		(*meanwhile)()
	}
	return rooms, err
}

func TestWhoLeavesOrJoinsWhileTheListIsReadIsSeatedRight(t *testing.T) {
	for _, active := range []bool{false, true} {
		for _, leaves := range []bool{false, true} {
			t.Run(fmt.Sprintf("room active %v, leaves %v", active, leaves), func(t *testing.T) {
				seatedRight(t, active, leaves)
			})
		}
	}
}

func seatedRight(t *testing.T, active, leaves bool) {
	use := &interrupted{}
	s := newStage(t, func(o *realtime.Options) {
		use.Chat = o.Chat
		o.Chat = use
	})
	bob := s.add("bob", chat.RoleMember)
	room := s.room("general")
	change := chat.Change(chat.AddMember{User: bob.User.ID})
	if leaves {
		s.change("bob", room, change)
		change = chat.RemoveMember{User: bob.User.ID}
	}
	if active {
		s.joined("ann")
	}
	meanwhile := func() { s.change("bob", room, change) }
	use.meanwhile.Store(&meanwhile)
	c := s.connect("bob")
	_, seated := c.resume(nil).Rooms[room]
	last := s.says("ann", room, "who hears this?")
	if leaves {
		if f := c.asks("ping", ""); seated || c.seen[room] != 0 {
			t.Fatalf("bob is told of the room he has left, and gets %s", f.raw)
		}
		return
	}
	if !seated { // then the join itself is the first that comes
		if f := c.event(); f.Type != "member.joined" {
			t.Fatalf("the first frame of the room is %s", f.raw)
		}
	}
	c.reaches(room, last)
}

func TestManyComeBackAtOnce(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Limits = realtime.Limits{} })
	room := s.room("general")
	from := s.head(room)
	s.talk("ann", room, 50)
	const n = 300
	errs := make(chan error, n)
	for range n {
		go func() { errs <- s.comesBack(room, from) }()
	}
	for range n {
		s.must(<-errs)
	}
}

// comesBack resumes and reads up to the head.
func (s *stage) comesBack(room chat.RoomID, from chat.Seq) error {
	c, err := s.dial("ann")
	if err != nil {
		return err
	}
	defer func() { _ = c.ws.CloseNow() }()
	c.write(fmt.Sprintf(`{"id":1,"op":"resume","rooms":{"%d":%d}}`, room, from))
	c.seen[room] = from
	for c.seen[room] < from+50 {
		f, err := c.read()
		if err != nil {
			return err
		}
		if _, err := c.numbered(f); err != nil {
			return err
		}
	}
	return nil
}
