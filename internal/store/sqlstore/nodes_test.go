package sqlstore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

// nodes are several stores on one database, each with what its listener
// heard. Ann founded the hall on the first.
type nodes struct {
	*hall
	each  []*sqlstore.Store
	heard []*ear
}

// ear takes down what a node's listener is told.
type ear struct {
	mu   sync.Mutex
	seqs map[chat.RoomID][]chat.Seq // guarded by mu
}

func (e *ear) listen(events []chat.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range events {
		e.seqs[ev.Room] = append(e.seqs[ev.Room], ev.Seq)
	}
}

func newNodes(t testing.TB, url string, n int) *nodes {
	t.Helper()
	c := &nodes{}
	for range n {
		s := openPostgres(t, url, sqlstore.Options{})
		t.Cleanup(func() { s.Close() })
		e := &ear{seqs: map[chat.RoomID][]chat.Seq{}}
		s.OnCommit(e.listen)
		c.each, c.heard = append(c.each, s), append(c.heard, e)
	}
	c.hall = hallIn(t, c.each[0])
	return c
}

// atOnce runs f for each of n numbers at once and gives their errors.
func atOnce(n int, f func(int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

func tally(errs []error, want error) (n int) {
	for _, err := range errs {
		if want == nil && err == nil || want != nil && errors.Is(err, want) {
			n++
		}
	}
	return n
}

// node gives one of the stores, in turn.
func (c *nodes) node(i int) *sqlstore.Store { return c.each[i%len(c.each)] }

func (c *nodes) newRoom(slug string) chat.RoomID {
	c.t.Helper()
	room, err := c.CreateRoom(c.t.Context(), store.NewRoom{Creator: c.ann.ID, Slug: slug, Name: slug})
	c.must(err)
	return room.ID
}

// member makes a person who is in the rooms.
func (c *nodes) member(name string, rooms ...chat.RoomID) chat.User {
	c.t.Helper()
	user, err := c.CreateUser(c.t.Context(), store.NewUser{Username: name, Fold: name, Role: chat.RoleMember})
	c.must(err)
	for _, room := range rooms {
		_, err := store.AppendWait(c.t.Context(), c, user.ID, room, chat.AddMember{User: user.ID})
		c.must(err)
	}
	return user
}

const (
	nodeWriters = 8
	nodeSends   = 300
)

func TestTwoNodesNumberDenselyAndKeepEachSendersOrder(t *testing.T) {
	c := newNodes(t, postgrestest.Database(t), 2)
	rooms := []chat.RoomID{c.room, c.newRoom("north"), c.newRoom("south")}
	people := make([]chat.User, 2*nodeWriters)
	for i := range people {
		people[i] = c.member(fmt.Sprint("writer", i), rooms...)
	}
	errs := atOnce(len(people), func(i int) error { return sendInTurn(t.Context(), c.node(i), people[i].ID, rooms) })
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, room := range rooms {
		total += c.inOrder(room)
	}
	if total != len(people)*nodeSends {
		t.Errorf("%d messages, want %d", total, len(people)*nodeSends)
	}
	c.heardOnce(rooms)
}

// sendInTurn sends numbered messages to the rooms in turn, several at once.
func sendInTurn(ctx context.Context, s *sqlstore.Store, by chat.UserID, rooms []chat.RoomID) error {
	slots, results := make(chan struct{}, 16), make(chan error, nodeSends)
	for n := range nodeSends {
		slots <- struct{}{}
		s.Append(store.Append{
			Actor: by, Room: rooms[n%len(rooms)], Change: say(fmt.Sprintf("%06d", n)),
			Done: func(_ store.Appended, err error) { <-slots; results <- err },
		})
	}
	var errs []error
	for range nodeSends {
		errs = append(errs, <-results)
	}
	return errors.Join(append(errs, ctx.Err())...)
}

func say(text string) chat.PostMessage {
	return chat.PostMessage{Draft: chat.Draft{Key: "key " + text, Text: text}}
}

// inOrder checks that a room is dense and that each sender's texts ascend, on
// every node, and counts the messages.
func (c *nodes) inOrder(room chat.RoomID) (n int) {
	c.t.Helper()
	for _, s := range c.each {
		events, err := s.Events(c.t.Context(), room, 0, 1<<20)
		c.must(err)
		last := map[chat.UserID]string{}
		n = 0
		for i, ev := range events {
			if ev.Seq != chat.Seq(i+1) {
				c.t.Fatalf("room %d: event %d has number %d", room, i+1, ev.Seq)
			}
			if ev.Kind != chat.MessageCreated {
				continue
			}
			if n++; ev.Message.Text <= last[ev.Actor.ID] {
				c.t.Fatalf("room %d: %s said %s after %s", room, ev.Actor.Username, ev.Message.Text, last[ev.Actor.ID])
			}
			last[ev.Actor.ID] = ev.Message.Text
		}
	}
	return n
}

// heardOnce checks that each event was told by exactly one node, and by each
// in order.
func (c *nodes) heardOnce(rooms []chat.RoomID) {
	c.t.Helper()
	for _, room := range rooms {
		told := map[chat.Seq]int{}
		for _, e := range c.heard {
			before := chat.Seq(0)
			e.mu.Lock()
			for _, seq := range e.seqs[room] {
				if told[seq]++; seq <= before {
					c.t.Errorf("room %d: event %d was told after %d", room, seq, before)
				}
				before = seq
			}
			e.mu.Unlock()
		}
		heads, err := c.Heads(c.t.Context(), []chat.RoomID{room})
		c.must(err)
		for seq := chat.Seq(1); seq <= heads[room]; seq++ {
			if told[seq] != 1 {
				c.t.Errorf("room %d: event %d was told %d times", room, seq, told[seq])
			}
		}
	}
}

func TestAKeyThatRacesOnTwoNodesMakesOneMessage(t *testing.T) {
	c := newNodes(t, postgrestest.Database(t), 2)
	var mu sync.Mutex
	seqs := map[chat.Seq]bool{}
	errs := atOnce(80, func(i int) error {
		done, err := store.AppendWait(t.Context(), c.node(i), c.ann.ID, c.room, say(fmt.Sprint("text ", i/2%5)))
		mu.Lock()
		defer mu.Unlock()
		seqs[done.Message.Seq] = true
		return err
	})
	if tally(errs, nil) != 80 || len(seqs) != 5 || len(c.dense()) != 6 {
		t.Errorf("%d succeeded and gave %d numbers; %d events: %v", tally(errs, nil), len(seqs), len(c.dense()), errors.Join(errs...))
	}
	c.heardOnce([]chat.RoomID{c.room})
}

func TestWhatOneNodeWroteTheOtherReadsAtOnce(t *testing.T) {
	c := newNodes(t, postgrestest.Database(t), 2)
	bob := c.member("bob", c.room)
	for n := range 200 {
		done, err := store.AppendWait(t.Context(), c.node(n), bob.ID, c.room, say(fmt.Sprint(n)))
		c.must(err)
		m, err := c.node(n+1).Message(t.Context(), store.Visit{Viewer: bob.ID, Room: c.room}, done.Event.Seq)
		if err != nil || m.Text != fmt.Sprint(n) {
			t.Fatalf("message %d: %+v, %v", n, m, err)
		}
	}
	_, err := store.AppendWait(t.Context(), c.node(0), c.ann.ID, c.room, chat.RemoveMember{User: bob.ID})
	c.must(err)
	if _, err := store.AppendWait(t.Context(), c.node(1), bob.ID, c.room, say("still here")); !errors.Is(err, chat.ErrNotMember) {
		t.Errorf("one who was removed on the other node posts: %v", err)
	}
}

func TestASessionEndedOnOneNodeIsEndedOnTheOther(t *testing.T) {
	c := newNodes(t, postgrestest.Database(t), 2)
	secret := sha256.Sum256([]byte("phone"))
	session, _, err := c.node(0).CreateSession(t.Context(), store.NewSession{
		User: c.ann.ID, Kind: chat.SessionBrowser, SecretHash: secret[:], ExpiresAt: time.Now().Add(time.Hour), UserAgent: "cut \xc3",
	})
	c.must(err)
	if found, err := c.node(1).Principals(t.Context(), [][]byte{secret[:]}); err != nil || len(found) != 1 {
		t.Errorf("it does not sign in on the other node: %v, %v", found, err)
	}
	c.must(c.node(1).EndSession(t.Context(), c.ann.ID, session.ID))
	live, err := c.node(0).Live(t.Context(), []chat.SessionID{session.ID})
	if err != nil || len(live) != 0 {
		t.Errorf("live: %v, %v", live, err)
	}
}

func TestAnInvitationForOneIsUsedOnceByRacingNodes(t *testing.T) {
	c := newNodes(t, postgrestest.Database(t), 2)
	code := sha256.Sum256([]byte("code"))
	_, err := c.CreateInvite(t.Context(), store.NewInvite{CodeHash: code[:], ExpiresAt: time.Now().Add(time.Hour), MaxUses: 1})
	c.must(err)
	errs := atOnce(12, func(i int) error {
		name := fmt.Sprint("guest", i)
		_, err := c.node(i).CreateUser(t.Context(), store.NewUser{Username: name, Fold: name, Role: chat.RoleMember, Invite: code[:]})
		return err
	})
	if tally(errs, nil) != 1 || tally(errs, chat.ErrInviteDead) != 11 {
		t.Errorf("%d got in: %v", tally(errs, nil), errors.Join(errs...))
	}
}

func TestRacingNodesLeaveOneAdministrator(t *testing.T) {
	c := newNodes(t, postgrestest.Database(t), 2)
	bob, err := c.CreateUser(t.Context(), store.NewUser{Username: "bob", Fold: "bob", Role: chat.RoleAdmin})
	c.must(err)
	admins := []chat.User{c.ann, bob}
	member, admin := chat.RoleMember, chat.RoleAdmin
	for range 40 {
		errs := atOnce(2, func(i int) error {
			_, _, err := c.node(i).ChangeUser(t.Context(), admins[i].ID, store.UserChanges{Role: &member})
			return err
		})
		if tally(errs, nil) != 1 || tally(errs, chat.ErrLastAdmin) != 1 {
			t.Fatalf("%d of 2 stepped down: %v", tally(errs, nil), errors.Join(errs...))
		}
		for _, user := range admins {
			_, _, err := c.ChangeUser(t.Context(), user.ID, store.UserChanges{Role: &admin})
			c.must(err)
		}
	}
}

func TestRacingNodesMakeOneFirstAccount(t *testing.T) {
	url := postgrestest.Database(t)
	a, b := openPostgres(t, url, sqlstore.Options{}), openPostgres(t, url, sqlstore.Options{})
	defer a.Close()
	defer b.Close()
	stores := []*sqlstore.Store{a, b}
	atOnce(16, func(i int) error { return stores[i%2].Ping(t.Context()) }) // connections are there
	errs := atOnce(8, func(i int) error {
		name := fmt.Sprint("first", i)
		_, err := stores[i%2].CreateUser(t.Context(), store.NewUser{Username: name, Fold: name, Role: chat.RoleAdmin, First: true})
		return err
	})
	if tally(errs, nil) != 1 || tally(errs, chat.ErrSetupDone) != 7 {
		t.Errorf("%d were first: %v", tally(errs, nil), errors.Join(errs...))
	}
}

func TestNodesThatStartTogetherAgreeOnSchemaAndEpoch(t *testing.T) {
	url := postgrestest.Database(t)
	stores := make([]*sqlstore.Store, 4)
	errs := atOnce(len(stores), func(i int) (err error) {
		stores[i], err = sqlstore.Open(context.Background(), sqlstore.Options{URL: url})
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, s := range stores {
		defer s.Close()
		if s.Epoch() != stores[0].Epoch() || len(s.Epoch()) < 10 {
			t.Errorf("epochs %q and %q", s.Epoch(), stores[0].Epoch())
		}
	}
}

func TestReadMarksOnlyMoveForwardOnAllNodes(t *testing.T) {
	c := newNodes(t, postgrestest.Database(t), 2)
	for n := range 40 {
		_, err := c.say(fmt.Sprint(n))
		c.must(err)
	}
	v := store.Visit{Viewer: c.ann.ID, Room: c.room}
	errs := atOnce(40, func(i int) error {
		_, _, err := c.node(i).MarkRead(t.Context(), v, chat.Seq(i+2))
		return err
	})
	c.must(errors.Join(errs...))
	view, err := c.node(1).Room(t.Context(), v)
	if err != nil || view.ReadSeq != 41 {
		t.Errorf("read to %d, want 41: %v", view.ReadSeq, err)
	}
}
