package realtime_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/wire"
)

// flood posts large messages, more than the sockets of those take who do not
// read.
func (s *stage) flood(room chat.RoomID) {
	s.t.Helper()
	s.talkOf("ann", room, floodMessages, strings.Repeat("flood ", 1600))
}

const floodMessages = 1000 // of 10 kB

// slowly is a client in the room whose socket takes little at once.
func (s *stage) slowly(name string, room chat.RoomID) *client {
	s.t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 128<<10) })
	}}
	c, err := s.dialWith(&http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}, name)
	s.must(err)
	c.next()
	c.resume(map[chat.RoomID]chat.Seq{room: s.head(room)})
	return c
}

func TestAReaderThatStopsIsClosedAsTooSlowAndCanResume(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) {
		o.Timing.Stall = 500 * time.Millisecond
		o.Timing.Linger = patience
	})
	s.add("bob", chat.RoleMember)
	s.add("eve", chat.RoleMember)
	room := s.room("general", "bob", "eve")
	bob := s.connect("bob")
	bob.resume(map[chat.RoomID]chat.Seq{room: s.head(room)})
	slow := s.slowly("eve", room)
	last := s.head(room) + floodMessages
	go s.flood(room)
	bob.reaches(room, last) // is not held up
	s.eventually("eve is given up", func() bool { return s.hub.Stats().Closes[wire.CloseSlow] == 1 })
	for {
		f, err := slow.read()
		if err != nil {
			if code := websocket.CloseStatus(err); code != 4008 {
				t.Fatalf("closed with %v", err)
			}
			break
		}
		if _, err := slow.numbered(f); err != nil {
			t.Fatal(err)
		}
	}
	if slow.seen[room] >= last {
		t.Fatal("the socket took everything: the test has no slow reader")
	}
	back := s.connect("eve")
	back.resume(map[chat.RoomID]chat.Seq{room: slow.seen[room]})
	back.reaches(room, last)
}

func TestASlowReaderThatReadsOnCatchesUpAndIsLiveAgain(t *testing.T) {
	s := newStage(t)
	s.add("eve", chat.RoleMember)
	room := s.room("general", "eve")
	slow := s.slowly("eve", room)
	s.flood(room)
	s.eventually("eve is behind", func() bool { return s.hub.Stats().Laggards == 1 })
	for range 3 { // private frames find their way meanwhile
		s.hub.ReadMoved(slow.principal().User.ID, room, 1)
	}
	last := s.head(room)
	slow.reaches(room, last)
	s.eventually("eve is with the others again", func() bool { return s.hub.Stats().Laggards == 0 })
	slow.reaches(room, s.says("ann", room, "live"))
}

func (c *client) principal() chat.Principal { return c.s.people[c.name] }

func TestLeavingWhileBehindEndsExactlyAtTheEvent(t *testing.T) {
	s := newStage(t)
	eve := s.add("eve", chat.RoleMember)
	room := s.room("general", "eve")
	slow := s.slowly("eve", room)
	s.flood(room)
	left := s.change("eve", room, chat.RemoveMember{User: eve.User.ID}).Event.Seq
	s.says("ann", room, "not for eve")
	joined := s.change("eve", room, chat.AddMember{User: eve.User.ID}).Event.Seq
	last := s.says("ann", room, "for eve again")
	slow.reaches(room, left)
	if f := slow.until("room.removed"); f.Room != room {
		t.Fatalf("after leaving comes %s", f.raw)
	}
	delete(slow.seen, room)
	if f := slow.event(); f.Seq != joined {
		t.Fatalf("after joining at %d comes %s", joined, f.raw)
	}
	slow.reaches(room, last)
}

func TestUnreadAnswersAreBounded(t *testing.T) {
	s := newStage(t)
	room := s.room("general")
	c := s.connect("ann")
	c.resume(nil)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		op := []byte(`{"id":1,"op":"ping"` + strings.Repeat(" ", 100) + `}`)
		for c.ws.Write(ctx, websocket.MessageText, op) == nil {
		}
	}()
	s.eventually("the flood ends with 4008", func() bool { return s.hub.Stats().Closes[wire.CloseSlow] == 1 })
	ann := s.joined("ann")
	ann.reaches(room, s.says("ann", room, "others are served"))
}

func TestHeartbeats(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) {
		o.Timing.Heartbeat, o.Timing.PongWait = 500*time.Millisecond, 300*time.Millisecond
	})
	t.Run("a peer that answers stays", func(t *testing.T) {
		c := s.joined("ann")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		pings := 0
		for {
			_, b, err := c.ws.Read(ctx) // answers pings by itself
			if err != nil {
				break
			}
			if string(b) == `{"type":"ping"}` {
				pings++
			}
		}
		if ctx.Err() == nil || pings < 3 {
			t.Fatalf("the connection ended after %d pings", pings)
		}
	})
	t.Run("a peer that does not is closed", func(t *testing.T) {
		r := s.handshake(t, "ann")
		_, _ = r.conn.Write(text(`{"id":1,"op":"resume"}`))
		if code := r.closed(); code != 4010 {
			t.Fatalf("closed with %d, want 4010", code)
		}
	})
}

func TestAConnectionThatDoesNotResumeIsClosed(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) {
		o.Timing.Heartbeat, o.Timing.ResumeWait = time.Second, 200*time.Millisecond
	})
	if code := s.connect("ann").closed(); code != websocket.StatusPolicyViolation {
		t.Fatalf("closed with %d, want 1008", code)
	}
	c := s.joined("ann")
	timer := time.NewTimer(time.Second)
	<-timer.C
	c.asks("ping", "")
}
