package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/wire"
)

// patience bounds every wait for a frame; a machine that is busy may take
// long, one that is broken does not answer at all.
const patience = 20 * time.Second

// socket is a connection as a stranger's program would make one.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
	next int
}

// frame is any frame of the server.
type frame struct {
	Re      int             `json:"re"`
	OK      json.RawMessage `json:"ok"`
	Error   *wire.Problem   `json:"error"`
	Type    string          `json:"type"`
	Room    int64           `json:"room"`
	Seq     int64           `json:"seq"`
	Message wire.Message    `json:"message"`
}

// dial opens a socket; status is that of the answer.
func (c *client) dial(origin string, protocols ...string) (*socket, int) {
	c.t.Helper()
	header := http.Header{}
	for name, values := range c.header {
		header[name] = values
	}
	if c.cookie != "" {
		header.Set("Cookie", c.cookie)
	}
	if origin != "" {
		header.Set("Origin", origin)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	conn, response, err := websocket.Dial(ctx, c.base+"/api/v1/ws", &websocket.DialOptions{HTTPHeader: header, Subprotocols: protocols})
	if err != nil {
		if response == nil {
			c.t.Fatal(err)
		}
		return nil, response.StatusCode
	}
	conn.SetReadLimit(1 << 20)
	c.t.Cleanup(func() { conn.CloseNow() })
	return &socket{t: c.t, conn: conn}, response.StatusCode
}

// connect opens a socket by token, and resumes from the given places.
func (c *client) connect(rooms map[string]int64) *socket {
	c.t.Helper()
	s, status := c.dial("", wire.Subprotocol)
	if s == nil {
		c.t.Fatalf("the handshake answered %d", status)
	}
	if hello := s.read(); hello.Type != "hello" {
		c.t.Fatalf("the first frame is %+v", hello)
	}
	s.ask("resume", map[string]any{"rooms": rooms})
	return s
}

func (s *socket) read() frame {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	_, text, err := s.conn.Read(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	var f frame
	if err := json.Unmarshal(text, &f); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
	return f
}

// ask makes an op and gives its answer; events that come before are dropped.
func (s *socket) ask(op string, fields map[string]any) frame {
	s.t.Helper()
	s.next++
	fields["id"], fields["op"] = s.next, op
	text, err := json.Marshal(fields)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.conn.Write(s.t.Context(), websocket.MessageText, text); err != nil {
		s.t.Fatal(err)
	}
	for {
		if f := s.read(); f.Re == s.next {
			return f
		}
	}
}

// event gives the next event of a room.
func (s *socket) event() frame {
	s.t.Helper()
	for {
		if f := s.read(); f.Seq != 0 && f.Type != "read" {
			return f
		}
	}
}

func TestASendReachesTheOthersAndIsAnsweredOnce(t *testing.T) {
	s, root := startSetUp(t)
	room := root.room("general", false)
	ben := s.person("ben", false)
	ben.api("PUT", "/rooms/general/members/me", nil).is(200)
	a, b := root.connect(nil), ben.connect(nil)

	send := map[string]any{"room": room.ID, "key": "k", "text": "hello"}
	sent := read[wire.Sent](answer{t: t, body: a.ask("send", send).OK})
	got := b.event()
	if got.Type != "message.created" || got.Room != int64(room.ID) || got.Seq != int64(sent.Seq) ||
		got.Message.Text != "hello" || got.Message.User.Username != "root" || got.Message.Key != "k" {
		t.Errorf("ben hears %+v of message %d", got, sent.Seq)
	}
	if stored := read[wire.MessagePage](ben.api("GET", "/rooms/general/messages", nil).is(200)); len(stored.Messages) != 1 || stored.Messages[0].Seq != sent.Seq {
		t.Errorf("what was answered is not there: %+v", stored)
	}
	again := read[wire.Sent](answer{t: t, body: a.ask("send", send).OK})
	if again != sent {
		t.Errorf("the same key again: %+v, want %+v", again, sent)
	}
	if refused := a.ask("send", map[string]any{"room": room.ID, "key": "k", "text": "other"}); refused.Error == nil || refused.Error.Code != "key_reused" {
		t.Errorf("the key with another text: %+v", refused)
	}
	root.post("general", "k2", "next")
	if next := b.event(); next.Seq != got.Seq+1 || next.Message.Text != "next" {
		t.Errorf("after message %d comes %+v", got.Seq, next)
	}
}

func TestWhoWasAwayGetsExactlyWhatWasMissed(t *testing.T) {
	s, root := startSetUp(t)
	room := root.room("general", false)
	ben := s.person("ben", false)
	ben.api("PUT", "/rooms/general/members/me", nil).is(200)
	before := root.post("general", "before", "before")
	const missed = 500
	a := root.connect(nil)
	for i := range missed {
		a.ask("send", map[string]any{"room": room.ID, "key": fmt.Sprint(i), "text": fmt.Sprint("message ", i)})
	}
	b := ben.connect(map[string]int64{itoa(int64(room.ID)): int64(before.Seq)})
	for i := range missed {
		got := b.event()
		if got.Seq != int64(before.Seq)+int64(i)+1 || got.Message.Text != fmt.Sprint("message ", i) {
			t.Fatalf("event %d is %+v", i, got)
		}
	}
	after := root.post("general", "after", "after")
	if got := b.event(); got.Seq != int64(after.Seq) || got.Message.Text != "after" {
		t.Errorf("then comes %+v", got)
	}
}

func TestAHandshakeNeedsASignInAndOurOwnOrigin(t *testing.T) {
	s, root := startSetUp(t)
	ben := s.stranger()
	ben.api("POST", "/signup", account("ben")).is(201)
	foreign := []string{
		"https://evil.example", "null", strings.Replace(s.url, "http:", "https:", 1), s.url + "1", s.url + "/",
		strings.Replace(s.url, "127.0.0.1", "127.0.0.1.evil.example", 1), strings.Replace(s.url, "://", "://u@", 1),
		strings.Replace(s.url, "127.0.0.1", "localhost", 1), "",
	}
	for _, origin := range foreign {
		if _, status := ben.dial(origin, wire.Subprotocol); status != 403 {
			t.Errorf("cookie and origin %q: %d, want 403", origin, status)
		}
		if _, status := root.dial(origin, wire.Subprotocol); status != 403 && origin != "" {
			t.Errorf("bearer and origin %q: %d, want 403", origin, status)
		}
		if _, status := s.stranger().dial(origin, wire.Subprotocol); status != 401 {
			t.Errorf("nobody and origin %q: %d, want 401", origin, status)
		}
	}
	for _, origin := range []string{s.url, strings.ToUpper(s.url)} {
		if _, status := ben.dial(origin, wire.Subprotocol); status != 101 {
			t.Errorf("cookie and origin %q: %d, want 101", origin, status)
		}
	}
	for _, origin := range []string{s.url, ""} {
		if _, status := root.dial(origin, wire.Subprotocol); status != 101 {
			t.Errorf("bearer and origin %q: %d, want 101", origin, status)
		}
	}
	refused := ben.with("Origin", "https://evil.example").api("GET", "/ws", nil).is(403, "bad_origin")
	if !strings.Contains(refused.problem().Detail, "--public-url") {
		t.Errorf("the refusal does not name the setting: %s", refused.body)
	}
}

func TestBehindAProxySocketsComeFromThePublicAddress(t *testing.T) {
	s, _ := startSetUp(t, publicURL("https://chat.example.org"))
	ben := s.stranger()
	ben.api("POST", "/signup", account("ben")).is(201)
	for origin, want := range map[string]int{
		"https://chat.example.org": 101, "https://chat.example.org:443": 101, "http://chat.example.org": 403, s.url: 403,
	} {
		if _, status := ben.dial(origin, wire.Subprotocol); status != want {
			t.Errorf("origin %s: %d, want %d", origin, status, want)
		}
	}
}

func TestAHandshakeAsksForOurProtocol(t *testing.T) {
	_, root := startSetUp(t)
	root.api("GET", "/ws", nil).is(400, "bad_handshake")
	if _, status := root.dial(""); status != 400 {
		t.Errorf("without a subprotocol: %d", status)
	}
	if _, status := root.dial("", "graphql-ws"); status != 400 {
		t.Errorf("with another subprotocol: %d", status)
	}
	if _, status := root.dial("", "other", wire.Subprotocol); status != 101 {
		t.Errorf("with ours among others: %d", status)
	}
}

func TestSocketsOfOneAddressCanBeLimited(t *testing.T) {
	_, root := startSetUp(t, func(c *config.Settings) { c.ConnectionsPerAddress = 2 })
	first, _ := root.dial("", wire.Subprotocol)
	if _, status := root.dial("", wire.Subprotocol); status != 101 {
		t.Fatalf("the second socket: %d", status)
	}
	if _, status := root.dial("", wire.Subprotocol); status != 429 {
		t.Fatalf("the third socket: %d, want 429", status)
	}
	if err := first.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if _, status := root.dial("", wire.Subprotocol); status == 101 {
			return
		}
	}
	t.Error("a closed socket's place was not given back")
}

func TestLoggingOutClosesTheSockets(t *testing.T) {
	s, _ := startSetUp(t)
	ben := s.stranger()
	ben.api("POST", "/signup", account("ben")).is(201)
	socket, status := ben.dial(s.url, wire.Subprotocol)
	if status != 101 {
		t.Fatalf("the handshake answered %d", status)
	}
	socket.read()
	ben.api("POST", "/logout", nil).is(204)
	if code := socket.closeCode(); code != websocket.StatusCode(wire.CloseSessionEnded) {
		t.Errorf("closed with %d", code)
	}
}

// closeCode reads until the server closes.
func (s *socket) closeCode() websocket.StatusCode {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for {
		if _, _, err := s.conn.Read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}
