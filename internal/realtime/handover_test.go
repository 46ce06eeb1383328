package realtime_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// wander connects, reads some events, cuts the connection and comes back to
// resume, until it has seen the room's event last. It fails on the first gap
// or repetition.
func wander(s *stage, name string, room chat.RoomID, from chat.Seq, last *atomic.Int64) error {
	seen := from
	for {
		c, err := s.dial(name)
		if err != nil {
			return err
		}
		c.write(fmt.Sprintf(`{"id":1,"op":"resume","epoch":%q,"rooms":{"%d":%d}}`, s.store.Epoch(), room, seen))
		c.seen[room] = seen
		for range 30 + rand.IntN(300) {
			if end := last.Load(); end > 0 && c.seen[room] >= chat.Seq(end) {
				_ = c.ws.CloseNow()
				if c.seen[room] > chat.Seq(end) {
					return fmt.Errorf("%s came to %d, past %d", name, c.seen[room], end)
				}
				return nil
			}
			f, err := c.read()
			if err != nil {
				return err
			}
			if f.Error != nil {
				return fmt.Errorf("%s is refused: %s", name, f.raw)
			}
			if _, err := c.numbered(f); err != nil {
				return err
			}
		}
		seen = c.seen[room]
		_ = c.ws.CloseNow()
	}
}

func TestNobodyMissesOrRepeatsAnythingWhileComingAndGoing(t *testing.T) {
	s := newStage(t)
	const wanderers = 50
	names := make([]string, wanderers)
	for i := range names {
		names[i] = fmt.Sprintf("user%d", i)
		s.add(names[i], chat.RoleMember)
	}
	room := s.room("general", names...)
	start := s.head(room)
	var last atomic.Int64
	errs := make(chan error, wanderers)
	for _, name := range names {
		go func() { errs <- wander(s, name, room, start, &last) }()
	}
	for range 10 {
		s.talk("ann", room, 100)
	}
	last.Store(int64(s.says("ann", room, "the end")))
	for range wanderers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestJoiningAndLeavingCutExactlyAtTheirEvents(t *testing.T) {
	s := newStage(t)
	bob := s.add("bob", chat.RoleMember)
	room := s.room("general")
	ann := s.joined("ann")
	c := s.joined("bob")
	var talking sync.WaitGroup
	stop := make(chan struct{})
	talking.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				s.talk("ann", room, 20)
			}
		}
	})
	for range 30 {
		joined := s.change("bob", room, chat.AddMember{User: bob.User.ID}).Event.Seq
		if f := c.event(); f.Type != "member.joined" || f.Seq != joined {
			t.Fatalf("the first frame after joining at %d is %s", joined, f.raw)
		}
		left := s.change("bob", room, chat.RemoveMember{User: bob.User.ID}).Event.Seq
		c.reaches(room, left)
		if f := c.next(); f.Type != "room.removed" || f.Room != room {
			t.Fatalf("after leaving comes %s", f.raw)
		}
		delete(c.seen, room)
	}
	close(stop)
	talking.Wait()
	if f := c.asks("ping", ""); string(f.OK) != "{}" {
		t.Fatalf("outside the room comes %s", f.raw)
	}
	ann.reaches(room, s.head(room))
}

func TestJoiningInOneWindowShowsInAllOfOnesWindows(t *testing.T) {
	s := newStage(t)
	bob := s.add("bob", chat.RoleMember)
	room := s.room("general") // nobody is connected to it
	one, two := s.joined("bob"), s.joined("bob")
	joined := s.change("bob", room, chat.AddMember{User: bob.User.ID}).Event.Seq
	for _, c := range []*client{one, two} {
		if f := c.event(); f.Type != "member.joined" || f.Seq != joined || f.User.Username != "bob" {
			t.Fatalf("the first frame is %s", f.raw)
		}
		c.reaches(room, joined)
	}
	next := s.says("bob", room, "hello")
	one.reaches(room, next)
	two.reaches(room, next)
}

func TestResumingWhileJoiningAndLeavingNeverLeaksOrStalls(t *testing.T) {
	s := newStage(t)
	bob := s.add("bob", chat.RoleMember)
	room := s.room("general")
	s.joined("ann")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		pace := time.NewTicker(5 * time.Millisecond) // more joins than a slow resume may wait out are cut off
		defer pace.Stop()
		for {
			select {
			case <-stop:
				return
			case <-pace.C:
				s.change("bob", room, chat.AddMember{User: bob.User.ID})
				s.says("ann", room, "x")
				s.change("bob", room, chat.RemoveMember{User: bob.User.ID})
				s.says("ann", room, "not for bob")
			}
		}
	}()
	for range 100 {
		c := s.connect("bob")
		c.resume(nil)
		for range 5 {
			f := c.next()
			if f.Message != nil && f.Message.Text == "not for bob" {
				t.Errorf("bob was shown %s", f.raw)
			}
			if f.Type == "room.removed" {
				delete(c.seen, room)
			}
			if _, err := c.numbered(f); err != nil {
				t.Error(err)
			}
		}
		_ = c.ws.CloseNow()
	}
	close(stop)
	<-stopped
}

func TestSendsOfOneConnectionKeepTheirOrder(t *testing.T) {
	s := newStage(t)
	room := s.room("general")
	ann := s.joined("ann")
	const n = 500 // many more than may be unanswered: the reader waits, nobody is cut off
	go func() {
		for i := range n {
			ann.write(fmt.Sprintf(`{"id":%d,"op":"send","room":%d,"key":"p%d","text":"%d"}`, i+1, room, i, i))
		}
	}()
	answered := 0
	for texts := 0; texts < n || answered < n; {
		f := ann.next()
		switch {
		case f.Error != nil:
			t.Fatal(f.raw)
		case f.Re != nil:
			answered++
		case f.Message != nil:
			if f.Message.Text != fmt.Sprint(texts) {
				t.Fatalf("message %d is %q", texts, f.Message.Text)
			}
			texts++
		}
	}
}

var errNoGap = errors.New("no gap was found")

func TestAGapIsFoundByTheseTests(t *testing.T) {
	c := &client{seen: map[chat.RoomID]chat.Seq{1: 4}}
	for _, seq := range []chat.Seq{4, 6} {
		c.seen[1] = 4
		if _, err := c.numbered(frame{Type: "message.created", Room: 1, Seq: seq}); err == nil {
			t.Error(errNoGap, seq)
		}
	}
}
