package chat

import "time"

// Invite is a link that lets people sign up. Its code is shown once, when it
// is made; the store keeps only the SHA-256 of it.
type Invite struct {
	ID        InviteID
	Creator   UserRef
	CreatedAt time.Time
	ExpiresAt time.Time
	MaxUses   int // 0: no limit
	Uses      int
	Revoked   bool
}

// Dead says why the invitation no longer works at now; empty while it does.
func (i Invite) Dead(now time.Time) string {
	switch {
	case i.Revoked:
		return "revoked"
	case now.After(i.ExpiresAt):
		return "expired"
	case i.MaxUses > 0 && i.Uses >= i.MaxUses:
		return "used up"
	}
	return ""
}
