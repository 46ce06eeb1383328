package sqlstore

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

func TestSnapshotsThatPrepareTheirStatementsNeverWaitForEachOther(t *testing.T) {
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "data", "parley.db"), Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	admin, err := s.CreateUser(ctx, store.NewUser{Username: "ann", Fold: "ann", Name: "Ann", Role: chat.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	room, err := s.CreateRoom(ctx, store.NewRoom{Creator: admin.ID, Slug: "general", Name: "general"})
	if err != nil {
		t.Fatal(err)
	}
	const readers = 16
	failed := make(chan error, readers)
	for range readers {
		go func() {
			_, err := s.Page(ctx, store.Visit{Viewer: admin.ID, Room: room.ID}, chat.PageQuery{Limit: 50})
			failed <- err
		}()
	}
	for range readers {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
}
