package chat

import "time"

// Role says what an account may do on the whole server.
type Role string

// The roles. A bot speaks through a token and has no password.
const (
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
	RoleBot    Role = "bot"
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool {
	return r == RoleAdmin || r == RoleMember || r == RoleBot
}

// UserRef is how a person appears beside a message or in a list.
type UserRef struct {
	ID       UserID
	Username string
	Name     string // what is shown; never empty, the user name by default
}

// User is an account without its secrets.
type User struct {
	UserRef
	Role      Role
	Disabled  bool
	CreatedAt time.Time
}

// IsAdmin reports whether u may administer the server.
func (u User) IsAdmin() bool { return u.Role == RoleAdmin && !u.Disabled }
