package realtime_test

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	windowmemory "github.com/parley-chat/parley/internal/window/memory"
)

func TestAResumeGivesExactlyWhatWasMissed(t *testing.T) {
	for _, missed := range []int{0, 1, 500, 1500, 4999} {
		t.Run(fmt.Sprint(missed), func(t *testing.T) {
			s := newStage(t, withWindow(2000)) // 4,999 reach below ring and window
			s.add("bob", chat.RoleMember)
			room := s.room("general", "bob")
			ann := s.joined("ann") // keeps the room active
			s.talk("ann", room, missed)
			head := s.head(room)
			bob := s.connect("bob")
			if answer := bob.resume(map[chat.RoomID]chat.Seq{room: 2}); answer.Rooms[room].Reload || answer.Rooms[room].Seq != head {
				t.Fatalf("the answer is %+v", answer)
			}
			bob.reaches(room, head)
			next := s.says("ann", room, "live")
			bob.reaches(room, next)
			ann.reaches(room, next)
		})
	}
}

// withWindow makes the window keep n events.
func withWindow(n int) func(*realtime.Options) {
	return func(o *realtime.Options) { o.Window = windowmemory.New(windowmemory.Options{Events: n}) }
}

func TestAResumeIntoASilentRoomReadsTheDatabase(t *testing.T) {
	s := newStage(t)
	room := s.room("general")
	s.talk("ann", room, 300)
	ann := s.connect("ann")
	ann.resume(map[chat.RoomID]chat.Seq{room: 1})
	ann.reaches(room, 301)
}

func TestAClientThatCannotBeBroughtUpToDateIsToldToReload(t *testing.T) {
	s := newStage(t)
	room := s.room("general")
	s.talk("ann", room, 5001)
	head := s.head(room)
	for name, rooms := range map[string]func() string{
		"too far behind":  func() string { return fmt.Sprintf(`{"%d":1}`, room) },
		"not named":       func() string { return `{}` },
		"another epoch":   func() string { return fmt.Sprintf(`{"%d":{"epoch":"other","seq":%d}}`, room, head) },
		"beyond the head": func() string { return fmt.Sprintf(`{"%d":%d}`, room, head+1) },
	} {
		t.Run(name, func(t *testing.T) {
			ann := s.connect("ann")
			answer := ann.asks("resume", fmt.Sprintf(`,"epoch":%q,"rooms":%s`, s.store.Epoch(), rooms()))
			want := fmt.Sprintf(`{"rooms":{"%d":{"seq":%d,"epoch":%q,"reload":true}}}`, room, head, s.store.Epoch())
			if string(answer.OK) != want {
				t.Fatalf("the answer is %s, want %s", answer.raw, want)
			}
			ann.seen[room] = head
			head = s.says("ann", room, "live")
			ann.reaches(room, head)
		})
	}
	ann := s.connect("ann")
	ann.resume(map[chat.RoomID]chat.Seq{room: head - chat.MaxReplay})
	ann.reaches(room, head)
}

func TestAResumeLeavesOutRoomsThatAreNotMine(t *testing.T) {
	s := newStage(t)
	s.add("bob", chat.RoleMember)
	room := s.room("general")
	bob := s.connect("bob")
	if answer := bob.resume(map[chat.RoomID]chat.Seq{room: 1, 999: 5}); len(answer.Rooms) != 0 {
		t.Fatalf("the answer is %+v", answer)
	}
	s.says("ann", room, "not for bob")
	if f := bob.asks("ping", ""); string(f.OK) != "{}" {
		t.Fatalf("bob gets %s", f.raw)
	}
}

func TestResumeComesFirstAndOnce(t *testing.T) {
	s := newStage(t)
	room := s.room("general")
	ann := s.connect("ann")
	for _, op := range []string{"ping", "watch", "read"} {
		fields := map[string]string{"watch": fmt.Sprintf(`,"room":%d`, room), "read": fmt.Sprintf(`,"room":%d,"seq":1`, room)}[op]
		if f := ann.asks(op, fields); f.Error == nil || f.Error.Code != "resume_first" || f.Error.Status != 409 {
			t.Fatalf("%s before a resume gives %s", op, f.raw)
		}
	}
	for _, rooms := range []string{`{"1":-1}`, `{"1":"x"}`, `{"1":null}`, `{"x":1}`} {
		if f := ann.asks("resume", `,"rooms":`+rooms); f.Error == nil || f.Error.Status != 422 {
			t.Fatalf("resume with %s gives %s", rooms, f.raw)
		}
	}
	ann.resume(nil)
	if f := ann.asks("resume", `,"rooms":{}`); f.Error == nil || f.Error.Code != "resumed" || f.Error.Status != 409 {
		t.Fatalf("a second resume gives %s", f.raw)
	}
}

func TestReadingDeletedTextAgainGivesASkip(t *testing.T) {
	s := newStage(t)
	s.add("bob", chat.RoleMember)
	room := s.room("general", "bob")
	ann := s.joined("ann")
	secret := s.says("ann", room, "a secret")
	s.says("ann", room, "not a secret")
	gone := s.change("ann", room, chat.DeleteMessage{Seq: secret}).Event.Seq
	ann.reaches(room, gone)
	bob := s.connect("bob")
	bob.resume(map[chat.RoomID]chat.Seq{room: secret - 1})
	if f := bob.event(); f.Type != "skip" || f.From != secret || f.To != secret {
		t.Fatalf("the replay begins with %s", f.raw)
	}
	if f := bob.event(); f.Message == nil || f.Message.Text != "not a secret" {
		t.Fatalf("then comes %s", f.raw)
	}
	if f := bob.event(); f.Type != "message.deleted" || f.Seq != gone {
		t.Fatalf("then comes %s", f.raw)
	}
	s.eventually("the window has forgotten it", func() bool {
		_, err := s.window.Range(t.Context(), room, secret-1, gone, gone)
		return err != nil
	})
}
