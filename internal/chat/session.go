package chat

import "time"

// SessionKind tells a browser's sign-in from a script's token.
type SessionKind string

// The kinds of session.
const (
	SessionBrowser SessionKind = "browser"
	SessionToken   SessionKind = "token"
)

// Session is one signed-in device, or one bearer token. Its secret is not
// kept: the store knows only the SHA-256 of it.
type Session struct {
	ID         SessionID
	User       UserID
	Kind       SessionKind
	Name       string // of a token; empty for a browser
	UserAgent  string
	Address    string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time // absolute
}

// How long a browser's session lives: IdleLife after it was last used, and
// never beyond AbsoluteLife. A person has at most MaxSessions; the oldest goes.
const (
	IdleLife     = 14 * 24 * time.Hour
	AbsoluteLife = 90 * 24 * time.Hour
	MaxSessions  = 20
)

// Expired reports whether s no longer signs anybody in at now. Tokens have
// no idle limit.
func (s Session) Expired(now time.Time) bool {
	if now.After(s.ExpiresAt) {
		return true
	}
	return s.Kind == SessionBrowser && now.After(s.LastSeenAt.Add(IdleLife))
}

// Principal is who a request or a connection acts for, and by which proof.
type Principal struct {
	User    User
	Session Session
}
