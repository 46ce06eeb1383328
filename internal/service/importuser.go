package service

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/store"
)

// ImportUser makes an account with the password that somebody brings along
// from elsewhere, weak or not. weak says why it would be refused today.
func (s *Service) ImportUser(ctx context.Context, p chat.Principal, a NewAccount, role chat.Role) (user chat.User, weak string, err error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return chat.User{}, "", err
	}
	name, fold, nameErr := cleanUsername(a.Username)
	if err := chat.JoinFields(nameErr, checkImported(a.Password)); err != nil {
		return chat.User{}, "", err
	}
	if problem := password.Check(a.Password, s.passwordMin, a.Username); problem != nil {
		weak = problem.Error()
	}
	switch _, err := s.store.UserByFold(ctx, fold); {
	case err == nil:
		return chat.User{}, "", chat.ErrUsernameTaken
	case !errors.Is(err, chat.ErrNotFound):
		return chat.User{}, "", err
	}
	hash, err := s.hash(ctx, a.Password)
	if err != nil {
		return chat.User{}, "", err
	}
	user, err = s.store.CreateUser(ctx, store.NewUser{Username: name, Fold: fold, Name: name, Role: role, Hash: hash})
	return user, weak, err
}

// checkImported refuses what nobody could log in with.
func checkImported(pass string) error {
	if pass == "" || len(pass) > password.MaxBytes {
		return chat.FieldProblem("password", "bad_password", "There is no password, or it is too long.")
	}
	return nil
}
