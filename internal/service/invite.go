package service

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Bounds of an invitation.
const (
	InviteLife    = 7 * 24 * time.Hour  // unless told otherwise
	MaxInviteLife = 90 * 24 * time.Hour //
	MaxInviteUses = 10_000
)

// AddInvite makes an invitation and tells its code, this once. Uses 0 is no
// limit.
func (s *Service) AddInvite(ctx context.Context, p chat.Principal, uses int, life time.Duration) (chat.Invite, string, error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return chat.Invite{}, "", err
	}
	if uses < 0 || uses > MaxInviteUses {
		return chat.Invite{}, "", chat.FieldProblem("uses", "out_of_range", "An invitation is for 1 to 10,000 people, or 0 for any number.")
	}
	if life < time.Minute || life > MaxInviteLife {
		return chat.Invite{}, "", chat.FieldProblem("expires", "out_of_range", "An invitation lives from one minute to 90 days.")
	}
	code := base64.RawURLEncoding.EncodeToString(random()[:16])
	invite, err := s.store.CreateInvite(ctx, store.NewInvite{
		Creator: p.User.ID, CodeHash: hashSecret(code), ExpiresAt: s.now().Add(life), MaxUses: uses,
	})
	return invite, code, err
}

// Invites lists the invitations that can still be used, newest first.
func (s *Service) Invites(ctx context.Context, p chat.Principal) ([]chat.Invite, error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return nil, err
	}
	return s.store.Invites(ctx)
}

// RevokeInvite ends an invitation.
func (s *Service) RevokeInvite(ctx context.Context, p chat.Principal, id chat.InviteID) error {
	if err := chat.CanAdminister(p.User); err != nil {
		return err
	}
	return s.store.RevokeInvite(ctx, id)
}

// InviteByCode gives an invitation that still works, to whoever has its
// code; chat.ErrInviteDead otherwise.
func (s *Service) InviteByCode(ctx context.Context, code string) (chat.Invite, error) {
	if s.signup == SignupClosed {
		return chat.Invite{}, ErrSignupClosed
	}
	if len(code) > maxSecret {
		return chat.Invite{}, chat.ErrInviteDead
	}
	invite, err := s.store.Invite(ctx, hashSecret(code))
	if errors.Is(err, chat.ErrNotFound) || (err == nil && invite.Dead(s.now()) != "") {
		return chat.Invite{}, chat.ErrInviteDead
	}
	return invite, err
}
