package wire

import "github.com/parley-chat/parley/internal/chat"

// Invite is an invitation. Its code and address are told once, to whoever
// made it.
type Invite struct {
	ID        chat.InviteID `json:"id"`
	Code      string        `json:"code,omitempty"`
	URL       string        `json:"url,omitempty"`
	Uses      int           `json:"uses"`
	MaxUses   int           `json:"max_uses"` // 0: no limit
	CreatedAt Time          `json:"created_at"`
	ExpiresAt Time          `json:"expires_at"`
}

// InviteList are the invitations that still work, newest first.
type InviteList struct {
	Invites []Invite `json:"invites"`
}

// NewInvite makes an invitation. Uses 0 is no limit; ExpiresIn is in seconds,
// seven days if it is missing.
type NewInvite struct {
	Uses      Int  `json:"uses,omitempty"`
	ExpiresIn *Int `json:"expires_in,omitempty"`
}

// InviteOf turns an invitation into what administrators get.
func InviteOf(i chat.Invite) Invite {
	return Invite{
		ID: i.ID, Uses: i.Uses, MaxUses: i.MaxUses,
		CreatedAt: Time{i.CreatedAt}, ExpiresAt: Time{i.ExpiresAt},
	}
}

// InvitesOf does so for a list; never nil.
func InvitesOf(invites []chat.Invite) []Invite {
	list := make([]Invite, len(invites))
	for i, invite := range invites {
		list[i] = InviteOf(invite)
	}
	return list
}
