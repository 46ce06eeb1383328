package realtime_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

func TestASocketThatCannotBeWrittenWithoutWaitingIsServedToo(t *testing.T) {
	s := newStage(t)
	s.server = httptest.NewTLSServer(http.HandlerFunc(s.accept))
	t.Cleanup(s.server.Close)
	room := s.room("general")
	start := s.head(room)
	s.talk("ann", room, 100)
	c, err := s.dialWith(s.server.Client(), "ann")
	s.must(err)
	c.next()
	c.resume(map[chat.RoomID]chat.Seq{room: start})
	for range 20 {
		s.talk("ann", room, 20)
		c.asks("ping", "")
	}
	c.reaches(room, s.head(room))
	s.hub.SessionsEnded(s.people["ann"].Session.ID)
	if code := c.closed(); code != 4001 {
		t.Fatalf("closed with %d, want 4001", code)
	}
}

func TestOneConnectionHearsOfManyRooms(t *testing.T) {
	s := newStage(t)
	var rooms []chat.RoomID
	cursors := map[chat.RoomID]chat.Seq{}
	for i := range 200 {
		room := s.room(fmt.Sprintf("room-%d", i))
		rooms = append(rooms, room)
		cursors[room] = 0
	}
	ann := s.connect("ann")
	if answer := ann.resume(cursors); len(answer.Rooms) != len(rooms) {
		t.Fatalf("the answer has %d rooms", len(answer.Rooms))
	}
	for range 3 {
		for _, room := range rooms {
			ann.reaches(room, s.says("ann", room, "hello"))
		}
	}
}
