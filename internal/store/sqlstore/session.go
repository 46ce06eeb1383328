package sqlstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

const sessionColumns = "s.id, s.user_id, s.kind, s.name, s.user_agent, s.address, s.created_at, s.last_seen_at, s.expires_at"

func sessionInto(s *chat.Session) []any {
	return []any{
		&s.ID, &s.User, &s.Kind, &s.Name, &s.UserAgent, &s.Address,
		(*moment)(&s.CreatedAt), (*moment)(&s.LastSeenAt), (*moment)(&s.ExpiresAt),
	}
}

func scanSession(row scanner) (s chat.Session, err error) { return s, row.Scan(sessionInto(&s)...) }

// CreateSession implements store.Sessions. A disabled account gets none.
func (s *Store) CreateSession(ctx context.Context, n store.NewSession) (created chat.Session, ended []chat.SessionID, err error) {
	err = s.write(ctx, job{keepsFacts: true, run: func(t *tx) (err error) {
		user, err := t.lockedUser(n.User)
		if err != nil {
			return err
		}
		if user.Disabled {
			return chat.ErrDisabled
		}
		if created, err = t.addSession(n); err != nil || n.Kind != chat.SessionBrowser {
			return err
		}
		ended, err = collect(t, scanOne[chat.SessionID], `DELETE FROM sessions WHERE user_id = $1 AND kind = $2 AND id NOT IN (
			SELECT id FROM sessions WHERE user_id = $1 AND kind = $2 ORDER BY id DESC LIMIT $3) RETURNING id`,
			n.User, n.Kind, chat.MaxSessions)
		return err
	}})
	return created, ended, err
}

func (t *tx) addSession(n store.NewSession) (chat.Session, error) {
	now := instant(t.now)
	created := chat.Session{
		User: n.User, Kind: n.Kind, Name: n.Name, UserAgent: strings.ToValidUTF8(n.UserAgent, "\uFFFD"), Address: n.Address,
		CreatedAt: now, LastSeenAt: now, ExpiresAt: instant(millis(n.ExpiresAt)),
	}
	err := t.row(`INSERT INTO sessions (user_id, kind, secret_hash, name, user_agent, address, created_at, last_seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) RETURNING id`,
		n.User, n.Kind, n.SecretHash, n.Name, created.UserAgent, n.Address, t.now, millis(n.ExpiresAt)).Scan(&created.ID)
	return created, err
}

// Principals implements store.Sessions.
func (s *Store) Principals(ctx context.Context, secretHashes [][]byte) (map[string]chat.Principal, error) {
	type signIn struct {
		chat.Principal
		hash []byte
	}
	list, err := collect(s.direct(ctx), func(row scanner) (in signIn, err error) {
		return in, row.Scan(append(append(userInto(&in.User), sessionInto(&in.Session)...), &in.hash)...)
	}, "SELECT "+userColumns+", "+sessionColumns+`, s.secret_hash FROM sessions s
		JOIN users u ON u.id = s.user_id WHERE s.secret_hash IN hashes($1) AND NOT u.disabled`, s.d.hashes(secretHashes))
	if err != nil {
		return nil, s.d.fault(err)
	}
	now := s.clock()
	found := make(map[string]chat.Principal, len(list))
	for _, in := range list {
		if !in.Session.Expired(now) {
			found[string(in.hash)] = in.Principal
		}
	}
	return found, nil
}

// Live implements store.Sessions.
func (s *Store) Live(ctx context.Context, ids []chat.SessionID) (map[chat.SessionID]bool, error) {
	list, err := collect(s.direct(ctx), scanSession, "SELECT "+sessionColumns+` FROM sessions s
		JOIN users u ON u.id = s.user_id WHERE s.id IN ids($1) AND NOT u.disabled`, idList(s.d, ids))
	if err != nil {
		return nil, s.d.fault(err)
	}
	now := s.clock()
	live := make(map[chat.SessionID]bool, len(list))
	for _, session := range list {
		if !session.Expired(now) {
			live[session.ID] = true
		}
	}
	return live, nil
}

// TouchSessions implements store.Sessions. Times only move forward.
func (s *Store) TouchSessions(ctx context.Context, ids []chat.SessionID, at time.Time) error {
	return s.write(ctx, job{keepsFacts: true, run: func(t *tx) error {
		return run(t, "UPDATE sessions SET last_seen_at = $2 WHERE id IN ids($1) AND last_seen_at < $2", idList(t.dialect(), ids), millis(at))
	}})
}

// Sessions implements store.Sessions. Expired ones are left out.
func (s *Store) Sessions(ctx context.Context, user chat.UserID, kind chat.SessionKind) ([]chat.Session, error) {
	list, err := collect(s.direct(ctx), scanSession,
		"SELECT "+sessionColumns+" FROM sessions s WHERE s.user_id = $1 AND s.kind = $2 ORDER BY s.id DESC", user, kind)
	now := s.clock()
	return slices.DeleteFunc(list, func(one chat.Session) bool { return one.Expired(now) }), s.d.fault(err)
}

// Tokens implements store.Sessions. Expired ones are listed too.
func (s *Store) Tokens(ctx context.Context, c store.Cursor) ([]chat.Session, error) {
	list, err := collect(s.direct(ctx), scanSession,
		"SELECT "+sessionColumns+" FROM sessions s WHERE s.kind = 'token' AND s.id > $1 ORDER BY s.id LIMIT $2", c.After, c.Limit)
	return list, s.d.fault(err)
}

// EndSession implements store.Sessions.
func (s *Store) EndSession(ctx context.Context, user chat.UserID, id chat.SessionID) error {
	return s.write(ctx, job{keepsFacts: true, run: func(t *tx) error {
		n, err := affected(t, "DELETE FROM sessions WHERE id = $1 AND (user_id = $2 OR $2 = 0)", id, user)
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	}})
}
