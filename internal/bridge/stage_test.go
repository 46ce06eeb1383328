package bridge_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/channelsredis"
	"github.com/parley-chat/parley/internal/bridge"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

// patience is how long tests wait for what must happen.
const patience = 30 * time.Second

// stage is a Parley with ann, an administrator, in the room "general".
type stage struct {
	t       *testing.T
	store   *sqlstore.Store
	service *service.Service
	ann     chat.Principal
	room    chat.RoomID
	keys    int

	mu      sync.Mutex
	bridges []*bridge.Bridge // guarded by mu; hear of commits
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := newEmptyStage(t)
	s.add("ann", chat.RoleAdmin)
	s.addRoom()
	return s
}

func newEmptyStage(t *testing.T) *stage {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "parley.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := &stage{t: t, store: db, service: service.New(service.Options{Store: db})}
	db.OnCommit(s.committed)
	return s
}

// committed lets the first bridge hear: it stands for the node that commits.
func (s *stage) committed(events []chat.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.bridges) > 0 {
		s.bridges[0].Committed(events)
	}
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) add(name string, role chat.Role) chat.User {
	s.t.Helper()
	user, err := s.store.CreateUser(s.t.Context(), store.NewUser{Username: name, Fold: name, Name: name, Role: role})
	s.must(err)
	if name == "ann" {
		s.ann = chat.Principal{User: user}
	}
	return user
}

func (s *stage) addRoom() {
	s.t.Helper()
	room, err := s.store.CreateRoom(s.t.Context(), store.NewRoom{Creator: s.ann.User.ID, Slug: "general", Name: "General"})
	s.must(err)
	s.room = room.ID
}

// begin starts a bridge of the room to the group chat_general.
func (s *stage) begin(o bridge.Options) *bridge.Bridge {
	s.t.Helper()
	o.Logger = slog.New(slog.NewTextHandler(s.t.Output(), nil))
	o.Service, o.Mark, o.Rooms = s.service, "ours", []bridge.Room{{Slug: "general", Group: "chat_general"}}
	b, err := bridge.New(s.t.Context(), o)
	s.must(err)
	s.mu.Lock()
	s.bridges = append(s.bridges, b)
	s.mu.Unlock()
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = b.Close(ctx)
	})
	return b
}

// bridge starts one and waits until it carries messages.
func (s *stage) bridge(o bridge.Options) *bridge.Bridge {
	s.t.Helper()
	b := s.begin(o)
	s.await("the bridge carries messages", func() bool { return b.State() == "ok" && s.hasBot() })
	return b
}

// hasBot tells whether a bot is in the room.
func (s *stage) hasBot() bool {
	members, err := s.store.Members(s.t.Context(), store.Visit{Viewer: s.ann.User.ID, Room: s.room}, store.Cursor{Limit: 100})
	s.must(err)
	return slices.ContainsFunc(members, func(u chat.UserRef) bool { return strings.HasPrefix(u.Username, "django") })
}

// await polls until something is so.
func (s *stage) await(what string, is func() bool) {
	s.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !is(); {
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("not so within %v: %s", patience, what)
		}
	}
}

func (s *stage) messages() []chat.Message {
	s.t.Helper()
	page, err := s.service.Page(s.t.Context(), s.ann, s.room, chat.PageQuery{Limit: chat.MaxPage})
	s.must(err)
	return page.Messages
}

func (s *stage) texts() []string {
	s.t.Helper()
	var texts []string
	for _, m := range s.messages() {
		texts = append(texts, m.Text)
	}
	return texts
}

// sees waits for a text in the room.
func (s *stage) sees(text string) {
	s.t.Helper()
	s.await("the room has "+text, func() bool { return slices.Contains(s.texts(), text) })
}

func (s *stage) seesNothingElse(texts ...string) {
	s.t.Helper()
	if got := s.texts(); !slices.Equal(got, texts) {
		s.t.Fatalf("the room has %q, want %q", got, texts)
	}
}

// says has ann post.
func (s *stage) says(text string) {
	s.t.Helper()
	s.keys++
	_, _, err := s.service.PostMessage(s.t.Context(), s.ann, s.room, chat.Draft{Key: strconv.Itoa(s.keys), Text: text})
	s.must(err)
}

// app is an application on the same Redis, in Go.
type app struct {
	*stage
	layer   channellayer.Layer
	channel string
}

// newApp joins the group.
func newApp(s *stage, url string) *app {
	s.t.Helper()
	layer, err := channelsredis.NewPubSub(s.t.Context(), channelsredis.PubSubOptions{URLs: []string{url}})
	s.must(err)
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = layer.Shutdown(ctx)
	})
	channel, err := layer.NewChannel(s.t.Context(), "")
	s.must(err)
	s.must(layer.GroupAdd(s.t.Context(), "chat_general", channel))
	return &app{s, layer, channel}
}

// send sends fields to the group.
func (a *app) send(fields ...channellayer.Field) {
	a.t.Helper()
	a.must(a.layer.GroupSend(a.t.Context(), "chat_general", channellayer.NewMessage(fields...)))
}

// chats sends a chat message to the group.
func (a *app) chats(username, message string) {
	a.t.Helper()
	a.send(channellayer.Text("type", "chat_message"), channellayer.Text("message", message), channellayer.Text("username", username))
}

// next is the next message of the group.
func (a *app) next() channellayer.Message {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), patience)
	defer cancel()
	_, m, err := a.layer.Receive(ctx, a.channel)
	a.must(err)
	return m
}
