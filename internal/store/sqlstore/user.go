package sqlstore

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

const (
	userColumns = "u.id, u.username, u.name, u.role, u.disabled, u.created_at"
	selectUser  = "SELECT " + userColumns + " FROM users u WHERE u.id = $1"
	selectFold  = "SELECT " + userColumns + " FROM users u WHERE u.fold = $1"
)

func userInto(u *chat.User) []any {
	return []any{&u.ID, &u.Username, &u.Name, &u.Role, &u.Disabled, (*moment)(&u.CreatedAt)}
}

func scanUser(s scanner) (u chat.User, err error) { return u, s.Scan(userInto(&u)...) }

func scanRef(s scanner) (u chat.UserRef, err error) {
	return u, s.Scan(&u.ID, &u.Username, &u.Name)
}

// CreateUser implements store.Users.
func (s *Store) CreateUser(ctx context.Context, u store.NewUser) (created chat.User, err error) {
	err = s.write(ctx, job{keepsFacts: true, run: func(t *tx) (err error) {
		if u.First {
			if err := errors.Join(t.dialect().gate(t), t.needNobody()); err != nil {
				return err
			}
		}
		if u.Invite != nil {
			if err := t.useInvite(u.Invite); err != nil {
				return err
			}
		}
		created, err = t.addUser(u)
		return err
	}})
	return created, err
}

// needNobody refuses once there is an account.
func (t *tx) needNobody() error {
	somebody, err := scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM users)"))
	if err == nil && somebody {
		err = chat.ErrSetupDone
	}
	return err
}

// addUser inserts an account; chat.ErrUsernameTaken.
func (t *tx) addUser(u store.NewUser) (chat.User, error) {
	user := chat.User{
		UserRef: chat.UserRef{Username: u.Username, Name: u.Name},
		Role:    u.Role, CreatedAt: instant(t.now),
	}
	if user.Name == "" {
		user.Name = user.Username
	}
	err := t.row(`INSERT INTO users (username, fold, name, role, hash, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (fold) DO NOTHING RETURNING id`,
		user.Username, u.Fold, user.Name, user.Role, u.Hash, t.now).Scan(&user.ID)
	if err = t.dialect().fault(err); errors.Is(err, chat.ErrNotFound) {
		err = chat.ErrUsernameTaken
	}
	return user, err
}

// User implements store.Users.
func (s *Store) User(ctx context.Context, id chat.UserID) (chat.User, error) {
	user, err := scanUser(s.direct(ctx).row(selectUser, id))
	return user, s.d.fault(err)
}

// UserByFold implements store.Users.
func (s *Store) UserByFold(ctx context.Context, fold string) (chat.User, error) {
	user, err := scanUser(s.direct(ctx).row(selectFold, fold))
	return user, s.d.fault(err)
}

// PasswordHash implements store.Users.
func (s *Store) PasswordHash(ctx context.Context, id chat.UserID) (string, error) {
	hash, err := scanOne[string](s.direct(ctx).row("SELECT hash FROM users WHERE id = $1", id))
	return hash, s.d.fault(err)
}

// SetPassword implements store.Users.
func (s *Store) SetPassword(ctx context.Context, id chat.UserID, hash string, keep chat.SessionID) (ended []chat.SessionID, err error) {
	err = s.write(ctx, job{keepsFacts: true, run: func(t *tx) (err error) {
		ended, err = t.setPassword(id, hash, keep)
		return err
	}})
	return ended, err
}

func (t *tx) setPassword(id chat.UserID, hash string, keep chat.SessionID) (ended []chat.SessionID, err error) {
	n, err := affected(t, "UPDATE users SET hash = $2 WHERE id = $1", id, hash)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, chat.ErrNotFound
	}
	return collect(t, scanOne[chat.SessionID],
		"DELETE FROM sessions WHERE user_id = $1 AND kind = $2 AND id <> $3 RETURNING id", id, chat.SessionBrowser, keep)
}

// Rehash implements store.Users.
func (s *Store) Rehash(ctx context.Context, id chat.UserID, old, hash string) error {
	return s.write(ctx, job{keepsFacts: true, run: func(t *tx) error {
		return run(t, "UPDATE users SET hash = $3 WHERE id = $1 AND hash = $2", id, old, hash)
	}})
}

// ChangeUser implements store.Users.
func (s *Store) ChangeUser(ctx context.Context, id chat.UserID, c store.UserChanges) (changed chat.User, ended []chat.SessionID, err error) {
	err = s.write(ctx, job{run: func(t *tx) (err error) {
		if changed, err = t.changeUser(id, c); err != nil || c.Hash == nil {
			return err
		}
		ended, err = t.setPassword(id, *c.Hash, 0)
		return err
	}})
	return changed, ended, err
}

func (t *tx) changeUser(id chat.UserID, c store.UserChanges) (chat.User, error) {
	before, err := t.lockedUser(id)
	if err != nil {
		return chat.User{}, err
	}
	after := before
	assign(&after.Name, c.Name)
	assign(&after.Role, c.Role)
	assign(&after.Disabled, c.Disabled)
	if before.IsAdmin() && !after.IsAdmin() {
		if err := t.needAnotherAdmin(id); err != nil {
			return chat.User{}, err
		}
	}
	if err := run(t, "UPDATE users SET name = $2, role = $3, disabled = $4 WHERE id = $1", id, after.Name, after.Role, after.Disabled); err != nil {
		return chat.User{}, err
	}
	if after.Disabled {
		err = run(t, "DELETE FROM sessions WHERE user_id = $1", id)
	}
	return after, err
}

func assign[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

// lockedUser gives an account as it will be until the transaction ends.
func (t *tx) lockedUser(id chat.UserID) (chat.User, error) {
	user, err := scanUser(t.row(selectUser+" FOR NO KEY UPDATE", id))
	return user, t.dialect().fault(err)
}

// needAnotherAdmin refuses unless somebody else administers the server.
func (t *tx) needAnotherAdmin(than chat.UserID) error {
	if err := t.dialect().gate(t); err != nil {
		return err
	}
	others, err := scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM users WHERE role = $1 AND NOT disabled AND id <> $2)", chat.RoleAdmin, than))
	if err == nil && !others {
		err = chat.ErrLastAdmin
	}
	return err
}

// Users implements store.Users.
func (s *Store) Users(ctx context.Context, c store.Cursor) ([]chat.User, error) {
	users, err := collect(s.direct(ctx), scanUser,
		"SELECT "+userColumns+" FROM users u WHERE u.id > $1 ORDER BY u.id LIMIT $2", c.After, c.Limit)
	return users, s.d.fault(err)
}

// CountUsers implements store.Users.
func (s *Store) CountUsers(ctx context.Context) (int, error) {
	n, err := scanOne[int](s.direct(ctx).row("SELECT count(*) FROM users"))
	return n, s.d.fault(err)
}

// refs gives the people with these ids, by id.
func refs(q querier, ids []chat.UserID) (map[chat.UserID]chat.UserRef, error) {
	list, err := collect(q, scanRef, "SELECT id, username, name FROM users WHERE id IN ids($1)", idList(q.dialect(), ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[chat.UserID]chat.UserRef, len(list))
	for _, user := range list {
		byID[user.ID] = user
	}
	return byID, nil
}
