package store

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// Users keeps the accounts.
type Users interface {
	// CreateUser adds an account: chat.ErrUsernameTaken when its Fold is in
	// use, chat.ErrSetupDone when First is asked for and there is an account
	// already, chat.ErrInviteDead when Invite names none that works.
	CreateUser(ctx context.Context, u NewUser) (chat.User, error)
	// User gives an account by id, UserByFold by its folded name.
	User(ctx context.Context, id chat.UserID) (chat.User, error)
	UserByFold(ctx context.Context, fold string) (chat.User, error)
	// PasswordHash gives what the password is checked against; empty when
	// the account has none.
	PasswordHash(ctx context.Context, id chat.UserID) (string, error)
	// SetPassword replaces the hash and ends the person's browser sessions
	// but keep (0: all of them), which it names.
	SetPassword(ctx context.Context, id chat.UserID, hash string, keep chat.SessionID) (ended []chat.SessionID, err error)
	// Rehash replaces the hash old by a better one of the same password;
	// nothing happens if it is no longer old.
	Rehash(ctx context.Context, id chat.UserID, old, hash string) error
	// ChangeUser alters an account; disabling one ends all its sessions, and a
	// new hash its browser sessions, which are named.
	// chat.ErrLastAdmin when no active administrator would be left.
	ChangeUser(ctx context.Context, id chat.UserID, c UserChanges) (changed chat.User, ended []chat.SessionID, err error)
	// Users lists accounts in order of id.
	Users(ctx context.Context, c Cursor) ([]chat.User, error)
	// CountUsers tells how many accounts there are.
	CountUsers(ctx context.Context) (int, error)
}

// NewUser is an account to be made.
type NewUser struct {
	Username string
	Fold     string // unique; see chat.CleanUsername
	Name     string
	Role     chat.Role
	Hash     string // empty: no password, nobody can log in
	First    bool   // only if there is no account at all
	Invite   []byte // SHA-256 of an invitation's code, used up once; nil: none
}

// UserChanges are the parts to be changed; nil leaves one as it is.
type UserChanges struct {
	Name     *string
	Role     *chat.Role
	Disabled *bool
	Hash     *string // of the new password
}
