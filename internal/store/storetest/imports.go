package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var imports = []promise{
	{"an import brings people, rooms and messages with their times", importAll},
	{"a failed import leaves nothing", importNothing},
	{"an import is remembered by foreign ids", importRemembers},
	{"an import goes on in a room that is used", importIntoRoom},
}

func importAll(w *world) {
	old := time.Date(2019, 5, 1, 12, 0, 0, 0, time.UTC)
	var room chat.Room
	var eve chat.User
	w.must(w.Import(w.Context(), func(i store.Importer) (err error) {
		if eve, err = i.AddUser(store.NewUser{Username: "Eve", Fold: "eve", Role: chat.RoleMember, Hash: "old"}); err != nil {
			return err
		}
		if room, err = i.AddRoom(store.NewRoom{Slug: "old", Name: "Old"}); err != nil {
			return err
		}
		return errors.Join(i.AddMember(room.ID, eve.ID), i.AddMember(room.ID, eve.ID), w.fill(i, room.ID, eve.ID, old), i.ReadToHead(room.ID))
	}))
	list := w.page(w.cid, room.ID)
	same(w, "texts", []string{list[0].Text, list[1].Text, list[2].Text}, []string{"text 0", "text 1", "text 2"})
	same(w, "times", []time.Time{list[0].CreatedAt, list[1].CreatedAt, list[2].CreatedAt}, []time.Time{old, old, old.Add(time.Hour)})
	same(w, "reaction", list[2].Reactions, []chat.Reaction{{Emoji: "🎈", Count: 1, Users: []chat.UserRef{eve.UserRef}}})
	same(w, "created", eve.CreatedAt, w.clock.now().Truncate(time.Millisecond))
	view := w.view(eve, room.ID)
	same(w, "read to the head", []any{view.Joined, view.ReadSeq, view.LastSeq}, []any{true, chat.Seq(4), chat.Seq(4)})
	same(w, "heard", len(w.heard.of(room.ID)), 0)
	who, err := w.principal("imported")
	w.must(err)
	same(w, "signed in", who.User, eve)
}

// fill adds three messages, of which the second claims to be older than the
// first, a reaction and a token.
func (w *world) fill(i store.Importer, room chat.RoomID, user chat.UserID, from time.Time) error {
	for n, at := range []time.Time{from, from.Add(-time.Hour), from.Add(time.Hour)} {
		seq, err := i.AddMessage(room, user, at, chat.Draft{Key: fmt.Sprint("k", n), Text: fmt.Sprint("text ", n)})
		if err != nil || seq != chat.Seq(n+1) {
			return fmt.Errorf("message %d has number %d: %w", n, seq, err)
		}
	}
	session := w.newSession(chat.User{UserRef: chat.UserRef{ID: user}}, chat.SessionToken, "imported")
	_, err := i.AddSession(session)
	return errors.Join(err, i.AddReaction(room, user, from.Add(2*time.Hour), 3, "🎈"))
}

func importNothing(w *world) {
	broken := errors.New("row 17 is broken")
	err := w.Import(w.Context(), func(i store.Importer) error {
		if _, err := i.AddUser(store.NewUser{Username: "eve", Fold: "eve", Role: chat.RoleMember}); err != nil {
			return err
		}
		if _, err := i.AddMessage(w.hall, w.bob.ID, w.clock.now(), chat.Draft{Key: "k", Text: "imported"}); err != nil {
			return err
		}
		return broken
	})
	w.is(err, broken)
	_, err = w.UserByFold(w.Context(), "eve")
	w.is(err, chat.ErrNotFound)
	same(w, "head", w.head(w.hall), 2)
	same(w, "next number", w.say(w.bob, w.hall, "not imported"), 3)
}

func importRemembers(w *world) {
	w.must(w.Import(w.Context(), func(i store.Importer) error {
		_, err := i.Imported("elsewhere", "user", "7")
		w.is(err, chat.ErrNotFound)
		_, err = i.UserByFold("nobody")
		w.is(err, chat.ErrNotFound)
		_, err = i.RoomBySlug("nowhere")
		w.is(err, chat.ErrNotFound)
		return i.Remember("elsewhere", "user", "7", 42)
	}))
	w.reopen()
	w.must(w.Import(w.Context(), func(i store.Importer) error {
		id, err := i.Imported("elsewhere", "user", "7")
		same(w, "id", id, 42)
		return err
	}))
}

func importIntoRoom(w *world) {
	w.signIn(w.cid, "phone")
	w.must(w.Import(w.Context(), func(i store.Importer) error {
		if _, err := i.AddUser(store.NewUser{Username: "Bob", Fold: "bob", Role: chat.RoleMember}); !errors.Is(err, chat.ErrUsernameTaken) {
			return fmt.Errorf("a taken name gave %w", err)
		}
		if _, err := i.AddRoom(store.NewRoom{Slug: "hall", Name: "Hall"}); !errors.Is(err, chat.ErrSlugTaken) {
			return fmt.Errorf("a taken slug gave %w", err)
		}
		_, err := i.AddMessage(w.hall, w.bob.ID, w.clock.now().Add(-time.Hour), chat.Draft{Key: "k", Text: "imported"})
		return errors.Join(err, i.SetDisabled(w.cid.ID))
	}))
	same(w, "next number", w.say(w.bob, w.hall, "and on"), 4)
	_, err := w.principal("phone")
	w.is(err, chat.ErrNotFound)
	w.heard.forget(w.hall)
}
