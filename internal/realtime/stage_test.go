package realtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/channellayer"
	layermemory "github.com/parley-chat/parley/channellayer/memory"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/window"
	windowmemory "github.com/parley-chat/parley/internal/window/memory"
	"github.com/parley-chat/parley/internal/wire"
)

// patience is how long tests wait for what must happen.
const patience = time.Minute

// stage is a server without its HTTP API: database, use cases, hub, sockets.
type stage struct {
	t       testing.TB
	store   *sqlstore.Store
	service *service.Service
	hub     *realtime.Hub
	server  *httptest.Server
	people  map[string]chat.Principal
	window  window.Window
	layer   channellayer.Layer
}

// newStage opens one; change alters what it is made of.
func newStage(t testing.TB, change ...func(*realtime.Options)) *stage {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "parley.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := newNode(t, db, newLayer(t), change...)
	db.OnCommit(s.hub.Committed)
	s.add("ann", chat.RoleAdmin)
	return s
}

func newLayer(t testing.TB) channellayer.Layer {
	t.Helper()
	layer, err := layermemory.New(channellayer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// newNode puts a node onto a database. It hears of commits only what the
// layer tells it.
func newNode(t testing.TB, db *sqlstore.Store, layer channellayer.Layer, change ...func(*realtime.Options)) *stage {
	t.Helper()
	s := &stage{t: t, store: db, people: map[string]chat.Principal{}}
	s.service = service.New(service.Options{Store: db, Logger: slog.New(slog.DiscardHandler)})
	s.window = windowmemory.New(windowmemory.Options{})
	options := realtime.Options{
		Chat: s.service, Layer: layer, Window: s.window, Shards: 2,
		Told:   wire.Limits{MessageCharacters: chat.MaxMessageCharacters},
		Limits: realtime.Limits{Connections: 3000, PerUser: 20},
		Timing: realtime.Timing{ResumeWait: patience, Query: patience, PongWait: patience, Stall: patience},
	}
	for _, f := range change {
		f(&options)
	}
	s.window, s.layer = options.Window, options.Layer
	var err error
	if s.hub, err = realtime.New(options); err != nil {
		t.Fatal(err)
	}
	s.service.Announce(s.hub)
	s.server = httptest.NewServer(http.HandlerFunc(s.accept))
	t.Cleanup(s.server.Close)
	t.Cleanup(s.hub.Close)
	return s
}

// accept signs in whom the header names: sign-in is httpapi's.
func (s *stage) accept(w http.ResponseWriter, r *http.Request) {
	p, known := s.people[r.Header.Get("Test-User")]
	if !known {
		http.Error(w, "no such user", http.StatusUnauthorized)
		return
	}
	if err := s.hub.Accept(w, r, p); err != nil {
		problem := wire.ProblemOf(err)
		w.WriteHeader(problem.Status)
		_ = json.NewEncoder(w).Encode(problem)
	}
}

// add makes an account with a session.
func (s *stage) add(name string, role chat.Role) chat.Principal {
	s.t.Helper()
	user, err := s.store.CreateUser(s.t.Context(), store.NewUser{Username: name, Fold: name, Name: name, Role: role})
	s.must(err)
	hash := fmt.Appendf(nil, "%032d", user.ID)
	session, _, err := s.store.CreateSession(s.t.Context(), store.NewSession{
		User: user.ID, Kind: chat.SessionBrowser, SecretHash: hash, ExpiresAt: time.Now().Add(time.Hour),
	})
	s.must(err)
	p := chat.Principal{User: user, Session: session}
	s.people[name] = p
	return p
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// room makes a room of ann's and lets the named people in.
func (s *stage) room(slug string, members ...string) chat.RoomID {
	s.t.Helper()
	room, err := s.store.CreateRoom(s.t.Context(), store.NewRoom{Creator: s.people["ann"].User.ID, Slug: slug, Name: slug})
	s.must(err)
	for _, name := range members {
		if name != "ann" {
			s.change(name, room.ID, chat.AddMember{User: s.people[name].User.ID})
		}
	}
	return room.ID
}

// change does something to a room and waits until it is committed.
func (s *stage) change(name string, room chat.RoomID, what chat.Change) store.Appended {
	s.t.Helper()
	a, err := store.AppendWait(s.t.Context(), s.store, s.people[name].User.ID, room, what)
	s.must(err)
	return a
}

// says posts a message and gives its number.
func (s *stage) says(name string, room chat.RoomID, text string) chat.Seq {
	s.t.Helper()
	return s.change(name, room, chat.PostMessage{Draft: chat.Draft{Key: newKey(), Text: text}}).Message.Seq
}

// talk posts n messages, many at once.
func (s *stage) talk(name string, room chat.RoomID, n int) {
	s.t.Helper()
	s.talkOf(name, room, n, "message ")
}

func (s *stage) talkOf(name string, room chat.RoomID, n int, text string) {
	s.t.Helper()
	const atOnce = 1000
	for n > 0 {
		some := min(n, atOnce)
		done := make(chan error, some)
		for i := range some {
			s.store.Append(store.Append{
				Actor: s.people[name].User.ID, Room: room,
				Change: chat.PostMessage{Draft: chat.Draft{Key: newKey(), Text: text + strconv.Itoa(i)}},
				Done:   func(_ store.Appended, err error) { done <- err },
			})
		}
		for range some {
			s.must(<-done)
		}
		n -= some
	}
}

func (s *stage) head(room chat.RoomID) chat.Seq {
	s.t.Helper()
	heads, err := s.store.Heads(s.t.Context(), []chat.RoomID{room})
	s.must(err)
	return heads[room]
}

// eventually waits until so.
func (s *stage) eventually(what string, so func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for !so() {
		if time.Now().After(deadline) {
			s.t.Fatal("did not happen: ", what)
		}
		<-ticker.C
	}
}

// frame is any frame of the server.
type frame struct {
	Type    string
	Room    chat.RoomID
	Epoch   string
	Seq     chat.Seq
	From    chat.Seq
	To      chat.Seq
	Re      *int64
	OK      json.RawMessage
	Error   *wire.Problem
	Message *wire.Message
	User    wire.UserRef
	Users   []wire.PresenceState
	raw     string
}

// client is a connection, by an independent implementation of WebSocket.
type client struct {
	s    *stage
	t    testing.TB
	name string
	ws   *websocket.Conn
	id   int64
	seen map[chat.RoomID]chat.Seq // the last event, room by room
	last frame
}

// connect opens a socket and takes the hello.
func (s *stage) connect(name string) *client {
	s.t.Helper()
	c, err := s.dial(name)
	s.must(err)
	if hello := c.next(); hello.Type != "hello" || hello.Epoch != s.store.Epoch() {
		s.t.Fatalf("the first frame is %s", hello.raw)
	}
	return c
}

func (s *stage) dial(name string) (*client, error) { return s.dialWith(http.DefaultClient, name) }

func (s *stage) dialWith(by *http.Client, name string) (*client, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, response, err := websocket.Dial(ctx, s.server.URL, &websocket.DialOptions{
		HTTPHeader: http.Header{"Test-User": {name}}, Subprotocols: []string{wire.Subprotocol}, HTTPClient: by,
	})
	if err != nil {
		if response != nil {
			err = fmt.Errorf("%d: %w", response.StatusCode, err)
		}
		return nil, err
	}
	ws.SetReadLimit(8 << 20)
	s.t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{s: s, t: s.t, name: name, ws: ws, seen: map[chat.RoomID]chat.Seq{}}, nil
}

// joined is a client that has resumed without naming rooms.
func (s *stage) joined(name string) *client {
	s.t.Helper()
	c := s.connect(name)
	c.resume(nil)
	return c
}

// read gives the next frame, but for pings.
func (c *client) read() (frame, error) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		_, b, err := c.ws.Read(ctx)
		cancel()
		if err != nil {
			return frame{}, err
		}
		f := frame{raw: string(b)}
		if err := json.Unmarshal(b, &f); err != nil {
			return f, fmt.Errorf("%q: %w", b, err)
		}
		if f.Type != "ping" {
			c.last = f
			return f, nil
		}
	}
}

func (c *client) next() frame {
	c.t.Helper()
	f, err := c.read()
	if err != nil {
		c.t.Fatalf("%s reads: %v", c.name, err)
	}
	return f
}

// numbered reports whether f is an event or a skip, and checks that it is
// the next of its room.
func (c *client) numbered(f frame) (bool, error) {
	first, last := f.Seq, f.Seq
	switch {
	case f.Type == "skip":
		first, last = f.From, f.To
	case f.Re != nil || f.Seq == 0 || f.Type == "read" || f.Type == "reload":
		return false, nil
	}
	before, known := c.seen[f.Room]
	if known && first != before+1 {
		return true, fmt.Errorf("%s in room %d after %d: %s", c.name, f.Room, before, f.raw)
	}
	c.seen[f.Room] = last
	return true, nil
}

// event gives the next event of any room.
func (c *client) event() frame {
	c.t.Helper()
	for {
		f := c.next()
		numbered, err := c.numbered(f)
		if err != nil {
			c.t.Fatal(err)
		}
		if numbered {
			return f
		}
	}
}

// reaches reads until the room's event seq, and checks that none is missing
// or doubled on the way.
func (c *client) reaches(room chat.RoomID, seq chat.Seq) {
	c.t.Helper()
	for c.seen[room] < seq {
		c.event()
	}
	if c.seen[room] != seq {
		c.t.Fatalf("%s has come to %d, past %d", c.name, c.seen[room], seq)
	}
}

func (c *client) write(text string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatalf("%s writes: %v", c.name, err)
	}
}

// asks sends an op, whose fields begin with a comma or are empty, and gives
// its answer; events on the way are counted.
func (c *client) asks(op, fields string) frame {
	c.t.Helper()
	c.id++
	c.write(fmt.Sprintf(`{"id":%d,"op":%q%s}`, c.id, op, fields))
	for {
		f := c.next()
		if f.Re != nil && *f.Re == c.id {
			return f
		}
		if _, err := c.numbered(f); err != nil {
			c.t.Fatal(err)
		}
	}
}

// resume names rooms with cursors and starts counting at them, or at the
// answer's head where it says reload.
func (c *client) resume(cursors map[chat.RoomID]chat.Seq) wire.Resumed {
	c.t.Helper()
	answer, refusal := c.tryResume(cursors)
	if refusal != nil {
		c.t.Fatalf("%s resumes: %+v", c.name, *refusal)
	}
	return answer
}

// resumesInTime resumes as soon as the database can be reached: a connection
// to one that was stopped may still be in the pool.
func (c *client) resumesInTime(cursors map[chat.RoomID]chat.Seq) {
	c.t.Helper()
	c.s.eventually("somebody may resume", func() bool {
		_, refusal := c.tryResume(cursors)
		if refusal != nil && refusal.Code != "unavailable" {
			c.t.Fatalf("%s resumes: %+v", c.name, *refusal)
		}
		return refusal == nil
	})
}

func (c *client) tryResume(cursors map[chat.RoomID]chat.Seq) (wire.Resumed, *wire.Problem) {
	c.t.Helper()
	named, err := json.Marshal(cursors)
	if err != nil {
		c.t.Fatal(err)
	}
	if cursors == nil {
		named = []byte("{}")
	}
	c.id++
	c.write(fmt.Sprintf(`{"id":%d,"op":"resume","epoch":%q,"rooms":%s}`, c.id, c.s.store.Epoch(), named))
	f := c.next()
	var answer wire.Resumed
	if f.Re != nil && f.Error != nil {
		return answer, f.Error
	}
	if f.Re == nil || json.Unmarshal(f.OK, &answer) != nil {
		c.t.Fatalf("%s resumes: %s", c.name, f.raw)
	}
	for id, room := range answer.Rooms {
		c.seen[id] = cursors[id]
		if room.Reload {
			c.seen[id] = room.Seq
		}
	}
	return answer, nil
}

// sends posts over the socket and gives the answer.
func (c *client) sends(room chat.RoomID, key, text string) frame {
	c.t.Helper()
	return c.asks("send", fmt.Sprintf(`,"room":%d,"key":%q,"text":%q`, room, key, text))
}

// closed reads until the socket is closed and gives the code.
func (c *client) closed() websocket.StatusCode {
	c.t.Helper()
	for {
		if _, err := c.read(); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				c.t.Fatalf("%s was not closed", c.name)
			}
			return websocket.CloseStatus(err)
		}
	}
}

// until reads until a frame of the type comes.
func (c *client) until(kind string) frame {
	c.t.Helper()
	for {
		f := c.next()
		if _, err := c.numbered(f); err != nil {
			c.t.Fatal(err)
		}
		if f.Type == kind {
			return f
		}
	}
}
