package realtime_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

func TestWhoWasInNoRoomHearsOfTheFirstOneInTheNewHistory(t *testing.T) {
	s := newStage(t)
	bob := s.add("bob", chat.RoleMember)
	c := s.connect("bob")
	c.resume(nil)
	epoch := s.renewed()
	s.eventually("the hub has turned", func() bool { return s.hub.Stats().Turns == 1 })
	room := s.room("general")
	s.change("bob", room, chat.AddMember{User: bob.User.ID})
	for {
		if f := c.until("member.joined"); f.User.ID == bob.User.ID && f.Epoch == epoch {
			return
		}
	}
}
