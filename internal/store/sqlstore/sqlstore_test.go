package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/store/storetest"
)

func TestSQLiteKeepsTheContract(t *testing.T) {
	var mu sync.Mutex
	texts := map[string]bool{}
	storetest.Run(t, func(t *testing.T, place string, clock func() time.Time) store.Store {
		t.Helper()
		s := open(t, place, sqlstore.Options{Clock: clock})
		t.Cleanup(func() {
			s.Close()
			mu.Lock()
			defer mu.Unlock()
			for _, text := range s.Statements() {
				texts[text] = true
			}
		})
		return s
	})
	t.Run("no statement walks through a table that grows", func(t *testing.T) { checkPlans(t, texts) })
}

// Tables that grow with use. Others are small, or are listed as a whole.
var growing = regexp.MustCompile(`^SCAN (m|x|c|messages|changes|reactions|mentions|members|imports|sessions)\b(.*)`)

// checkPlans asks SQLite how it would run the statements of the whole suite:
// a page of a long history must cost what a page of a short one does.
func checkPlans(t *testing.T, texts map[string]bool) {
	dir := t.TempDir()
	open(t, dir, sqlstore.Options{}).Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if len(texts) < 60 {
		t.Errorf("only %d statements were seen", len(texts))
	}
	for text := range texts {
		for _, step := range plan(t, db, text) {
			if growing.MatchString(step) {
				t.Errorf("%s\nin: %s", step, text)
			}
		}
	}
}

func plan(t *testing.T, db *sql.DB, text string) (steps []string) {
	t.Helper()
	if regexp.MustCompile(`^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)`).MatchString(text) {
		return nil
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, make([]any, 12)...)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

// open opens the database in dir; the caller closes it.
func open(t testing.TB, dir string, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	o.Path = filepath.Join(dir, "parley.db")
	s, err := sqlstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hall is a store with one administrator and one room.
type hall struct {
	*sqlstore.Store
	t    testing.TB
	dir  string
	ann  chat.User
	room chat.RoomID
}

func newHall(t testing.TB, o sqlstore.Options) *hall {
	t.Helper()
	return newHallIn(t, t.TempDir(), o)
}

func newHallIn(t testing.TB, dir string, o sqlstore.Options) *hall {
	t.Helper()
	h := hallIn(t, open(t, dir, o))
	h.dir = dir
	return h
}

// hallIn founds the hall in a store that is empty, and closes it at the end.
func hallIn(t testing.TB, s *sqlstore.Store) *hall {
	t.Helper()
	h := &hall{t: t, Store: s}
	t.Cleanup(func() { h.Close() })
	var err error
	h.ann, err = h.CreateUser(t.Context(), store.NewUser{Username: "ann", Fold: "ann", Role: chat.RoleAdmin})
	h.must(err)
	room, err := h.CreateRoom(t.Context(), store.NewRoom{Creator: h.ann.ID, Slug: "hall", Name: "Hall"})
	h.must(err)
	h.room = room.ID
	return h
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// reopen closes the store, lets something happen to its files and opens it.
func (h *hall) reopen(o sqlstore.Options, meanwhile func()) {
	h.t.Helper()
	h.must(h.Close())
	meanwhile()
	h.Store = open(h.t, h.dir, o)
}

// say posts a text of which the key is made.
func (h *hall) say(text string) (store.Appended, error) {
	return store.AppendWait(h.t.Context(), h, h.ann.ID, h.room, chat.PostMessage{Draft: chat.Draft{Key: "key " + text, Text: text}})
}

// dense checks that the room's log has the numbers up to its head.
func (h *hall) dense() []chat.Event {
	h.t.Helper()
	before := h.head()
	events, err := h.Events(h.t.Context(), h.room, 0, 1<<20)
	h.must(err)
	switch after := h.head(); {
	case after != before: // another process said something meanwhile
		return h.dense()
	case len(events) != int(after):
		h.t.Fatalf("%d events, head %d", len(events), after)
	}
	return events
}

func (h *hall) head() chat.Seq {
	h.t.Helper()
	heads, err := h.Heads(h.t.Context(), []chat.RoomID{h.room})
	h.must(err)
	return heads[h.room]
}

func TestACommitOfUnknownOutcomeIsDecidedByTheRetry(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	var heard []chat.Event
	h.OnCommit(func(events []chat.Event) { heard = append(heard, events...) })
	mend := h.BreakCommits(errors.New("the connection was cut"))
	for i := range 3 {
		if _, err := h.say(fmt.Sprint("text ", i)); !errors.Is(err, chat.ErrUnavailable) {
			t.Fatalf("got %v, want unavailable", err)
		}
	}
	mend()
	for i := range 3 {
		again, err := h.say(fmt.Sprint("text ", i))
		if err != nil || !again.Repeated || again.Message.Seq != chat.Seq(i+2) {
			t.Fatalf("retry %d: got %+v, %v", i, again, err)
		}
	}
	next, err := h.say("next")
	h.must(err)
	if next.Event.Seq != 5 || len(h.dense()) != 5 {
		t.Errorf("the next number is %d, want 5", next.Event.Seq)
	}
	h.must(h.Close()) // heard belongs to the committer until then
	if len(heard) != 1 {
		t.Errorf("heard of %d events, want only the one that is known to be committed", len(heard))
	}
}

func TestAChangeThatCannotBeStoredFailsAlone(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	blocked, release := h.block()
	done := make(chan error, 9)
	for i := range 9 {
		var change chat.Change = chat.PostMessage{Draft: chat.Draft{Key: fmt.Sprint(i), Text: "a word"}}
		if i == 4 {
			change = nil // a defect of the caller
		}
		h.Append(store.Append{Actor: h.ann.ID, Room: h.room, Change: change, Done: func(_ store.Appended, err error) { done <- err }})
	}
	<-blocked
	close(release)
	for i := range 9 {
		if err := <-done; (err != nil) != (i == 4) || errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("change %d: %v", i, err)
		}
	}
	if n := len(h.dense()); n != 10 { // the founder's joining, what block posted, and eight
		t.Errorf("%d events, want 10", n)
	}
}

// block posts a message and holds up the committer when it tells of it;
// blocked is closed then.
func (h *hall) block() (blocked, release chan struct{}) {
	blocked, release = make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.OnCommit(func([]chat.Event) {
		once.Do(func() { close(blocked); <-release })
	})
	h.Append(store.Append{
		Actor: h.ann.ID, Room: h.room, Change: chat.PostMessage{Draft: chat.Draft{Key: "block", Text: "wait"}},
		Done: func(store.Appended, error) {},
	})
	return blocked, release
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	h := newHall(t, sqlstore.Options{Queue: 4})
	blocked, release := h.block()
	<-blocked
	done := make(chan error, 20)
	for i := range 20 {
		h.Append(store.Append{
			Actor: h.ann.ID, Room: h.room, Change: chat.PostMessage{Draft: chat.Draft{Key: fmt.Sprint(i), Text: "a word"}},
			Done: func(_ store.Appended, err error) { done <- err },
		})
	}
	for range 17 { // three of four places are free
		if err := <-done; !errors.Is(err, chat.ErrOverloaded) {
			t.Errorf("got %v, want overloaded", err)
		}
	}
	if err := h.TouchSessions(t.Context(), nil, time.Time{}); !errors.Is(err, chat.ErrOverloaded) {
		t.Errorf("another write: got %v, want overloaded", err)
	}
	close(release)
	for range 3 {
		h.must(<-done)
	}
}

func TestAnAnswerMayQueueTheNextChange(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	answered := make(chan error, 1)
	var next func(n int)
	next = func(n int) {
		h.Append(store.Append{
			Actor: h.ann.ID, Room: h.room, Change: chat.PostMessage{Draft: chat.Draft{Key: fmt.Sprint(n), Text: "a word"}},
			Done: func(_ store.Appended, err error) {
				if err != nil || n == 10 {
					answered <- err
					return
				}
				next(n + 1)
			},
		})
	}
	next(1)
	h.must(<-answered)
}

func TestADeletedRoomIsErasedInTheBackground(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	h.must(h.Import(t.Context(), func(i store.Importer) error {
		for n := range 1000 {
			at := time.Unix(int64(n), 0)
			seq, err := i.AddMessage(h.room, h.ann.ID, at, chat.Draft{Key: fmt.Sprint(n), Text: "a word"})
			if err != nil {
				return err
			}
			if err := i.AddReaction(h.room, h.ann.ID, at, seq, "🎈"); err != nil {
				return err
			}
		}
		return nil
	}))
	h.must(h.DeleteRoom(t.Context(), h.ann.ID, h.room))
	eventually(t, func() bool {
		purged, err := h.Purged(t.Context())
		h.must(err)
		return purged
	})
}

// eventually waits until something became so.
func eventually(t testing.TB, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); {
		if time.Now().After(end) {
			t.Fatal("it did not become so within 20 s")
		}
		<-time.After(5 * time.Millisecond)
	}
}
