package realtime_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/wire"
)

func TestSignalsReachThoseTheyAreFor(t *testing.T) {
	s := newStage(t)
	s.add("bob", chat.RoleMember)
	room := s.room("general", "bob")
	ann, bob := s.joined("ann"), s.joined("bob")
	s.hub.RoomListChanged(s.people["bob"].User.ID)
	s.hub.RoomListChanged()
	s.hub.ReadMoved(s.people["ann"].User.ID, room, 2)
	if f := ann.next(); f.raw != `{"type":"rooms"}` {
		t.Fatalf("ann gets %s", f.raw)
	}
	if f := ann.next(); f.raw != fmt.Sprintf(`{"type":"read","room":%d,"seq":2}`, room) {
		t.Fatalf("ann gets %s", f.raw)
	}
	for range 2 {
		if f := bob.next(); f.raw != `{"type":"rooms"}` {
			t.Fatalf("bob gets %s", f.raw)
		}
	}
	if f := bob.asks("ping", ""); string(f.OK) != "{}" {
		t.Fatalf("then bob gets %s", f.raw)
	}
}

func TestMarkingReadMovesTheMarkOnAllMyDevices(t *testing.T) {
	s := newStage(t)
	s.add("bob", chat.RoleMember)
	room := s.room("general", "bob")
	s.says("ann", room, "hello")
	one, two := s.joined("bob"), s.joined("bob")
	if f := one.asks("read", fmt.Sprintf(`,"room":%d,"seq":3`, room)); string(f.OK) != "{}" {
		t.Fatalf("the answer is %s", f.raw)
	}
	if f := two.until("read"); f.Room != room || f.Seq != 3 {
		t.Fatalf("the other device gets %s", f.raw)
	}
	for fields, code := range map[string]string{
		fmt.Sprintf(`,"room":%d,"seq":-1`, room): "invalid_fields",
		`,"room":999,"seq":1`:                    "not_found",
	} {
		if f := one.asks("read", fields); f.Error == nil || f.Error.Code != code {
			t.Errorf("read with %s gives %s", fields, f.raw)
		}
	}
}

func TestEndedSessionsAndAccountsAreClosedWithTheirCodes(t *testing.T) {
	s := newStage(t)
	bob, eve := s.add("bob", chat.RoleMember), s.add("eve", chat.RoleMember)
	room := s.room("general", "bob", "eve")
	ann, b, e := s.joined("ann"), s.joined("bob"), s.joined("eve")
	s.hub.SessionsEnded(bob.Session.ID)
	s.hub.AccountEnded(eve.User.ID)
	if code := b.closed(); code != 4001 {
		t.Errorf("bob is closed with %d, want 4001", code)
	}
	if code := e.closed(); code != 4003 {
		t.Errorf("eve is closed with %d, want 4003", code)
	}
	ann.reaches(room, s.says("ann", room, "ann stays"))
}

func TestASessionWhoseEndNobodyAnnouncedIsFound(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Timing.SessionCheck = 50 * time.Millisecond })
	bob := s.add("bob", chat.RoleMember)
	ann, b := s.joined("ann"), s.joined("bob")
	s.must(s.store.EndSession(t.Context(), bob.User.ID, bob.Session.ID))
	if code := b.closed(); code != 4001 {
		t.Fatalf("bob is closed with %d, want 4001", code)
	}
	ann.asks("ping", "")
}

func TestASessionThatExpiresIsClosed(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Timing.Heartbeat = 250 * time.Millisecond })
	p := s.people["ann"]
	p.Session.ExpiresAt = time.Now().Add(300 * time.Millisecond)
	s.people["ann"] = p
	if code := s.joined("ann").closed(); code != 4001 {
		t.Fatalf("closed with %d, want 4001", code)
	}
}

func TestADeletedRoomIsTakenFromEverybodyInIt(t *testing.T) {
	s := newStage(t)
	s.add("bob", chat.RoleMember)
	room, other := s.room("general", "bob"), s.room("other", "bob")
	ann, bob := s.joined("ann"), s.joined("bob")
	s.must(s.store.DeleteRoom(t.Context(), s.people["ann"].User.ID, room))
	s.hub.RoomDeleted(room)
	for _, c := range []*client{ann, bob} {
		if f := c.until("room.removed"); f.Room != room {
			t.Fatalf("%s gets %s", c.name, f.raw)
		}
		c.reaches(other, s.says("ann", other, "this room stays"))
	}
	s.eventually("the room is forgotten", func() bool { return s.hub.Stats().Rooms == 1 })
}

func TestARoomIsLetGoAWhileAfterItsLastMember(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) {
		o.Timing.RoomIdle, o.Timing.Sweep = 50*time.Millisecond, 20*time.Millisecond
	})
	room := s.room("general")
	ann := s.joined("ann")
	head := s.says("ann", room, "before")
	ann.reaches(room, head)
	_ = ann.ws.CloseNow()
	s.eventually("the room is let go", func() bool { return s.hub.Stats().Rooms == 0 })
	s.talk("ann", room, 10)
	back := s.connect("ann")
	back.resume(map[chat.RoomID]chat.Seq{room: head})
	back.reaches(room, s.says("ann", room, "after"))
}

func TestARoomIsLetGoThoughTheClockWasSetBack(t *testing.T) {
	var back atomic.Int64
	s := newStage(t, func(o *realtime.Options) {
		o.Timing.RoomIdle, o.Timing.Sweep = time.Second, 20*time.Millisecond
		o.Now = func() time.Time { return time.Now().Add(time.Duration(-back.Load())) }
	})
	room := s.room("general")
	ann := s.joined("ann")
	ann.reaches(room, s.says("ann", room, "before"))
	_ = ann.ws.CloseNow()
	s.eventually("she is gone", func() bool { return s.hub.Stats().Connections == 0 })
	back.Store(int64(24 * time.Hour))
	s.eventually("the room is let go", func() bool { return s.hub.Stats().Rooms == 0 })
}

func TestPresenceAndTypingReachTheWatchers(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) {
		o.Timing.PresenceTick, o.Timing.OfflineGrace = 20*time.Millisecond, 50*time.Millisecond
	})
	bob := s.add("bob", chat.RoleMember)
	s.add("eve", chat.RoleMember)
	room := s.room("general", "bob")
	ann := s.joined("ann")
	watch := fmt.Sprintf(`,"room":%d`, room)
	if f := ann.asks("watch", watch); string(f.OK) != "{}" {
		t.Fatalf("watch gives %s", f.raw)
	}
	if f := ann.until("presence"); len(f.Users) != 1 || f.Users[0].ID != s.people["ann"].User.ID || f.Users[0].State != "active" {
		t.Fatalf("the first list is %s", f.raw)
	}
	b := s.joined("bob")
	second := s.joined("bob")
	isBob := func(p wire.PresenceState) bool { return p.ID == bob.User.ID && p.State == "active" }
	for !slices.ContainsFunc(ann.until("presence").Users, isBob) {
	}
	b.asks("typing", watch)
	b.asks("typing", watch) // at once again: not forwarded
	if f := ann.until("typing"); f.Room != room || f.User.Username != "bob" {
		t.Fatalf("ann sees %s", f.raw)
	}
	_ = second.ws.CloseNow() // bob is still here
	_ = b.ws.CloseNow()
	if f := ann.until("presence"); len(f.Users) != 1 || f.Users[0].ID != bob.User.ID || f.Users[0].State != "offline" {
		t.Fatalf("after bob's last connection ann sees %s", f.raw)
	}
	ann.asks("unwatch", watch)
	s.joined("bob").asks("typing", watch)
	if f := ann.asks("ping", ""); f.Re == nil {
		t.Fatalf("after unwatch comes %s", f.raw)
	}
}

func TestAPrivateRoomCannotBeWatchedFromOutside(t *testing.T) {
	s := newStage(t)
	s.add("bob", chat.RoleMember)
	private := true
	room := s.room("general")
	bob := s.joined("bob")
	watch := fmt.Sprintf(`,"room":%d`, room)
	if f := bob.asks("watch", watch); f.Error != nil {
		t.Fatalf("watching an open room gives %s", f.raw)
	}
	s.change("ann", room, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Private: &private}})
	for _, op := range []string{"watch", "typing"} {
		if f := bob.asks(op, watch); f.Error == nil || f.Error.Code != "not_found" {
			t.Fatalf("%s in a private room gives %s", op, f.raw)
		}
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Limits = realtime.Limits{Connections: 4, PerUser: 3} })
	s.add("bob", chat.RoleMember)
	for range 3 {
		s.joined("ann")
	}
	refused := func(name, want string) {
		t.Helper()
		if _, err := s.dial(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Fatalf("another connection of %s gives %v, want %s", name, err, want)
		}
	}
	refused("ann", "429")
	bob := s.joined("bob")
	refused("bob", "503")
	_ = bob.ws.CloseNow()
	s.eventually("there is room again", func() bool { return s.hub.Stats().Connections == 3 })
	s.joined("bob")
}

func TestADrainClosesEverybodyInPeaceAndLetsNobodyIn(t *testing.T) {
	s := newStage(t)
	room := s.room("general")
	var clients []*client
	for i := range 60 {
		name := fmt.Sprintf("user%d", i)
		s.add(name, chat.RoleMember)
		clients = append(clients, s.joined(name))
	}
	ann := s.joined("ann")
	ann.sends(room, "k", "the last word")
	codes := make(chan websocket.StatusCode, len(clients))
	for _, c := range clients {
		go func() { codes <- c.closed() }()
	}
	stubborn := s.handshake(t, "ann") // never answers the close frame
	defer func() { _, _ = io.Copy(io.Discard, stubborn.conn) }()
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
	defer cancel()
	if err := s.hub.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	for range clients {
		if code := <-codes; code != 1012 {
			t.Errorf("closed with %d, want 1012", code)
		}
	}
	if _, err := s.dial("ann"); err == nil || !strings.HasPrefix(err.Error(), "503") {
		t.Errorf("while draining a connection gives %v", err)
	}
	if n := s.hub.Stats().Connections; n != 0 {
		t.Errorf("%d connections are left", n)
	}
}

func TestOneNodeAloneSendsNothingOverTheLayer(t *testing.T) {
	layer := newLayer(t)
	s := newStage(t, func(o *realtime.Options) { o.Layer, o.SingleNode = layer, true })
	room := s.room("general")
	ann := s.joined("ann")
	ann.reaches(room, s.says("ann", room, "alone"))
	s.hub.RoomListChanged()
	ann.until("rooms")
	if stats := layer.Stats(); stats.GroupSent != 0 || stats.Groups != 0 {
		t.Fatalf("the layer was used: %+v", stats)
	}
}
