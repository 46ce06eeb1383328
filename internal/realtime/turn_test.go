package realtime_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
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

// halfway is a log that holds the hub up while it turns: the new era has
// begun, and nobody has been taken out of the rooms of the old one.
type halfway struct {
	slog.Handler
	reached, goOn chan struct{}
}

func (h *halfway) Handle(_ context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "the history of the database is another one") {
		close(h.reached)
		<-h.goOn
	}
	return nil
}

func (h *halfway) Enabled(context.Context, slog.Level) bool { return true }

func TestWhoJoinsARoomWhileTheHubTurnsIsBroughtBackToTheOthersToo(t *testing.T) {
	log := &halfway{slog.DiscardHandler, make(chan struct{}), make(chan struct{})}
	s := newStage(t, func(o *realtime.Options) { o.Logger = slog.New(log) })
	bob := s.add("bob", chat.RoleMember)
	old, other := s.room("old", "bob"), s.room("other")
	c := s.joined("bob")
	s.renewed()
	<-log.reached
	s.change("bob", other, chat.AddMember{User: bob.User.ID})
	for range 2 { // the answer to the second comes after the joining was applied
		c.asks("ping", "")
	}
	close(log.goOn)
	c.reloaded(old)
	c.reaches(old, s.says("ann", old, "after"))
	c.reaches(other, s.says("ann", other, "after"))
}
