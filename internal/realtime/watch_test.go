package realtime_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/wire"
)

// makePrivate closes a room to those who are not in it.
func (s *stage) makePrivate(room chat.RoomID) {
	s.t.Helper()
	private := true
	s.change("ann", room, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Private: &private}})
}

// hears reports whether c is told that another person writes.
func (c *client) hears(other *client, room chat.RoomID) bool {
	c.t.Helper()
	if f := other.asks("typing", fmt.Sprintf(`,"room":%d`, room)); f.Error != nil {
		c.t.Fatalf("typing gives %s", f.raw)
	}
	c.id++
	c.write(fmt.Sprintf(`{"id":%d,"op":"ping"}`, c.id))
	for heard := false; ; {
		f := c.next()
		if f.Re != nil && *f.Re == c.id {
			return heard
		}
		heard = heard || f.Type == "typing"
	}
}

func TestAWatchEndsWithTheRightToRead(t *testing.T) {
	for _, somebodyIsHere := range []bool{true, false} {
		t.Run(fmt.Sprint("with a member connected ", somebodyIsHere), func(t *testing.T) {
			s := newStage(t, func(o *realtime.Options) { o.SingleNode, o.Timing.TypingEvery = true, time.Nanosecond })
			s.add("bob", chat.RoleMember)
			s.add("eve", chat.RoleMember)
			room := s.room("general", "bob")
			eve := s.joined("eve")
			if f := eve.asks("watch", fmt.Sprintf(`,"room":%d`, room)); f.Error != nil {
				t.Fatalf("watching an open room gives %s", f.raw)
			}
			var bob *client
			if somebodyIsHere {
				bob = s.joined("bob")
				if !eve.hears(bob, room) {
					t.Fatal("eve hears nothing of an open room that she watches")
				}
			}
			s.makePrivate(room)
			if bob == nil {
				bob = s.joined("bob")
			}
			s.eventually("eve hears no more", func() bool { return !eve.hears(bob, room) })
			if eve.hears(bob, room) {
				t.Fatal("eve hears of a private room that she is not in")
			}
		})
	}
}

// slowToTell is the use cases with something happening, once, between the
// question whether somebody may read a room and its answer.
type slowToTell struct {
	realtime.Chat
	meanwhile atomic.Pointer[func()]
}

func (c *slowToTell) CanRead(ctx context.Context, p chat.Principal, room chat.RoomID) error {
	err := c.Chat.CanRead(ctx, p, room)
	if meanwhile := c.meanwhile.Swap(nil); meanwhile != nil {
		(*meanwhile)()
	}
	return err
}

func TestAWatchThatBeginsAsTheRightEndsIsRefused(t *testing.T) {
	use := &slowToTell{}
	s := newStage(t, func(o *realtime.Options) {
		use.Chat = o.Chat
		o.Chat = use
	})
	s.add("eve", chat.RoleMember)
	room := s.room("general")
	eve := s.joined("eve")
	meanwhile := func() { s.makePrivate(room) }
	use.meanwhile.Store(&meanwhile)
	if f := eve.asks("watch", fmt.Sprintf(`,"room":%d`, room)); f.Error == nil || f.Error.Code != "not_found" {
		t.Fatalf("watch gives %s", f.raw)
	}
}

func TestWhoLeavesARoomIsNoLongerShownThere(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Timing.PresenceTick = 20 * time.Millisecond })
	bob := s.add("bob", chat.RoleMember)
	room := s.room("general", "bob")
	ann, b := s.joined("ann"), s.joined("bob")
	watch := fmt.Sprintf(`,"room":%d`, room)
	ann.asks("watch", watch)
	s.change("ann", room, chat.RemoveMember{User: bob.User.ID})
	b.until("room.removed")
	isGone := func(p wire.PresenceState) bool { return p.ID == bob.User.ID && p.State == "offline" }
	for !slices.ContainsFunc(ann.until("presence").Users, isGone) {
	}
	ann.asks("unwatch", watch)
	ann.asks("watch", watch)
	if f := ann.until("presence"); len(f.Users) != 1 || f.Users[0].ID == bob.User.ID {
		t.Fatalf("the list is %s", f.raw)
	}
}

func TestOnlyThoseWhoMayWriteAreShownWriting(t *testing.T) {
	s := newStage(t)
	s.add("eve", chat.RoleMember)
	room := s.room("general")
	if f := s.joined("eve").asks("typing", fmt.Sprintf(`,"room":%d`, room)); f.Error == nil || f.Error.Code != "not_member" {
		t.Fatalf("typing gives %s", f.raw)
	}
}
