// Package storetest checks the contract of package store: every
// implementation passes Run. It owns what can be asked through the contract;
// what an engine does with its files, a full disk or a second process is for
// the tests of the implementation.
package storetest

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Open opens the store that is kept at a place, making it where there is
// none; times come from clock. The test closes it. A place is an empty folder
// at first, and is opened again after the store was closed.
type Open func(t *testing.T, place string, clock func() time.Time) store.Store

// A promise is one sentence of the contract, with the test of it.
type promise struct {
	sentence string
	check    func(*world)
}

// Run checks all promises, each on a store of its own. After each the logs
// of all rooms must be dense, and equal to what the commit listener heard.
func Run(t *testing.T, open Open) {
	for _, group := range [][]promise{
		users, sessions, invites, rooms, members, permissions,
		messages, reactions, pages, logs, races, redactions, imports, lives,
	} {
		for _, p := range group {
			t.Run(p.sentence, func(t *testing.T) {
				w := newWorld(t, open)
				p.check(w)
				w.logsAgree()
			})
		}
	}
}

// world is a store with three people and an open room that two of them are
// in. Its methods fail the test when something goes wrong.
type world struct {
	*testing.T
	store.Store
	open  Open
	place string
	clock *clock
	heard *heard

	ann  chat.User // administrator, made the room
	bob  chat.User // is in the room
	cid  chat.User // is not
	hall chat.RoomID
}

func newWorld(t *testing.T, open Open) *world {
	w := &world{T: t, open: open, place: t.TempDir(), clock: newClock(), heard: newHeard()}
	w.start()
	t.Cleanup(func() { w.Close() })
	w.ann = w.newUser("ann", chat.RoleAdmin)
	w.bob = w.newUser("bob", chat.RoleMember)
	w.cid = w.newUser("cid", chat.RoleMember)
	w.hall = w.newRoom("hall", false).ID
	w.do(w.bob, w.hall, chat.AddMember{User: w.bob.ID})
	return w
}

func (w *world) start() {
	w.Store = w.open(w.T, w.place, w.clock.now)
	w.OnCommit(w.heard.listen)
}

// reopen closes the store and opens it again.
func (w *world) reopen() {
	w.Helper()
	w.must(w.Close())
	w.start()
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}
