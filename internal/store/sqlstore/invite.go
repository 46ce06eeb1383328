package sqlstore

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

const selectInvite = `SELECT i.id, coalesce(u.id, 0), coalesce(u.username, ''), coalesce(u.name, ''),
	i.created_at, i.expires_at, i.max_uses, i.uses, i.revoked
	FROM invites i LEFT JOIN users u ON u.id = i.creator_id `

func scanInvite(s scanner) (i chat.Invite, err error) {
	return i, s.Scan(&i.ID, &i.Creator.ID, &i.Creator.Username, &i.Creator.Name,
		(*moment)(&i.CreatedAt), (*moment)(&i.ExpiresAt), &i.MaxUses, &i.Uses, &i.Revoked)
}

// CreateInvite implements store.Invites.
func (s *Store) CreateInvite(ctx context.Context, n store.NewInvite) (created chat.Invite, err error) {
	var creator *chat.UserID
	if n.Creator != 0 {
		creator = &n.Creator
	}
	err = s.write(ctx, job{keepsFacts: true, run: func(t *tx) error {
		id, err := scanOne[chat.InviteID](t.row(`INSERT INTO invites (creator_id, code_hash, created_at, expires_at, max_uses)
			VALUES ($1, $2, $3, $4, $5) RETURNING id`, creator, n.CodeHash, t.now, millis(n.ExpiresAt), n.MaxUses))
		if err != nil {
			return err
		}
		created, err = scanInvite(t.row(selectInvite+"WHERE i.id = $1", id))
		return err
	}})
	return created, err
}

// Invite implements store.Invites.
func (s *Store) Invite(ctx context.Context, codeHash []byte) (chat.Invite, error) {
	invite, err := scanInvite(s.direct(ctx).row(selectInvite+"WHERE i.code_hash = $1", codeHash))
	return invite, s.d.fault(err)
}

// Invites implements store.Invites.
func (s *Store) Invites(ctx context.Context) ([]chat.Invite, error) {
	list, err := collect(s.direct(ctx), scanInvite, selectInvite+`WHERE NOT i.revoked AND i.expires_at >= $1
		AND (i.max_uses = 0 OR i.uses < i.max_uses) ORDER BY i.id DESC`, millis(s.clock()))
	return list, s.d.fault(err)
}

// RevokeInvite implements store.Invites. chat.ErrNotFound for one that never
// was.
func (s *Store) RevokeInvite(ctx context.Context, id chat.InviteID) error {
	return s.write(ctx, job{keepsFacts: true, run: func(t *tx) error {
		n, err := affected(t, "UPDATE invites SET revoked = $2 WHERE id = $1", id, true)
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	}})
}

// useInvite counts one use of the invitation; chat.ErrInviteDead.
func (t *tx) useInvite(codeHash []byte) error {
	invite, err := scanInvite(t.row(selectInvite+"WHERE i.code_hash = $1", codeHash))
	err = t.dialect().fault(err)
	if errors.Is(err, chat.ErrNotFound) || err == nil && invite.Dead(instant(t.now)) != "" {
		return chat.ErrInviteDead
	}
	if err != nil {
		return err
	}
	n, err := affected(t, `UPDATE invites SET uses = uses + 1 WHERE id = $1 AND NOT revoked
		AND (max_uses = 0 OR uses < max_uses)`, invite.ID)
	if err == nil && n == 0 {
		err = chat.ErrInviteDead // another node was faster
	}
	return err
}
