package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

func TestARoomThatIsLockedElsewhereDoesNotHoldUpOthers(t *testing.T) {
	url := postgrestest.Database(t)
	c := newNodes(t, url, 1)
	free := c.newRoom("free")
	locked := lockRoom(t, url, c.room)
	waits := make(chan error, 1)
	go func() {
		_, err := store.AppendWait(context.Background(), c, c.ann.ID, c.room, words("waits"))
		waits <- err
	}()
	for _, key := range []string{"a", "b", "c"} {
		_, err := store.AppendWait(t.Context(), c, c.ann.ID, free, words(key))
		c.must(err)
	}
	select {
	case err := <-waits:
		t.Fatalf("the room was not locked: %v", err)
	default:
	}
	c.must(locked.Rollback(t.Context()))
	c.must(<-waits)
	c.heardOnce([]chat.RoomID{c.room, free})
}

// lockRoom does what another node does that writes into the room, and does
// not come to an end.
func lockRoom(t testing.TB, url string, room chat.RoomID) pgx.Tx {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	tx, err := conn.Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), "SELECT id FROM rooms WHERE id = $1 FOR NO KEY UPDATE", room)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func words(key string) chat.PostMessage {
	return chat.PostMessage{Draft: chat.Draft{Key: key, Text: "a word"}}
}

// held is a room that another node's transaction has locked, and what was
// sent there meanwhile.
type held struct {
	*nodes
	by    pgx.Tx
	waits []chan sent
}

type sent struct {
	store.Appended
	err error
}

// hold has the room locked while ann's first words are on their way: what is
// sent next comes to a transaction that waits for the room.
func (c *nodes) hold(url string) *held {
	c.t.Helper()
	h := &held{nodes: c, by: lockRoom(c.t, url, c.room)}
	h.send(c.ann, "first")
	eventually(c.t, func() (waits bool) {
		c.must(h.by.QueryRow(c.t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_stat_activity
			WHERE wait_event_type = 'Lock' AND datname = current_database())`).Scan(&waits))
		return waits
	})
	return h
}

func (h *held) send(by chat.User, key string) {
	done := make(chan sent, 1)
	h.Append(store.Append{Actor: by.ID, Room: h.room, Change: words(key), Done: func(a store.Appended, err error) { done <- sent{a, err} }})
	h.waits = append(h.waits, done)
}

// free ends the other node's transaction and gives what became of each.
func (h *held) free() (all []sent) {
	h.t.Helper()
	h.must(h.by.Commit(h.t.Context()))
	for _, done := range h.waits {
		all = append(all, <-done)
	}
	return all
}

func TestWhoComesWhileTheRoomIsLockedJoinsThatCommit(t *testing.T) {
	url := postgrestest.Database(t)
	c := newNodes(t, url, 1)
	bob, eve := c.member("bob", c.room), c.member("eve", c.room)
	for i := range 200 { // eve is no longer among those who wrote lately
		_, err := store.AppendWait(t.Context(), c, c.member(fmt.Sprint("other", i), c.room).ID, c.room, words("before"))
		c.must(err)
	}
	for _, user := range []chat.User{bob, c.ann} {
		_, err := store.AppendWait(t.Context(), c, user.ID, c.room, words("before"))
		c.must(err)
	}
	h := c.hold(url)
	h.send(bob, "second")
	h.send(c.ann, "third")
	h.send(eve, "fourth")
	h.send(c.ann, "fifth")
	var seqs []chat.Seq
	sent := time.Now().Truncate(time.Millisecond)
	for _, s := range h.free() {
		c.must(s.err)
		seqs = append(seqs, s.Event.Seq)
		if s.Event.At.Before(sent) {
			t.Errorf("message %d was sent at %v and is from %v", s.Event.Seq, sent, s.Event.At)
		}
	}
	if !slices.IsSorted(seqs) {
		t.Errorf("they were sent in order and numbered %v", seqs)
	}
	if got, want := c.commits(url, seqs), []int{0, 0, 0, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("by commits %v, want %v", got, want)
	}
}

// commits gives for each of the messages which commit wrote it, counted from
// the first one's.
func (c *nodes) commits(url string, seqs []chat.Seq) (numbers []int) {
	c.t.Helper()
	conn, err := pgx.Connect(c.t.Context(), url)
	c.must(err)
	defer conn.Close(context.Background())
	known := map[string]int{}
	for _, seq := range seqs {
		var writer string
		c.must(conn.QueryRow(c.t.Context(), "SELECT xmin::text FROM messages WHERE room_id = $1 AND seq = $2", c.room, seq).Scan(&writer))
		if _, ok := known[writer]; !ok {
			known[writer] = len(known)
		}
		numbers = append(numbers, known[writer])
	}
	return numbers
}

func TestWhoJoinsWithAKnownKeyIsToldOfTheFirstMessage(t *testing.T) {
	url := postgrestest.Database(t)
	c := newNodes(t, url, 1)
	before, err := store.AppendWait(t.Context(), c, c.ann.ID, c.room, words("before"))
	c.must(err)
	h := c.hold(url)
	for _, key := range []string{"before", "new", "new"} {
		h.send(c.ann, key)
	}
	got := h.free()
	for _, s := range got {
		c.must(s.err)
	}
	if again := got[1]; !again.Repeated || again.Message.Seq != before.Message.Seq {
		t.Errorf("the key of %d gave %+v", before.Message.Seq, again)
	}
	if first, again := got[2], got[3]; first.Repeated || !again.Repeated || again.Message.Seq != first.Message.Seq {
		t.Errorf("a new key gave %+v, and once more %+v", first, again)
	}
	if got := c.commits(url, []chat.Seq{got[0].Event.Seq, got[2].Event.Seq}); got[1] != 0 {
		t.Error("a known key drove apart those who came together")
	}
	c.dense()
	c.heardOnce([]chat.RoomID{c.room})
}

func TestOnlyTheOneThatCannotBeStoredFails(t *testing.T) {
	url := postgrestest.Database(t)
	c := newNodes(t, url, 1)
	for _, statement := range []string{
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.key = 'poison' THEN RAISE EXCEPTION 'not this one' USING ERRCODE = '23514'; END IF;
			RETURN NEW; END $$`,
		"CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION refuse()",
	} {
		c.must(c.OnWriter(t.Context(), statement))
	}
	h := c.hold(url)
	h.send(c.ann, "poison")
	h.send(c.ann, "after")
	got := h.free()
	if got[0].err != nil || got[2].err != nil || got[0].Event.Seq >= got[2].Event.Seq {
		t.Errorf("those around it: %v as %d, %v as %d", got[0].err, got[0].Event.Seq, got[2].err, got[2].Event.Seq)
	}
	if err := got[1].err; err == nil || errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("the one that cannot be stored got %v", err)
	}
	c.dense()
	c.heardOnce([]chat.RoomID{c.room})
}

func TestWhoWasRemovedMeanwhileDoesNotJoin(t *testing.T) {
	url := postgrestest.Database(t)
	c := newNodes(t, url, 1)
	bob := c.member("bob", c.room)
	_, err := store.AppendWait(t.Context(), c, bob.ID, c.room, words("before"))
	c.must(err)
	h := c.hold(url)
	h.send(bob, "after")
	_, err = h.by.Exec(t.Context(), "DELETE FROM members WHERE room_id = $1 AND user_id = $2", c.room, bob.ID)
	c.must(err)
	if got := h.free(); got[0].err != nil || !errors.Is(got[1].err, chat.ErrNotMember) {
		t.Errorf("a member got %v, and one who was removed %v", got[0].err, got[1].err)
	}
}
