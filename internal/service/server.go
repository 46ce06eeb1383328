package service

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Server is what everybody may know of this server.
type Server struct {
	Name        string // of the workspace; "Parley" until it has one
	SetupNeeded bool
	SetupToken  bool // set-up asks for the token
	Signup      Signup
	PasswordMin int
}

// Server describes this server to strangers.
func (s *Service) Server(ctx context.Context) (Server, error) {
	name, err := s.Workspace(ctx)
	if err != nil {
		return Server{}, err
	}
	setUp, err := s.setUp(ctx)
	return Server{
		Name: name, SetupNeeded: !setUp, SetupToken: !setUp && s.setupToken != "",
		Signup: s.signup, PasswordMin: s.passwordMin,
	}, err
}

// Workspace gives the name of the team.
func (s *Service) Workspace(ctx context.Context) (string, error) {
	name, err := s.store.Setting(ctx, store.SettingWorkspace)
	if errors.Is(err, chat.ErrNotFound) {
		return "Parley", nil
	}
	return name, err
}

// RenameWorkspace gives the team another name.
func (s *Service) RenameWorkspace(ctx context.Context, p chat.Principal, name string) error {
	if err := chat.CanAdminister(p.User); err != nil {
		return err
	}
	name, err := chat.CleanLine("workspace", name, 1, chat.MaxWorkspaceName)
	if err != nil {
		return err
	}
	return s.store.SetSetting(ctx, store.SettingWorkspace, name)
}

// setUp reports whether there is an account.
func (s *Service) setUp(ctx context.Context) (bool, error) {
	if s.isSetUp.Load() {
		return true, nil
	}
	n, err := s.store.CountUsers(ctx)
	if err != nil || n == 0 {
		return false, err
	}
	s.isSetUp.Store(true)
	return true, nil
}

// needSetUp refuses until there is an account.
func (s *Service) needSetUp(ctx context.Context) error {
	setUp, err := s.setUp(ctx)
	if err == nil && !setUp {
		err = chat.ErrSetupNeeded
	}
	return err
}
