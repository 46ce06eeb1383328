package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/client"
)

// checkRefused fails unless err is a refusal with this status and code.
func checkRefused(t *testing.T, err error, status int, code string) {
	t.Helper()
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Status != status || refused.Code != code {
		t.Errorf("got %v, want %d %s", err, status, code)
	}
}

func TestRefusalsAreTyped(t *testing.T) {
	s := startServer(t, 2)
	c := s.client(t, 1)
	if _, err := c.Post(t.Context(), s.room, "key", "text"); err != nil {
		t.Fatal(err)
	}
	_, err := c.Post(t.Context(), s.room, "key", "another text")
	checkRefused(t, err, http.StatusConflict, "key_reused")
	_, err = c.CreateRoom(t.Context(), "Mine", "")
	checkRefused(t, err, http.StatusForbidden, "admins_only")
	_, err = c.Messages(t.Context(), 999, "")
	checkRefused(t, err, http.StatusNotFound, "not_found")

	k, err := c.Dial(t.Context(), func(client.Frame) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	_, err = k.Send(t.Context(), s.room, "key", "text")
	checkRefused(t, err, http.StatusConflict, "resume_first")
	checkRefused(t, k.Call(t.Context(), "fly", nil, nil), http.StatusBadRequest, "unknown_op")

	s.people[1].Token = "prl_wrong"
	_, err = s.client(t, 1).Me(t.Context())
	checkRefused(t, err, http.StatusUnauthorized, "not_signed_in")
	_, err = s.client(t, 1).Dial(t.Context(), nil)
	checkRefused(t, err, http.StatusUnauthorized, "not_signed_in")
}

func TestTheSameKeyGivesTheFirstMessageAgainByEitherWay(t *testing.T) {
	s := startServer(t, 1)
	live := s.client(t, 0).Live(t.Context(), nil, newEar())
	first := send(t, live, s.room, "hello")
	if again := send(t, live, s.room, "hello"); again != first {
		t.Errorf("numbers %d and %d", first, again)
	}
	m, err := s.client(t, 0).Post(t.Context(), s.room, "hello", "hello")
	if err != nil || int64(m.Seq) != first {
		t.Errorf("posted %+v, %v, want the number %d", m, err, first)
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	for _, base := range []string{"", "chat.example.org", "ftp://chat.example.org", "https://"} {
		if _, err := client.New(base, "prl_token"); err == nil {
			t.Errorf("%q was taken", base)
		}
	}
}

// A server as it must not be: its first connection leaves out an event.
func TestAHoleMakesTheClientResumeFromTheLastEventItHas(t *testing.T) {
	const hello = `{"type":"hello","epoch":"e"}`
	answer := `{"re":1,"ok":{"rooms":{"1":{"seq":9,"epoch":"e"}}}}`
	event := func(seq int) string {
		return `{"type":"message.created","room":1,"epoch":"e","seq":` + strconv.Itoa(seq) + `}`
	}
	asked := make(chan string, 2)
	connections := 0 // of one handler after the other
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections++
		frames := []string{answer, event(6), event(7), event(9)}
		if connections > 1 {
			frames = []string{answer, event(7), `{"type":"skip","room":1,"from":7,"to":8}`, event(9)}
		}
		socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"parley.v1"}})
		if err != nil {
			return
		}
		defer socket.CloseNow()
		ctx := context.WithoutCancel(r.Context())
		_ = socket.Write(ctx, websocket.MessageText, []byte(hello)) // the client's side is what is tested
		_, op, _ := socket.Read(ctx)
		asked <- string(op)
		for _, frame := range frames {
			_ = socket.Write(ctx, websocket.MessageText, []byte(frame))
		}
		_, _, _ = socket.Read(ctx)
	}))
	defer server.Close()
	ctx, stop := context.WithCancel(t.Context())
	c, err := client.New(server.URL, "prl_token")
	if err != nil {
		t.Fatal(err)
	}
	e := newEar()
	live := c.Live(ctx, map[int64]client.Cursor{1: {Epoch: "e", Seq: 5}}, e)
	e.awaitSeq(t, 9)
	stop()
	<-live.Ended()
	if len(asked) != 2 {
		t.Fatalf("%d connections, want 2", len(asked))
	}
	for _, seq := range []string{"5", "7"} {
		want := `{"id":1,"op":"resume","rooms":{"1":{"epoch":"e","seq":` + seq + `}}}`
		if got := <-asked; got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
	events, _ := e.snapshot()
	if len(events) != 3 || events[0].Seq != 6 || events[1].Seq != 7 || events[2].Seq != 9 {
		t.Errorf("heard %+v", events)
	}
}
