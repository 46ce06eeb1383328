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
	u, err := s.newUser(ctx, NewAccount{Username: a.Username, Password: a.Password}, nil)
	if err != nil {
		return chat.User{}, err
	}
	u.Role = role
	return s.store.CreateUser(ctx, u)
}

// ChangeUser alters an account. An administrator who demotes the last one,
// possibly themselves, is refused.
func (s *Service) ChangeUser(ctx context.Context, p chat.Principal, id chat.UserID, c store.UserChanges) (chat.User, error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return chat.User{}, err
	}
	if c.Role != nil && !c.Role.Valid() {
		return chat.User{}, chat.FieldProblem("role", "bad_role", "A role is admin, member or bot.")
	}
	if c.Name != nil {
		name, err := chat.CleanLine("name", *c.Name, 1, chat.MaxDisplayName)
		if err != nil {
			return chat.User{}, err
		}
		c.Name = &name
	}
	user, err := s.store.ChangeUser(ctx, id, c)
	if err != nil {
		return chat.User{}, err
	}
	if user.Disabled {
		s.live.AccountEnded(id)
	}
	if c.Role != nil {
		s.live.RoomListChanged(id)
	}
	return user, nil
}

// ResetPassword gives somebody else a new password and ends all their browser
// sessions. For one's own there is ChangePassword, which asks for the present
// one: a borrowed browser must not be enough.
func (s *Service) ResetPassword(ctx context.Context, p chat.Principal, id chat.UserID, pass string) error {
	if err := chat.CanAdminister(p.User); err != nil {
		return err
	}
	if p.User.ID == id {
		return chat.FieldProblem("password", "own_password", "Change your own password in your settings, with the present one.")
	}
	user, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	if err := s.checkPassword("password", pass, user.Username); err != nil {
		return err
	}
	return s.setPassword(ctx, id, pass, 0)
}
