package sqlstore_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

// BenchmarkAppend sends messages of 200 bytes by senders who each wait for
// their answer, in rooms of their own.
func BenchmarkAppend(b *testing.B) {
	for _, senders := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) { benchmarkAppend(b, senders) })
	}
}

func benchmarkAppend(b *testing.B, senders int) {
	s, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: filepath.Join(b.TempDir(), "parley.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	admin, err := s.CreateUser(b.Context(), store.NewUser{Username: "root", Fold: "root", Role: chat.RoleAdmin})
	if err != nil {
		b.Fatal(err)
	}
	rooms := make([]chat.RoomID, senders)
	for i := range rooms {
		room, err := s.CreateRoom(b.Context(), store.NewRoom{Creator: admin.ID, Slug: fmt.Sprintf("room-%d", i), Name: "Room"})
		if err != nil {
			b.Fatal(err)
		}
		rooms[i] = room.ID
	}
	b.ReportAllocs()
	b.ResetTimer()
	sendAll(b, s, admin.ID, rooms)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

// sendAll sends b.N messages, one sender a room.
func sendAll(b *testing.B, s store.Store, by chat.UserID, rooms []chat.RoomID) {
	text := strings.Repeat("a word ", 28)
	var sent atomic.Int64
	done := make(chan error)
	for _, room := range rooms {
		go func() {
			for n := sent.Add(1); n <= int64(b.N); n = sent.Add(1) {
				post := chat.PostMessage{Draft: chat.Draft{Key: fmt.Sprintf("0123456789abcdef-%d", n), Text: text}}
				if _, err := store.AppendWait(b.Context(), s, by, room, post); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range rooms {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
}
