package storetest

import (
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var users = []promise{
	{"an account is found by id and by fold", userIsFound},
	{"an unknown account is not found", unknownUser},
	{"a fold is used once", foldIsUnique},
	{"only one account is the first", firstUser},
	{"accounts are listed in pages", userPages},
	{"a new password ends the other browser sessions", newPassword},
	{"a rehash needs the old hash", rehash},
	{"a change alters what it names and nothing else", changeUser},
	{"a change with a password is made whole or not at all", changeUserAtOnce},
	{"a disabled account loses its sessions and rights", disableUser},
	{"the last administrator stays one", lastAdmin},
}

func userIsFound(w *world) {
	byID, err := w.User(w.Context(), w.bob.ID)
	w.must(err)
	same(w, "by id", byID, w.bob)
	byFold, err := w.UserByFold(w.Context(), "bob")
	w.must(err)
	same(w, "by fold", byFold, w.bob)
	same(w, "created", w.bob.CreatedAt, w.clock.now().Truncate(time.Millisecond))
	same(w, "name", w.bob.Name, "bob")
}

func unknownUser(w *world) {
	_, err := w.User(w.Context(), 999)
	w.is(err, chat.ErrNotFound)
	_, err = w.UserByFold(w.Context(), "nobody")
	w.is(err, chat.ErrNotFound)
	_, err = w.PasswordHash(w.Context(), 999)
	w.is(err, chat.ErrNotFound)
	_, err = w.SetPassword(w.Context(), 999, "x", 0)
	w.is(err, chat.ErrNotFound)
	_, _, err = w.ChangeUser(w.Context(), 999, store.UserChanges{Name: ref("x")})
	w.is(err, chat.ErrNotFound)
}

func foldIsUnique(w *world) {
	_, err := w.CreateUser(w.Context(), store.NewUser{Username: "BOB", Fold: "bob", Role: chat.RoleMember})
	w.is(err, chat.ErrUsernameTaken)
	n, err := w.CountUsers(w.Context())
	w.must(err)
	same(w, "accounts", n, 3)
}

func firstUser(w *world) {
	_, err := w.CreateUser(w.Context(), store.NewUser{Username: "dan", Fold: "dan", Role: chat.RoleAdmin, First: true})
	w.is(err, chat.ErrSetupDone)
	empty := w.open(w.T, w.TempDir(), w.clock.now)
	defer empty.Close()
	made := race(8, func(i int) error {
		name := string(rune('a' + i))
		_, err := empty.CreateUser(w.Context(), store.NewUser{Username: name, Fold: name, Role: chat.RoleAdmin, First: true})
		return err
	})
	same(w, "first accounts", count(made, nil), 1)
	same(w, "others", count(made, chat.ErrSetupDone), 7)
}

func userPages(w *world) {
	page, err := w.Users(w.Context(), store.Cursor{Limit: 2})
	w.must(err)
	same(w, "first page", page, []chat.User{w.ann, w.bob})
	page, err = w.Users(w.Context(), store.Cursor{After: int64(w.bob.ID), Limit: 2})
	w.must(err)
	same(w, "second page", page, []chat.User{w.cid})
}

func newPassword(w *world) {
	kept, ended := w.signIn(w.bob, "phone"), w.signIn(w.bob, "laptop")
	token := w.newToken(w.bob, "script")
	gone, err := w.SetPassword(w.Context(), w.bob.ID, "new", kept.ID)
	w.must(err)
	same(w, "ended", gone, []chat.SessionID{ended.ID})
	live, err := w.Live(w.Context(), []chat.SessionID{kept.ID, ended.ID, token.ID, 999})
	w.must(err)
	same(w, "live", live, map[chat.SessionID]bool{kept.ID: true, token.ID: true})
	now, err := w.PasswordHash(w.Context(), w.bob.ID)
	w.must(err)
	same(w, "hash", now, "new")
}

func rehash(w *world) {
	w.must(w.Rehash(w.Context(), w.bob.ID, "another", "bad"))
	w.must(w.Rehash(w.Context(), w.bob.ID, "hash of bob", "better"))
	now, err := w.PasswordHash(w.Context(), w.bob.ID)
	w.must(err)
	same(w, "hash", now, "better")
}

func changeUser(w *world) {
	changed, _, err := w.ChangeUser(w.Context(), w.bob.ID, store.UserChanges{Name: ref("Bobby"), Role: ref(chat.RoleAdmin)})
	w.must(err)
	want := w.bob
	want.Name, want.Role = "Bobby", chat.RoleAdmin
	same(w, "answer", changed, want)
	kept, err := w.User(w.Context(), w.bob.ID)
	w.must(err)
	same(w, "kept", kept, want)
	seq := w.say(w.bob, w.hall, "I have another name")
	same(w, "author", w.message(w.ann, w.hall, seq).User, want.UserRef)
	_, _, err = w.ChangeUser(w.Context(), w.bob.ID, store.UserChanges{Name: ref("bob")}) // as it was heard at first
	w.must(err)
	w.heard.rename(w.hall, w.bob.UserRef)
}

// rename corrects the name of a person in what was heard.
func (h *heard) rename(room chat.RoomID, user chat.UserRef) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.byRoom[room] {
		ev := &h.byRoom[room][i]
		for _, there := range []*chat.UserRef{&ev.Actor, &ev.Message.User, &ev.Subject} {
			if there.ID == user.ID {
				*there = user
			}
		}
	}
}

// changeUserAtOnce: a password goes with the other changes, or none of them.
func changeUserAtOnce(w *world) {
	phone := w.signIn(w.bob, "phone")
	_, gone, err := w.ChangeUser(w.Context(), w.bob.ID, store.UserChanges{Role: ref(chat.RoleMember), Hash: ref("new")})
	w.must(err)
	same(w, "ended", gone, []chat.SessionID{phone.ID})
	now, err := w.PasswordHash(w.Context(), w.bob.ID)
	w.must(err)
	same(w, "hash", now, "new")

	desk := w.signIn(w.ann, "desk")
	_, gone, err = w.ChangeUser(w.Context(), w.ann.ID, store.UserChanges{Role: ref(chat.RoleMember), Hash: ref("new")})
	w.is(err, chat.ErrLastAdmin)
	same(w, "ended", len(gone), 0)
	now, err = w.PasswordHash(w.Context(), w.ann.ID)
	w.must(err)
	same(w, "hash", now, "hash of ann")
	live, err := w.Live(w.Context(), []chat.SessionID{desk.ID})
	w.must(err)
	same(w, "live", live[desk.ID], true)
}

func disableUser(w *world) {
	w.signIn(w.bob, "phone")
	w.newToken(w.bob, "script")
	_, _, err := w.ChangeUser(w.Context(), w.bob.ID, store.UserChanges{Disabled: ref(true)})
	w.must(err)
	for _, secret := range []string{"phone", "script"} {
		_, err = w.principal(secret)
		w.is(err, chat.ErrNotFound)
	}
	w.refused(chat.ErrDisabled, w.bob, w.hall, draft("k", "still here?"))
	_, err = w.Rooms(w.Context(), w.bob.ID)
	w.is(err, chat.ErrDisabled)
	_, _, err = w.CreateSession(w.Context(), w.newSession(w.bob, chat.SessionBrowser, "again"))
	w.is(err, chat.ErrDisabled)
	_, _, err = w.ChangeUser(w.Context(), w.bob.ID, store.UserChanges{Disabled: ref(false)})
	w.must(err)
	w.say(w.bob, w.hall, "back again")
}

func lastAdmin(w *world) {
	for _, c := range []store.UserChanges{{Disabled: ref(true)}, {Role: ref(chat.RoleMember)}} {
		_, _, err := w.ChangeUser(w.Context(), w.ann.ID, c)
		w.is(err, chat.ErrLastAdmin)
	}
	second := w.newUser("dora", chat.RoleAdmin)
	results := race(2, func(i int) error {
		_, _, err := w.ChangeUser(w.Context(), []chat.UserID{w.ann.ID, second.ID}[i], store.UserChanges{Role: ref(chat.RoleMember)})
		return err
	})
	same(w, "stepped down", count(results, nil), 1)
	same(w, "refused", count(results, chat.ErrLastAdmin), 1)
}
