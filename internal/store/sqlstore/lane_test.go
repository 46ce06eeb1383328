package sqlstore_test

import (
	"context"
	"testing"

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
func lockRoom(t *testing.T, url string, room chat.RoomID) pgx.Tx {
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
