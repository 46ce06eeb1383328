package transfer_test

import (
	"context"
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
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
	"github.com/parley-chat/parley/internal/transfer"
)

// file gives the place of a SQLite database that is not there yet.
func file(t testing.TB) sqlstore.Options {
	t.Helper()
	return sqlstore.Options{Path: filepath.Join(t.TempDir(), "data", "parley.db")}
}

// server gives an empty database in PostgreSQL.
func server(t testing.TB) sqlstore.Options {
	t.Helper()
	return sqlstore.Options{URL: postgrestest.Database(t)}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve opens a database as a server does; it is closed with the test, or
// before.
func serve(t testing.TB, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// world fills a database with messages and with something of everything else.
func world(t testing.TB, o sqlstore.Options, messages int) {
	t.Helper()
	s := serve(t, o)
	secrets := 0
	_, err := demo.Fill(t.Context(), s, demo.Options{
		Users: 12, Rooms: 6, Messages: messages, Tokens: true, Seed: 1, Now: time.Now(),
		Password: func() (string, string, error) { return "", "$argon2id$" + fmt.Sprint(secrets), nil },
		Token:    func() (string, []byte) { secrets++; return "", hash(fmt.Sprint(secrets)) },
	})
	must(t, err)
	w := settler{t, s}
	w.talk()
	w.letIn()
	w.keep()
	must(t, s.Close())
}

func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// settler does what the demo does not.
type settler struct {
	t testing.TB
	*sqlstore.Store
}

const (
	ann = chat.UserID(1) // an administrator, in all rooms
	bob = chat.UserID(2)
)

func (w settler) do(who chat.UserID, room chat.RoomID, c chat.Change) chat.Seq {
	w.t.Helper()
	done, err := store.AppendWait(w.t.Context(), w, who, room, c)
	must(w.t, err)
	return done.Event.Seq
}

func (w settler) say(room chat.RoomID, text string) chat.Seq {
	w.t.Helper()
	return w.do(ann, room, chat.PostMessage{Draft: chat.Draft{Key: "key " + text, Text: text}})
}

// talk makes events of every kind, an archived room and one that was deleted.
func (w settler) talk() {
	w.t.Helper()
	topic, yes := "a topic, Zürich 🎈", true
	said := w.say(1, "first words for @"+w.name(bob))
	w.do(ann, 1, chat.EditMessage{Seq: said, Text: "better words for @" + w.name(bob)})
	w.do(bob, 1, chat.AddReaction{Seq: said, Emoji: "🎈"})
	w.do(ann, 1, chat.AddReaction{Seq: said, Emoji: "👍"})
	w.do(ann, 1, chat.RemoveReaction{Seq: said, Emoji: "👍"})
	w.do(ann, 1, chat.PostMessage{Draft: chat.Draft{Key: "answer", Text: "\t<b>&\u2028 ' \\ \"", ReplyTo: said}})
	w.do(ann, 1, chat.DeleteMessage{Seq: w.say(1, "taken back")})
	w.do(ann, 1, chat.RemoveMember{User: bob})
	w.do(ann, 1, chat.AddMember{User: bob})
	w.do(ann, 2, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Topic: &topic, Archived: &yes}})
	room, err := w.CreateRoom(w.t.Context(), store.NewRoom{Creator: ann, Slug: "gone", Name: "Gone"})
	must(w.t, err)
	w.say(room.ID, "for nobody")
	must(w.t, w.DeleteRoom(w.t.Context(), ann, room.ID))
}

func (w settler) name(id chat.UserID) string {
	w.t.Helper()
	user, err := w.User(w.t.Context(), id)
	must(w.t, err)
	return user.Username
}

// letIn makes people, sessions and invitations; the newest session is ended,
// so that its id is the last one given and not in use.
func (w settler) letIn() {
	w.t.Helper()
	ctx := w.t.Context()
	later := time.Now().Add(time.Hour)
	disabled := true
	_, _, err := w.ChangeUser(ctx, 3, store.UserChanges{Disabled: &disabled})
	must(w.t, err)
	for _, creator := range []chat.UserID{0, ann, ann} {
		_, err := w.CreateInvite(ctx, store.NewInvite{Creator: creator, CodeHash: hash(fmt.Sprint("invite", time.Now())), ExpiresAt: later, MaxUses: 3})
		must(w.t, err)
	}
	must(w.t, w.RevokeInvite(ctx, 2))
	for _, secret := range []string{"browser", "ended"} {
		_, _, err := w.CreateSession(ctx, store.NewSession{
			User: bob, Kind: chat.SessionBrowser, SecretHash: hash(secret), UserAgent: "Firefox \xff", Address: "192.0.2.7", ExpiresAt: later,
		})
		must(w.t, err)
	}
	found, err := w.Principals(ctx, [][]byte{hash("ended")})
	must(w.t, err)
	must(w.t, w.EndSession(ctx, bob, found[string(hash("ended"))].Session.ID))
	_, _, err = w.MarkRead(ctx, store.Visit{Viewer: bob, Room: 1}, 3)
	must(w.t, err)
}

// keep makes settings and the records of an import.
func (w settler) keep() {
	w.t.Helper()
	for _, name := range []string{store.SettingWorkspace, store.SettingBridge, store.SettingSeal} {
		must(w.t, w.SetSetting(w.t.Context(), name, "the "+name))
	}
	must(w.t, w.Import(w.t.Context(), func(in store.Importer) error { return in.Remember("elsewhere", "user", "7", 1) }))
}

// source and destination open the ends of a copy, closed with the test or
// before.
func source(t testing.TB, o sqlstore.Options) *sqlstore.Bare {
	t.Helper()
	b, err := sqlstore.OpenSource(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { b.Close() })
	return b
}

func destination(t testing.TB, o sqlstore.Options) *sqlstore.Bare {
	t.Helper()
	b, err := sqlstore.OpenDestination(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { b.Close() })
	return b
}

func silent(string) {}

// transferred copies one database into another and wants them to be the same.
func transferred(t testing.TB, from, to sqlstore.Options) transfer.Report {
	t.Helper()
	f, d := source(t, from), destination(t, to)
	report, err := transfer.Copy(context.Background(), f, d, silent)
	must(t, err)
	if !report.Same() {
		t.Fatalf("the copy differs: %+v", report)
	}
	must(t, errors.Join(f.Close(), d.Close()))
	return report
}
