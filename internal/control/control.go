// Package control is how commands of the shell act on a data directory: the
// calls that they make, carried to the running server through the socket
// DATA/control.sock, or done at once where no server runs. It knows nothing
// of flags and prints nothing.
//
// Whoever can open the data directory may make every call: the directory's
// mode is the lock, no account is asked for.
package control

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Admin is what the shell can do. All refusals are *chat.Error, whichever
// way the call went. Lists come whole.
type Admin interface {
	// AddUser makes an account; chat.ErrUsernameTaken. On a server that was
	// not set up it counts as set up from then on.
	AddUser(context.Context, NewUser) (User, error)
	// Users lists all accounts in order of id.
	Users(context.Context) ([]User, error)
	// SetPassword replaces a password and ends the person's sessions.
	SetPassword(context.Context, Credentials) error
	// DisableUser ends an account's sessions and shuts it out;
	// chat.ErrLastAdmin. EnableUser lets it in again.
	DisableUser(ctx context.Context, username string) (User, error)
	EnableUser(ctx context.Context, username string) (User, error)
	// ImportUsers makes many accounts, at most MaxImport in one call, and
	// tells for each what became of it, in the same order. One that cannot
	// be made does not keep the others from it. Weak passwords are taken,
	// with a note, for they are what people have.
	ImportUsers(context.Context, []NewUser) ([]ImportedUser, error)

	// AddRoom makes a room without members; chat.ErrSlugTaken.
	AddRoom(context.Context, NewRoom) (Room, error)
	// Rooms lists all rooms, private and archived ones too.
	Rooms(context.Context) ([]Room, error)
	// ArchiveRoom closes a room for changes, RestoreRoom opens it again. The
	// room is a slug or an id. The room shows that the first active
	// administrator did it; without one it is refused ("no_administrator").
	ArchiveRoom(ctx context.Context, room string) error
	RestoreRoom(ctx context.Context, room string) error

	// CreateInvite makes an invitation and tells its address, this once.
	CreateInvite(context.Context, NewInvite) (Invite, error)

	// AddToken makes a bearer token and tells its secret, this once.
	AddToken(context.Context, NewToken) (Token, error)
	// Tokens lists all bearer tokens, without their secrets.
	Tokens(context.Context) ([]Token, error)
	// RevokeToken ends a bearer token; chat.ErrNotFound.
	RevokeToken(context.Context, chat.SessionID) error
}

// MaxImport bounds one call of ImportUsers: hashing takes time, and a caller
// that goes on in pieces can tell how far it is.
const MaxImport = 100

// NewUser is an account to be made.
type NewUser struct {
	Username string
	Password string
	Admin    bool
}

// Credentials are a user name and its new password.
type Credentials struct {
	Username string
	Password string
}

// User is an account.
type User struct {
	ID       chat.UserID
	Username string
	Name     string
	Role     chat.Role
	Disabled bool
}

// ImportedUser is what became of one account. At most one of Err and Weak is
// set.
type ImportedUser struct {
	Username string
	Err      *chat.Error // why it was not made, such as chat.ErrUsernameTaken
	Weak     string      // why its password would be refused today
}

// NewRoom is a room to be made. Without a name it is called by its slug.
type NewRoom struct {
	Slug    string
	Name    string
	Topic   string
	Private bool
}

// Room is a room.
type Room struct {
	ID       chat.RoomID
	Slug     string
	Name     string
	Private  bool
	Archived bool
	Members  int
	LastSeq  chat.Seq
}

// NewInvite is an invitation to be made.
type NewInvite struct {
	Uses int           // 0: no limit
	Life time.Duration // 0: seven days
}

// Invite is an invitation.
type Invite struct {
	URL       string
	MaxUses   int
	ExpiresAt time.Time
}

// NewToken is a bearer token to be made.
type NewToken struct {
	Username string        // whom it acts for
	Name     string        // what it is for; may be empty
	Life     time.Duration // 0: a year
}

// Token is a bearer token.
type Token struct {
	ID        chat.SessionID
	Username  string
	Name      string
	Secret    string // only from AddToken
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}
