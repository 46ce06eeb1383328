package storetest

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var sessions = []promise{
	{"a secret signs its person in", secretSignsIn},
	{"many secrets sign their people in at once", manySecretsSignIn},
	{"a session ends when it was idle or is too old", sessionExpires},
	{"a token has no idle limit", tokenStays},
	{"a person has at most so many browser sessions", oldestSessionEnds},
	{"a session is ended by its person or by anybody's right", endSession},
	{"tokens are listed in pages", tokenPages},
	{"sessions survive a restart", sessionsSurvive},
}

func (w *world) newSession(user chat.User, kind chat.SessionKind, secret string) store.NewSession {
	return store.NewSession{
		User: user.ID, Kind: kind, SecretHash: hash(secret), Name: "of " + secret,
		UserAgent: "Browser/1", Address: "192.0.2.1", ExpiresAt: w.clock.now().Add(chat.AbsoluteLife),
	}
}

func (w *world) signIn(user chat.User, secret string) chat.Session {
	w.Helper()
	session, _, err := w.CreateSession(w.Context(), w.newSession(user, chat.SessionBrowser, secret))
	w.must(err)
	return session
}

func (w *world) newToken(user chat.User, secret string) chat.Session {
	w.Helper()
	session, _, err := w.CreateSession(w.Context(), w.newSession(user, chat.SessionToken, secret))
	w.must(err)
	return session
}

func (w *world) principal(secret string) (chat.Principal, error) {
	found, err := w.Principals(w.Context(), [][]byte{hash(secret)})
	if who, ok := found[string(hash(secret))]; ok || err != nil {
		return who, err
	}
	return chat.Principal{}, chat.ErrNotFound
}

func secretSignsIn(w *world) {
	session := w.signIn(w.bob, "phone")
	who, err := w.principal("phone")
	w.must(err)
	same(w, "principal", who, chat.Principal{User: w.bob, Session: session})
	same(w, "agent", session.UserAgent, "Browser/1")
	_, err = w.principal("guessed")
	w.is(err, chat.ErrNotFound)
}

func manySecretsSignIn(w *world) {
	phone, token := w.signIn(w.bob, "phone"), w.newToken(w.ann, "script")
	w.signIn(w.cid, "gone")
	_, _, err := w.ChangeUser(w.Context(), w.cid.ID, store.UserChanges{Disabled: ref(true)})
	w.must(err)
	var hashes [][]byte
	for _, secret := range []string{"script", "guessed", "phone", "gone", "phone"} {
		hashes = append(hashes, hash(secret))
	}
	found, err := w.Principals(w.Context(), hashes)
	w.must(err)
	same(w, "principals", found, map[string]chat.Principal{
		string(hash("phone")):  {User: w.bob, Session: phone},
		string(hash("script")): {User: w.ann, Session: token},
	})
	found, err = w.Principals(w.Context(), nil)
	w.must(err)
	same(w, "nobody", len(found), 0)
}

func sessionExpires(w *world) {
	session := w.signIn(w.bob, "phone")
	w.clock.add(chat.IdleLife - time.Hour)
	w.must(w.TouchSessions(w.Context(), []chat.SessionID{session.ID}, w.clock.now()))
	w.must(w.TouchSessions(w.Context(), []chat.SessionID{session.ID}, w.clock.now().Add(-time.Hour))) // late news
	w.clock.add(chat.IdleLife - time.Minute)
	_, err := w.principal("phone")
	w.must(err)
	w.clock.add(2 * time.Minute)
	_, err = w.principal("phone")
	w.is(err, chat.ErrNotFound)
	live, err := w.Live(w.Context(), []chat.SessionID{session.ID})
	w.must(err)
	same(w, "live", len(live), 0)
	list, err := w.Sessions(w.Context(), w.bob.ID, chat.SessionBrowser)
	w.must(err)
	same(w, "listed", len(list), 0)
}

func tokenStays(w *world) {
	w.newToken(w.bob, "script")
	w.clock.add(chat.AbsoluteLife - time.Minute)
	_, err := w.principal("script")
	w.must(err)
	w.clock.add(2 * time.Minute)
	_, err = w.principal("script")
	w.is(err, chat.ErrNotFound)
}

func oldestSessionEnds(w *world) {
	token := w.newToken(w.bob, "script")
	oldest := w.signIn(w.bob, "oldest")
	for i := 1; i < chat.MaxSessions; i++ {
		w.signIn(w.bob, fmt.Sprint("device ", i))
	}
	_, ended, err := w.CreateSession(w.Context(), w.newSession(w.bob, chat.SessionBrowser, "newest"))
	w.must(err)
	same(w, "ended", ended, []chat.SessionID{oldest.ID})
	list, err := w.Sessions(w.Context(), w.bob.ID, chat.SessionBrowser)
	w.must(err)
	same(w, "sessions", len(list), chat.MaxSessions)
	same(w, "newest first", list[0].Name, "of newest")
	live, err := w.Live(w.Context(), []chat.SessionID{token.ID})
	w.must(err)
	same(w, "token", live[token.ID], true)
}

func endSession(w *world) {
	session, other := w.signIn(w.bob, "phone"), w.signIn(w.bob, "laptop")
	w.is(w.EndSession(w.Context(), w.cid.ID, session.ID), chat.ErrNotFound)
	w.must(w.EndSession(w.Context(), w.bob.ID, session.ID))
	w.is(w.EndSession(w.Context(), w.bob.ID, session.ID), chat.ErrNotFound)
	w.must(w.EndSession(w.Context(), 0, other.ID))
	_, err := w.principal("laptop")
	w.is(err, chat.ErrNotFound)
}

func tokenPages(w *world) {
	first, second := w.newToken(w.bob, "one"), w.newToken(w.ann, "two")
	w.signIn(w.ann, "browser")
	page, err := w.Tokens(w.Context(), store.Cursor{Limit: 1})
	w.must(err)
	same(w, "first page", page, []chat.Session{first})
	page, err = w.Tokens(w.Context(), store.Cursor{After: int64(first.ID), Limit: 5})
	w.must(err)
	same(w, "second page", page, []chat.Session{second})
}

func sessionsSurvive(w *world) {
	session := w.signIn(w.bob, "phone")
	w.reopen()
	who, err := w.principal("phone")
	w.must(err)
	same(w, "principal", who, chat.Principal{User: w.bob, Session: session})
}
