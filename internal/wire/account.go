package wire

import (
	"github.com/parley-chat/parley/internal/chat"
)

// What is asked and answered about accounts.
type (
	// SetupRequest makes the first account. Token is the one at the end of
	// the set-up address, if it has one.
	SetupRequest struct {
		Username  string `json:"username"`
		Password  string `json:"password"`
		Workspace string `json:"workspace,omitempty"`
		Token     string `json:"token,omitempty"`
	}
	// SignupRequest makes an account. Invite is the code of an invitation.
	SignupRequest struct {
		Username string `json:"username"`
		Password string `json:"password"`
		Invite   string `json:"invite,omitempty"`
	}
	// LoginRequest signs in.
	LoginRequest struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	// UserAnswer is one account.
	UserAnswer struct {
		User User `json:"user"`
	}
	// MeChange alters one's own account.
	MeChange struct {
		Name *string `json:"name,omitempty"`
	}
	// PasswordChange replaces one's own password.
	PasswordChange struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}
)

// What administrators ask about accounts.
type (
	// UserList is a piece of the list of accounts. Next is the cursor of the
	// following piece; without it this is the last one.
	UserList struct {
		Users []User `json:"users"`
		Next  string `json:"next,omitempty"`
	}
	// NewUser makes an account for somebody else.
	NewUser struct {
		Username string    `json:"username"`
		Password string    `json:"password"`
		Name     string    `json:"name,omitempty"`
		Role     chat.Role `json:"role,omitempty"`
	}
	// UserChange alters somebody's account. A new password ends all their
	// browser sessions.
	UserChange struct {
		Name     *string    `json:"name,omitempty"`
		Role     *chat.Role `json:"role,omitempty"`
		Disabled *bool      `json:"disabled,omitempty"`
		Password *string    `json:"password,omitempty"`
	}
)

// Session is one signed-in browser.
type Session struct {
	ID        chat.SessionID `json:"id"`
	Device    string         `json:"device"` // such as "Firefox on Linux"
	CreatedAt Time           `json:"created_at"`
	SeenAt    Time           `json:"seen_at"`
	Current   bool           `json:"current"` // the one that asks
}

// SessionList is where somebody is signed in, newest first.
type SessionList struct {
	Sessions []Session `json:"sessions"`
}

// SessionListOf turns sessions into what their owner gets.
func SessionListOf(sessions []chat.Session, current chat.SessionID) SessionList {
	list := SessionList{Sessions: make([]Session, len(sessions))}
	for i, s := range sessions {
		list.Sessions[i] = Session{
			ID: s.ID, Device: deviceOf(s.UserAgent),
			CreatedAt: Time{s.CreatedAt}, SeenAt: Time{s.LastSeenAt}, Current: s.ID == current,
		}
	}
	return list
}

// UsersOf turns accounts into what clients get; never nil.
func UsersOf(users []chat.User) []User {
	list := make([]User, len(users))
	for i, u := range users {
		list[i] = UserOf(u)
	}
	return list
}
