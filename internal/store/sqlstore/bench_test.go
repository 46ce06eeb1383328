package sqlstore_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

// BenchmarkAppend sends messages of 200 bytes by senders who each wait for
// their answer, in rooms of their own.
func BenchmarkAppend(b *testing.B) {
	benchmarkAppends(b, func(b *testing.B) *sqlstore.Store { return open(b, b.TempDir(), sqlstore.Options{}) })
}

// BenchmarkPostgreSQLAppend does so with a server that syncs its log, on the
// same machine.
func BenchmarkPostgreSQLAppend(b *testing.B) {
	server := postgrestest.Start(b, "-c", "fsync=on")
	benchmarkAppends(b, func(b *testing.B) *sqlstore.Store { return openPostgres(b, server.Database(b), sqlstore.Options{}) })
}

func benchmarkAppends(b *testing.B, open func(*testing.B) *sqlstore.Store) {
	for _, senders := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) { benchmarkAppend(b, open(b), senders) })
	}
}

func benchmarkAppend(b *testing.B, s *sqlstore.Store, senders int) {
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

// BenchmarkNewestPage reads the newest page of rooms with a history of any
// length: its cost must not grow with it.
func BenchmarkNewestPage(b *testing.B) {
	for _, messages := range []int{10, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("messages=%d", messages), func(b *testing.B) {
			h := newHall(b, sqlstore.Options{})
			h.must(h.Import(b.Context(), func(i store.Importer) error { return h.talk(i, messages) }))
			b.ReportAllocs()
			for b.Loop() {
				page, err := h.Page(b.Context(), store.Visit{Viewer: h.ann.ID, Room: h.room}, chat.PageQuery{Limit: 50})
				if err != nil || len(page.Messages) != min(messages, 50) {
					b.Fatal(len(page.Messages), err)
				}
			}
		})
	}
}

// talk adds messages to the hall.
func (h *hall) talk(i store.Importer, messages int) error {
	text := strings.Repeat("a word ", 14)
	for n := range messages {
		if _, err := i.AddMessage(h.room, h.ann.ID, time.Unix(int64(n), 0), chat.Draft{Key: fmt.Sprint(n), Text: text}); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkImport brings in what the demonstration workspace needs: ten
// messages a person, each person with a token and a room.
func BenchmarkImport(b *testing.B) { benchmarkImport(b, newHall(b, sqlstore.Options{})) }

// BenchmarkPostgreSQLImport does so in PostgreSQL.
func BenchmarkPostgreSQLImport(b *testing.B) {
	server := postgrestest.Start(b, "-c", "fsync=on")
	benchmarkImport(b, hallIn(b, openPostgres(b, server.Database(b), sqlstore.Options{})))
}

func benchmarkImport(b *testing.B, h *hall) {
	h.must(h.Import(b.Context(), func(i store.Importer) error {
		for n := range b.N {
			if err := h.importPerson(i, fmt.Sprint("person", n)); err != nil {
				return err
			}
			if err := h.talkOf(i, n); err != nil {
				return err
			}
		}
		return nil
	}))
	b.ReportMetric(float64(10*b.N)/b.Elapsed().Seconds(), "messages/s")
}

func (h *hall) importPerson(i store.Importer, name string) error {
	user, err := i.AddUser(store.NewUser{Username: name, Fold: name, Role: chat.RoleMember})
	if err != nil {
		return err
	}
	secret := sha256.Sum256([]byte(name))
	_, err = i.AddSession(store.NewSession{User: user.ID, Kind: chat.SessionToken, SecretHash: secret[:], ExpiresAt: time.Now().Add(time.Hour)})
	return errors.Join(err, i.AddMember(h.room, user.ID))
}

func (h *hall) talkOf(i store.Importer, person int) error {
	for n := range 10 {
		d := chat.Draft{Key: fmt.Sprint(person, "-", n), Text: "hello, this is what one says"}
		if _, err := i.AddMessage(h.room, h.ann.ID, time.Unix(int64(person), 0), d); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkRooms lists the rooms of a person who was away: a hundred rooms
// with as many unread messages as are counted.
func BenchmarkRooms(b *testing.B) {
	h := newHall(b, sqlstore.Options{})
	h.must(h.Import(b.Context(), func(i store.Importer) error {
		user, err := i.AddUser(store.NewUser{Username: "away", Fold: "away", Role: chat.RoleMember})
		for n := 0; n < 100 && err == nil; n++ {
			var room chat.Room
			room, err = i.AddRoom(store.NewRoom{Slug: fmt.Sprint("room-", n), Name: "Room"})
			h.room = room.ID
			err = errors.Join(err, i.AddMember(room.ID, user.ID), h.talk(i, 2000))
		}
		return err
	}))
	away, err := h.UserByFold(b.Context(), "away")
	h.must(err)
	for b.Loop() {
		if list, err := h.Rooms(b.Context(), away.ID); err != nil || list[1].Unread != 1000 {
			b.Fatal(list, err)
		}
	}
}

// BenchmarkPrincipals signs a request in.
func BenchmarkPrincipals(b *testing.B) {
	h := newHall(b, sqlstore.Options{})
	h.must(h.Import(b.Context(), func(i store.Importer) error { return h.importPerson(i, "somebody") }))
	secret := sha256.Sum256([]byte("somebody"))
	b.ReportAllocs()
	for b.Loop() {
		if found, err := h.Principals(b.Context(), [][]byte{secret[:]}); err != nil || len(found) != 1 {
			b.Fatal(found, err)
		}
	}
}
