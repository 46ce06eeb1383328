package service

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Users lists accounts in order of id. Everybody signed in sees who is here.
func (s *Service) Users(ctx context.Context, p chat.Principal, c store.Cursor) ([]chat.User, error) {
	return s.store.Users(ctx, c)
}

// User gives an account by id.
func (s *Service) User(ctx context.Context, p chat.Principal, id chat.UserID) (chat.User, error) {
	return s.store.User(ctx, id)
}

// UserByName gives an account by its name, however that is spelt.
func (s *Service) UserByName(ctx context.Context, p chat.Principal, username string) (chat.User, error) {
	_, fold, err := chat.CleanUsername(username)
	if err != nil {
		return chat.User{}, chat.ErrNotFound
	}
	return s.store.UserByFold(ctx, fold)
}

// CountUsers tells how many accounts there are.
func (s *Service) CountUsers(ctx context.Context) (int, error) { return s.store.CountUsers(ctx) }

// AddUser makes an account for somebody else.
func (s *Service) AddUser(ctx context.Context, p chat.Principal, a NewAccount, role chat.Role) (chat.User, error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return chat.User{}, err
	}
	if !role.Valid() {
		return chat.User{}, chat.FieldProblem("role", "bad_role", "A role is admin, member or bot.")
	}
	u, err := s.newUser(ctx, NewAccount{Username: a.Username, Password: a.Password, Name: a.Name}, nil)
	if err != nil {
		return chat.User{}, err
	}
	u.Role = role
	return s.store.CreateUser(ctx, u)
}

// AccountChanges are the parts of an account to be changed; nil leaves one as
// it is.
type AccountChanges struct {
	Name     *string
	Role     *chat.Role
	Disabled *bool
	Password *string
}

// ChangeUser alters an account, all of it or nothing. An administrator who
// demotes the last one, possibly themselves, is refused. A new password ends
// all browser sessions of its owner. For one's own there is ChangePassword,
// which asks for the present one: a borrowed browser must not be enough.
func (s *Service) ChangeUser(ctx context.Context, p chat.Principal, id chat.UserID, c AccountChanges) (chat.User, error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return chat.User{}, err
	}
	changes, err := s.checkChanges(ctx, p, id, c)
	if err != nil {
		return chat.User{}, err
	}
	user, ended, err := s.store.ChangeUser(ctx, id, changes)
	if err != nil {
		return chat.User{}, err
	}
	s.live.SessionsEnded(ended...)
	if user.Disabled {
		s.live.AccountEnded(id)
	}
	if c.Role != nil {
		s.live.RoomListChanged(id)
	}
	return user, nil
}

func (s *Service) checkChanges(ctx context.Context, p chat.Principal, id chat.UserID, c AccountChanges) (store.UserChanges, error) {
	checked := store.UserChanges{Role: c.Role, Disabled: c.Disabled}
	if c.Role != nil && !c.Role.Valid() {
		return checked, chat.FieldProblem("role", "bad_role", "A role is admin, member or bot.")
	}
	if c.Name != nil {
		name, err := chat.CleanLine("name", *c.Name, 1, chat.MaxDisplayName)
		if err != nil {
			return checked, err
		}
		checked.Name = &name
	}
	if c.Password == nil {
		return checked, nil
	}
	hash, err := s.otherPassword(ctx, p, id, *c.Password)
	checked.Hash = &hash
	return checked, err
}

// otherPassword gives the hash of somebody else's new password.
func (s *Service) otherPassword(ctx context.Context, p chat.Principal, id chat.UserID, pass string) (string, error) {
	if p.User.ID == id {
		return "", chat.FieldProblem("password", "own_password", "Change your own password in your settings, with the present one.")
	}
	user, err := s.store.User(ctx, id)
	if err != nil {
		return "", err
	}
	if err := s.checkPassword("password", pass, user.Username); err != nil {
		return "", err
	}
	return s.hash(ctx, pass)
}
