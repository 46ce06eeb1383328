package demo_test

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/demo"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

func newStore(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "data", "parley.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// options make what is asked for, with passwords that cost nothing.
func options(users, rooms, messages int) demo.Options {
	return demo.Options{
		Users: users, Rooms: rooms, Messages: messages, Tokens: true, Seed: 1,
		Now:      time.Now(),
		Password: func() (string, string, error) { return rand.Text(), "hash", nil },
		Token: func() (string, []byte) {
			secret := rand.Text()
			sum := sha256.Sum256([]byte(secret))
			return secret, sum[:]
		},
	}
}

func mustFill(t *testing.T, s store.Store, o demo.Options) []demo.Person {
	t.Helper()
	people, err := demo.Fill(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return people
}

func TestADemoHasAsMuchAsAskedForAndItsTokensSignIn(t *testing.T) {
	s := newStore(t)
	people := mustFill(t, s, options(30, 5, 400))
	if len(people) != 30 || people[0].Password == "" || people[19].Password == "" || people[20].Password != "" {
		t.Errorf("people %+v", people)
	}
	total := chat.Seq(0)
	rooms, err := s.AllRooms(t.Context())
	if err != nil || len(rooms) != 5 {
		t.Fatalf("rooms %v, %v", rooms, err)
	}
	for _, r := range rooms {
		messages := page(t, s, r.ID)
		total += chat.Seq(len(messages))
		if last := messages[len(messages)-1].CreatedAt; last.After(time.Now()) {
			t.Errorf("room %s: a message from the future, %v", r.Slug, last)
		}
	}
	if total != 400 {
		t.Errorf("%d messages", total)
	}
	sum := sha256.Sum256([]byte(people[29].Token))
	found, err := s.Principals(t.Context(), [][]byte{sum[:]})
	if user := found[string(sum[:])].User; err != nil || user.Username != people[29].Username {
		t.Errorf("the last one's token signs in %+v, %v", user, err)
	}
}

// page gives all messages of a small room, as the administrator sees them.
func page(t *testing.T, s store.Store, room chat.RoomID) []chat.Message {
	t.Helper()
	visit := store.Visit{Viewer: 1, Room: room}
	p, err := s.Page(t.Context(), visit, chat.PageQuery{Limit: chat.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	return p.Messages
}

func TestAPlainDemoPutsPeopleIntoRoomsOfOneSize(t *testing.T) {
	s := newStore(t)
	o := options(25, 3, 30)
	o.Plain, o.RoomSize = true, 10
	mustFill(t, s, o)
	for i, want := range []int{10, 10, 5} {
		room, err := s.RoomBySlug(t.Context(), fmt.Sprintf("room-%d", i+1))
		if err != nil {
			t.Fatal(err)
		}
		counts, err := s.CountMembers(t.Context(), []chat.RoomID{room})
		if err != nil || counts[room] != want {
			t.Errorf("room-%d has %d people, %v; want %d", i+1, counts[room], err, want)
		}
	}
}

func TestADemoLeavesADatabaseWithPeopleAlone(t *testing.T) {
	s := newStore(t)
	mustFill(t, s, options(1, 1, 0))
	if _, err := demo.Fill(t.Context(), s, options(1, 1, 0)); !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("error %v", err)
	}
}

func TestSizesThatMakeNoSenseAreRefusedByFlag(t *testing.T) {
	for want, o := range map[string]demo.Options{
		"--users: must be from 1 to 100000.":                      {Users: 0},
		"--messages: needs at least one room; set --rooms too.":   {Users: 1, Messages: 1},
		"--room-size: must be at least 1, and goes with --plain.": {Users: 1, Rooms: 1, RoomSize: 1},
		"--room-size: 5 people do not fit into 2 rooms of 2.":     {Users: 5, Rooms: 2, RoomSize: 2, Plain: true},
		"--rooms: beyond 2000 needs --plain with --room-size.":    {Users: 5, Rooms: 3000},
	} {
		if err := o.Check(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
