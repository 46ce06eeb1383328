package storetest

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var invites = []promise{
	{"an invitation for one lets exactly one of twenty in", inviteRace},
	{"a dead invitation lets nobody in", deadInvite},
	{"a refused name does not use up an invitation", inviteIsKept},
	{"usable invitations are listed, newest first", inviteList},
}

func (w *world) invite(code string, uses int) chat.Invite {
	w.Helper()
	invite, err := w.CreateInvite(w.Context(), store.NewInvite{
		Creator: w.ann.ID, CodeHash: hash(code), ExpiresAt: w.clock.now().Add(time.Hour), MaxUses: uses,
	})
	w.must(err)
	return invite
}

func (w *world) signUp(name, code string) error {
	_, err := w.CreateUser(w.Context(), store.NewUser{Username: name, Fold: name, Role: chat.RoleMember, Invite: hash(code)})
	return err
}

func inviteRace(w *world) {
	w.invite("code", 1)
	results := race(20, func(i int) error { return w.signUp(fmt.Sprint("guest", i), "code") })
	same(w, "let in", count(results, nil), 1)
	same(w, "refused", count(results, chat.ErrInviteDead), 19)
	n, err := w.CountUsers(w.Context())
	w.must(err)
	same(w, "accounts", n, 4)
}

func deadInvite(w *world) {
	revoked := w.invite("revoked", 0)
	w.must(w.RevokeInvite(w.Context(), revoked.ID))
	w.must(w.RevokeInvite(w.Context(), revoked.ID))
	w.is(w.signUp("dan", "revoked"), chat.ErrInviteDead)
	w.is(w.signUp("dan", "never made"), chat.ErrInviteDead)
	w.invite("old", 0)
	w.clock.add(2 * time.Hour)
	w.is(w.signUp("dan", "old"), chat.ErrInviteDead)
	_, err := w.Invite(w.Context(), hash("never made"))
	w.is(err, chat.ErrNotFound)
	w.is(w.RevokeInvite(w.Context(), 999), chat.ErrNotFound)
}

func inviteIsKept(w *world) {
	w.invite("code", 1)
	w.is(w.signUp("bob", "code"), chat.ErrUsernameTaken)
	found, err := w.Invite(w.Context(), hash("code"))
	w.must(err)
	same(w, "uses", found.Uses, 0)
	w.must(w.signUp("dan", "code"))
}

func inviteList(w *world) {
	first := w.invite("first", 0)
	shell, err := w.CreateInvite(w.Context(), store.NewInvite{CodeHash: hash("shell"), ExpiresAt: w.clock.now().Add(time.Hour), MaxUses: 5})
	w.must(err)
	w.must(w.RevokeInvite(w.Context(), w.invite("revoked", 0).ID))
	w.invite("used", 1)
	w.must(w.signUp("dan", "used"))
	list, err := w.Invites(w.Context())
	w.must(err)
	same(w, "list", list, []chat.Invite{shell, first})
	same(w, "creator", first.Creator, w.ann.UserRef)
}
