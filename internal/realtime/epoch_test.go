package realtime_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
	"github.com/parley-chat/parley/internal/testkit/redistest"
	windowredis "github.com/parley-chat/parley/internal/window/redis"
)

// reloaded reads until the client is told to reload the room, and goes on
// from there.
func (c *client) reloaded(room chat.RoomID) frame {
	c.t.Helper()
	for {
		f := c.until("reload")
		c.seen[f.Room] = f.Seq
		if f.Room == room {
			return f
		}
	}
}

// renewed gives the database's history another name, as if it had been
// replaced.
func (s *stage) renewed() (epoch string) {
	s.t.Helper()
	s.must(s.store.RenewEpoch(s.t.Context(), s.store.Epoch()))
	return s.store.Epoch()
}

func TestWhenTheHistoryIsAnotherOneEverybodyIsToldToReloadEveryRoom(t *testing.T) {
	s := newStage(t)
	s.add("bob", chat.RoleMember)
	one, two := s.room("one", "bob"), s.room("two")
	ann, bob, silent := s.joined("ann"), s.joined("bob"), s.connect("ann")
	s.talk("ann", one, 10)
	ann.reaches(one, s.head(one))
	epoch := s.renewed()
	for _, room := range []chat.RoomID{one, two} {
		if f := ann.reloaded(room); f.Epoch != epoch || f.Seq != s.head(room) {
			t.Fatalf("ann is told %s", f.raw)
		}
	}
	bob.reloaded(one)
	for _, c := range []*client{ann, bob} {
		said := s.says("ann", one, "after")
		if c.reaches(one, said); !strings.Contains(c.last.raw, fmt.Sprintf(`"epoch":%q`, epoch)) {
			t.Fatalf("%s hears %s", c.name, c.last.raw)
		}
	}
	silent.resume(map[chat.RoomID]chat.Seq{one: 3})
	silent.reaches(one, s.head(one))
	if got := s.hub.Stats(); got.Turns != 1 {
		t.Errorf("the hub has turned %d times", got.Turns)
	}
}

func TestWhoIsBehindIsToldToReloadAfterWhatIsOnItsWay(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Ring = 16 })
	room := s.room("general")
	ann := s.joined("ann")
	long := strings.Repeat("x", 8000)
	for range 20 { // more than sockets hold
		s.talkOf("ann", room, 100, long)
	}
	s.eventually("ann is behind", func() bool { return s.hub.Stats().Laggards == 1 })
	epoch := s.renewed()
	s.eventually("the hub has turned", func() bool { return s.hub.Stats().Turns == 1 })
	head := s.head(room)
	if f := ann.reloaded(room); f.Epoch != epoch || f.Seq != head {
		t.Fatalf("ann is told %s", f.raw)
	}
	ann.reaches(room, s.says("ann", room, "after"))
}

func TestAfterAnotherHistoryEverybodySitsWhereTheyAreInIt(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Timing.PresenceTick = 20 * time.Millisecond })
	bob, eve := s.add("bob", chat.RoleMember), s.add("eve", chat.RoleMember)
	left, joined := s.room("left", "bob", "eve"), s.room("joined")
	ann, b, e := s.joined("ann"), s.joined("bob"), s.joined("eve")
	ann.asks("watch", fmt.Sprintf(`,"room":%d`, left))
	awaitState(ann, bob.User.ID, "active")
	// What the lost history said of them is not heard of.
	s.store.OnCommit(func([]chat.Event) {})
	s.change("bob", left, chat.RemoveMember{User: bob.User.ID})
	s.change("bob", joined, chat.AddMember{User: bob.User.ID})
	s.must(s.store.EndSession(t.Context(), eve.User.ID, eve.Session.ID))
	s.renewed()
	s.store.OnCommit(s.hub.Committed)
	ann.reloaded(joined)
	b.reloaded(joined)
	if f := b.until("room.removed"); f.Room != left {
		t.Fatalf("bob is told %s", f.raw)
	}
	b.reaches(joined, s.says("bob", joined, "here"))
	if code := e.closed(); code != 4001 {
		t.Errorf("eve is closed with %d", code)
	}
	awaitState(ann, bob.User.ID, "offline")
}

// lateNode is a node that has not noticed yet that the history is another one.
type lateNode struct {
	realtime.Chat
	epoch atomic.Pointer[string] // nil: as the database says
}

func (l *lateNode) Epoch() string {
	if epoch := l.epoch.Load(); epoch != nil {
		return *epoch
	}
	return l.Chat.Epoch()
}

func TestWhatALateNodeTellsOfTheOldHistoryIsNotShown(t *testing.T) {
	for name, layer := range map[string]channellayer.Layer{"hints arrive": newLayer(t), "hints are doubled and late": &faulty{Layer: newLayer(t), double: 0.5, delay: 0.5}} {
		t.Run(name, func(t *testing.T) {
			late := &lateNode{}
			near, far := twoNodes(t, layer, func(o *realtime.Options) { late.Chat, o.Chat = o.Chat, late })
			room := near.room("general")
			ann, other := near.joined("ann"), far.joined("ann")
			old := near.store.Epoch()
			late.epoch.Store(&old)
			epoch := near.renewed()
			head := ann.reloaded(room).Seq
			// The late node tells of its commits in the lost history.
			var lost []chat.Event
			for i := range 5 {
				lost = append(lost, chat.Event{
					Room: room, Seq: head + 1 + chat.Seq(i), Kind: chat.MessageCreated, Epoch: old,
					Message: chat.Message{Room: room, Seq: head + 1 + chat.Seq(i), Text: "lost"},
				})
			}
			far.hub.Committed(lost)
			other.reaches(room, head+5)
			near.hub.Committed(lost) // nor what was committed there just before
			for range 10 {
				if near.says("ann", room, "true"); ann.event().Message.Text != "true" {
					t.Fatalf("ann hears %s", ann.last.raw)
				}
			}
			late.epoch.Store(nil)
			if f := other.reloaded(room); f.Epoch != epoch {
				t.Fatalf("the other node tells %s", f.raw)
			}
			other.reaches(room, near.says("ann", room, "true"))
		})
	}
}

// restorable are two nodes on one real PostgreSQL and one real Redis, with a
// database of its own for each.
type restorable struct {
	t         *testing.T
	server    *postgrestest.Server
	redis     *redistest.Server
	url       string
	key       seal.Key
	near, far *stage
	room      chat.RoomID
	kept      chat.Seq
}

func newRestorable(t *testing.T) *restorable {
	t.Helper()
	r := &restorable{t: t, server: postgrestest.Start(t), redis: redistest.Start(t), key: seal.NewKey()}
	r.url = r.server.Database(t)
	r.near = r.node()
	r.near.add("ann", chat.RoleAdmin)
	r.far = r.node()
	r.far.people = r.near.people
	r.room = r.near.room("general")
	r.kept = r.near.says("ann", r.room, "in the backup")
	r.server.Keep(t)
	r.says(r.near, "lost at once")
	r.says(r.far, "lost at once")
	return r
}

func (r *restorable) node() *stage {
	r.t.Helper()
	db, err := sqlstore.Open(r.t.Context(), sqlstore.Options{URL: r.url})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = db.Close() })
	s := newNode(r.t, db, nil, func(o *realtime.Options) {
		layer := redisLayer(r.t, r.redis.URL(), nil)
		o.Layer, o.Seal = layer, r.key
		o.Window = windowredis.New(windowredis.Options{Server: layer, Epoch: db.Epoch(), Seal: r.key})
		o.Timing.Sweep = 200 * time.Millisecond
	})
	db.OnCommit(s.hub.Committed)
	return s
}

// says posts as clients do: until it is answered, under one key.
func (r *restorable) says(s *stage, text string) {
	r.t.Helper()
	draft := chat.PostMessage{Draft: chat.Draft{Key: newKey(), Text: text}}
	s.eventually("the post is answered", func() bool {
		_, err := store.AppendWait(r.t.Context(), s.store, s.people["ann"].User.ID, r.room, draft)
		return err == nil
	})
}

// ann connects. Connections to the database that was stopped for its backup
// may still be in the pool.
func (r *restorable) ann(s *stage) *client {
	r.t.Helper()
	c := s.connect("ann")
	c.resumesInTime(nil)
	return c
}

// lose says things on both nodes that the backup does not have.
func (r *restorable) lose() {
	r.t.Helper()
	for i := range 20 {
		r.says(r.near, fmt.Sprint("lost ", i))
		r.says(r.far, fmt.Sprint("lost too ", i))
	}
}

// goesOn checks that everybody is told to reload at what was kept, and then
// hears the truth from both nodes.
func (r *restorable) goesOn(clients ...*client) {
	r.t.Helper()
	for _, c := range clients {
		if f := c.reloaded(r.room); f.Seq < r.kept {
			r.t.Fatalf("%s is told %s", c.name, f.raw)
		}
	}
	r.near.eventually("both nodes know the same epoch", func() bool { return r.near.store.Epoch() == r.far.store.Epoch() })
	for i := range 60 { // as many as were lost, and more
		r.says([]*stage{r.near, r.far}[i%2], "true")
	}
	head := r.near.head(r.room)
	for _, c := range clients {
		r.hearsTruth(c, head)
	}
	again := r.far.connect("ann")
	again.resumesInTime(map[chat.RoomID]chat.Seq{r.room: r.kept})
	r.hearsTruth(again, head)
}

// hearsTruth reads up to a number; whoever is told to reload once more goes on
// from there.
func (r *restorable) hearsTruth(c *client, head chat.Seq) {
	r.t.Helper()
	epoch := r.near.store.Epoch()
	for c.seen[r.room] < head {
		f := c.next()
		if f.Type == "reload" {
			c.seen[f.Room] = f.Seq
		}
		if _, err := c.numbered(f); err != nil {
			r.t.Fatal(err)
		}
		if f.Message != nil && (f.Message.Text != "true" || f.Epoch != epoch) {
			r.t.Fatalf("%s hears %s", c.name, f.raw)
		}
	}
}

func TestAfterARestoreOfAnOlderBackupBothNodesShowTheTruth(t *testing.T) {
	r := newRestorable(t)
	ann, other := r.ann(r.near), r.ann(r.far)
	r.lose()
	lost := r.near.head(r.room)
	ann.reaches(r.room, lost)
	other.reaches(r.room, lost)
	r.server.Stop(t, postgrestest.Fast)
	r.server.PutBack(t)
	r.goesOn(ann, other)
	if r.near.head(r.room) != r.kept+60 {
		t.Errorf("the log ends at %d, the backup at %d", r.near.head(r.room), r.kept)
	}
}

func TestAfterThePromotionOfAStandbyThatMissedSomethingBothNodesShowTheTruth(t *testing.T) {
	r := newRestorable(t)
	ann, other := r.ann(r.near), r.ann(r.far)
	r.lose()
	ann.reaches(r.room, r.near.head(r.room))
	r.server.Stop(t, postgrestest.Crash)
	r.server.PutBack(t)
	r.server.BecomeStandby(t)
	before := r.near.store.Epoch()
	r.server.Promote(t)
	r.goesOn(ann, other)
	if now := r.near.store.Epoch(); now == before || !strings.HasSuffix(now, "-2") {
		t.Errorf("the epoch is %q after %q", now, before)
	}
}

func TestAWindowThatIsAheadOfTheDatabaseShowsThatItHasLostSomething(t *testing.T) {
	r := newRestorable(t)
	ann := r.ann(r.near)
	r.lose()
	ann.reaches(r.room, r.near.head(r.room))
	r.near.holds(r.near.window, r.room, r.kept)
	before := r.near.store.Epoch()
	for _, s := range []*stage{r.near, r.far} { // nobody sees it happen
		s.hub.Close()
		r.near.must(s.store.Close())
	}
	r.server.Stop(t, postgrestest.Fast)
	r.server.PutBack(t)
	people := r.near.people
	r.near, r.far = r.node(), r.node()
	r.near.people, r.far.people = people, people
	if r.near.store.Epoch() != before {
		t.Fatal("the store has noticed by itself")
	}
	ann, other := r.ann(r.near), r.ann(r.far)
	r.says(r.near, "true")
	r.goesOn(ann, other)
	if r.near.store.Epoch() == before {
		t.Error("the epoch is the same")
	}
}

// forgetful is a database that has lost events and does not know it.
type forgetful struct {
	realtime.Chat
	lost atomic.Int64
}

func (f *forgetful) Heads(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]chat.Seq, error) {
	heads, err := f.Chat.Heads(ctx, rooms)
	for id := range heads {
		heads[id] -= chat.Seq(f.lost.Load())
	}
	return heads, err
}

func (f *forgetful) RenewEpoch(ctx context.Context, gone string) error {
	f.lost.Store(0)
	return f.Chat.RenewEpoch(ctx, gone)
}

func TestAHubThatIsAheadOfTheDatabaseTakesItsHistoryForAnotherOne(t *testing.T) {
	f := &forgetful{}
	s := newStage(t, func(o *realtime.Options) {
		f.Chat, o.Chat = o.Chat, f
		o.Timing.SweepAlone, o.Timing.Sweep = 50*time.Millisecond, 50*time.Millisecond
	})
	room := s.room("general")
	ann := s.joined("ann")
	s.talk("ann", room, 10)
	ann.reaches(room, s.head(room))
	before := s.store.Epoch()
	f.lost.Store(1)
	if f := ann.reloaded(room); f.Epoch == before {
		t.Fatalf("ann is told %s", f.raw)
	}
	ann.reaches(room, s.says("ann", room, "after"))
}
