package realtime_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
)

func TestWhatWasAnsweredBeforeACloseStillArrives(t *testing.T) {
	s := newStage(t)
	r := s.handshake(t, "ann")
	frames := string(text(`{"id":1,"op":"resume"}`))
	for range 5 {
		frames += string(text("{"))
	}
	if _, err := io.WriteString(r.conn, frames); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"re":1`, `"re":0`, `"re":0`, `"re":0`, `"re":0`} {
		if op, payload := r.frame(); op != 1 || !strings.Contains(string(payload), want) {
			t.Fatalf("got frame %d %s, want %s", op, payload, want)
		}
	}
	if code := r.closed(); code != 1008 {
		t.Fatalf("closed with %d, want 1008", code)
	}
}

func TestAPeerThatAnswersACloseAndStaysDoesNotHoldUpADrain(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Timing.Linger = 50 * time.Millisecond })
	r := s.handshake(t, "ann")
	drained := make(chan error, 1)
	go func() { // ends with the drain
		ctx, cancel := context.WithTimeout(context.Background(), patience/4)
		defer cancel()
		drained <- s.hub.Drain(ctx)
	}()
	if code := r.closed(); code != 1012 {
		t.Fatalf("closed with %d, want 1012", code)
	}
	if _, err := r.conn.Write(closing(1012, "")); err != nil {
		t.Fatal(err)
	}
	if err := <-drained; err != nil {
		t.Fatal("the drain had to cut it off: ", err)
	}
}

func TestASessionThatEndedDuringTheHandshakeCannotResume(t *testing.T) {
	s := newStage(t)
	bob := s.add("bob", chat.RoleMember)
	room := s.room("general", "bob")
	s.must(s.service.EndSession(t.Context(), bob, bob.Session.ID)) // the sign-in was looked at before
	c := s.connect("bob")
	c.write(fmt.Sprintf(`{"id":1,"op":"resume","rooms":{"%d":0}}`, room))
	if f, err := c.read(); websocket.CloseStatus(err) != 4001 {
		t.Fatalf("bob gets %s, %v, want a close with 4001", f.raw, err)
	}
}
