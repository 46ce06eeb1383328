package store

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Invites keeps the invitations.
type Invites interface {
	CreateInvite(ctx context.Context, i NewInvite) (chat.Invite, error)
	// Invite gives the invitation whose code has this SHA-256, dead or not.
	Invite(ctx context.Context, codeHash []byte) (chat.Invite, error)
	// Invites lists those that can still be used, newest first.
	Invites(ctx context.Context) ([]chat.Invite, error)
	// RevokeInvite ends an invitation; nothing happens if it ended before.
	// chat.ErrNotFound.
	RevokeInvite(ctx context.Context, id chat.InviteID) error
}

// NewInvite is an invitation to be made.
type NewInvite struct {
	Creator   chat.UserID // 0: made from the shell
	CodeHash  []byte      // SHA-256 of the code
	ExpiresAt time.Time
	MaxUses   int // 0: no limit
}
