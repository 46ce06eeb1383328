package service

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/store"
)

// Refusals of signing up and in.
var (
	ErrSetupToken       = &chat.Error{Kind: chat.Forbidden, Code: "setup_token", Detail: "The set-up address has a token at its end; open exactly what the server printed when it started."}
	ErrSignupClosed     = &chat.Error{Kind: chat.Forbidden, Code: "signup_closed", Detail: "Accounts here are made by an administrator, or with an invitation."}
	ErrWrongCredentials = &chat.Error{Kind: chat.Unauthenticated, Code: "wrong_credentials", Detail: "The user name or the password is wrong."}
	ErrWrongPassword    = &chat.Error{Kind: chat.Forbidden, Code: "wrong_password", Detail: "The current password is wrong."}
)

// Device is what is noted of where somebody signs in.
type Device struct {
	UserAgent string
	Address   string
}

// SignedIn is a fresh session. Secret is told to nobody but its owner.
type SignedIn struct {
	chat.Principal
	Secret string
}

// NewAccount is what somebody gives to get an account.
type NewAccount struct {
	Username string
	Password string
	Name     string // how others see them; empty: as the user name was typed
	Invite   string // an invitation's code; empty for none
}

// Setup makes the first account, an administrator, and names the workspace
// (empty: "Parley"). chat.ErrSetupDone once there is an account.
func (s *Service) Setup(ctx context.Context, token, workspace string, a NewAccount, d Device) (SignedIn, error) {
	if setUp, err := s.setUp(ctx); err != nil || setUp {
		return SignedIn{}, errOr(err, chat.ErrSetupDone)
	}
	if s.setupToken != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.setupToken)) != 1 {
		return SignedIn{}, ErrSetupToken
	}
	workspace, nameErr := chat.CleanLine("workspace", workspace, 0, chat.MaxWorkspaceName)
	u, err := s.newUser(ctx, a, nameErr, workspace)
	if err != nil {
		return SignedIn{}, err
	}
	u.First, u.Role = true, chat.RoleAdmin
	user, err := s.store.CreateUser(ctx, u)
	if err != nil {
		return SignedIn{}, err
	}
	if workspace != "" {
		if err := s.store.SetSetting(ctx, store.SettingWorkspace, workspace); err != nil {
			return SignedIn{}, err
		}
	}
	return s.signIn(ctx, user, d)
}

// SignUp makes an account for a stranger and signs it in.
func (s *Service) SignUp(ctx context.Context, a NewAccount, d Device) (SignedIn, error) {
	if err := s.needSetUp(ctx); err != nil {
		return SignedIn{}, err
	}
	if s.signup == SignupClosed || (s.signup == SignupInvite && a.Invite == "") {
		return SignedIn{}, ErrSignupClosed
	}
	if a.Invite != "" {
		if _, err := s.InviteByCode(ctx, a.Invite); err != nil {
			return SignedIn{}, err
		}
	}
	u, err := s.newUser(ctx, a, nil)
	if err != nil {
		return SignedIn{}, err
	}
	user, err := s.store.CreateUser(ctx, u)
	if err != nil {
		return SignedIn{}, err
	}
	return s.signIn(ctx, user, d)
}

// newUser checks what was given, together with another field's problem, and
// hashes the password. The name is looked up first, since hashing is dear.
func (s *Service) newUser(ctx context.Context, a NewAccount, other error, words ...string) (store.NewUser, error) {
	username, fold, usernameErr := cleanUsername(a.Username)
	name, nameErr := chat.CleanLine("name", cmp.Or(a.Name, username), 0, chat.MaxDisplayName)
	words = append(words, a.Username)
	if err := chat.JoinFields(other, usernameErr, nameErr, s.checkPassword("password", a.Password, words...)); err != nil {
		return store.NewUser{}, err
	}
	switch _, err := s.store.UserByFold(ctx, fold); {
	case err == nil:
		return store.NewUser{}, chat.ErrUsernameTaken
	case !errors.Is(err, chat.ErrNotFound):
		return store.NewUser{}, err
	}
	hash, err := s.hash(ctx, a.Password)
	u := store.NewUser{Username: username, Fold: fold, Name: cmp.Or(name, username), Role: chat.RoleMember, Hash: hash}
	if a.Invite != "" {
		u.Invite = hashSecret(a.Invite)
	}
	return u, err
}

// LogIn signs in with user name and password. It never tells which of them
// was wrong, nor by its time whether there is such a user.
func (s *Service) LogIn(ctx context.Context, username, pass string, d Device) (SignedIn, error) {
	if err := s.needSetUp(ctx); err != nil {
		return SignedIn{}, err
	}
	_, fold, err := cleanUsername(username)
	if err != nil {
		fold = ""
	}
	if ok, wait := s.guesses.Begin(fold, s.now()); !ok {
		return SignedIn{}, tooManyGuesses(wait)
	}
	user, err := s.verify(ctx, fold, pass)
	if err != nil {
		if !errors.Is(err, ErrWrongCredentials) {
			s.guesses.TakeBack(fold)
		}
		return SignedIn{}, err
	}
	s.guesses.Succeeded(fold)
	return s.signIn(ctx, user, d)
}

func tooManyGuesses(wait time.Duration) error {
	return &chat.Error{
		Kind: chat.TooMany, Code: "too_many_attempts", RetryAfter: wait,
		Detail: "Too many wrong passwords for this account. Wait a little, then try again.",
	}
}

// verify finds the user with this password. Whatever is wrong costs one
// hash and looks the same.
func (s *Service) verify(ctx context.Context, fold, pass string) (chat.User, error) {
	user, hash, err := s.credentials(ctx, fold)
	if err != nil {
		return chat.User{}, err
	}
	if user.Disabled || !password.Usable(hash) {
		return chat.User{}, errOr(busy(s.passwords.VerifyDummy(ctx, pass)), ErrWrongCredentials)
	}
	ok, weak, err := s.passwords.Verify(ctx, hash, pass)
	switch {
	case err != nil:
		return chat.User{}, busy(err)
	case !ok:
		return chat.User{}, ErrWrongCredentials
	case weak:
		s.rehash(ctx, user.ID, hash, pass)
	}
	return user, nil
}

// credentials gives the user and the hash; zero values for an unknown user.
func (s *Service) credentials(ctx context.Context, fold string) (chat.User, string, error) {
	user, err := s.store.UserByFold(ctx, fold)
	if errors.Is(err, chat.ErrNotFound) {
		return chat.User{}, "", nil
	}
	if err != nil {
		return chat.User{}, "", err
	}
	hash, err := s.store.PasswordHash(ctx, user.ID)
	return user, hash, err
}

// rehash replaces an old kind of hash. Failing to do so harms nobody: the
// next log-in tries again.
func (s *Service) rehash(ctx context.Context, id chat.UserID, old, pass string) {
	hash, err := s.passwords.Hash(ctx, pass)
	if err == nil {
		err = s.store.Rehash(ctx, id, old, hash)
	}
	if err != nil {
		s.log.Warn("could not renew a password's hash", "user", id, "error", err)
	}
}

// ChangePassword replaces one's own password and ends all other sessions.
func (s *Service) ChangePassword(ctx context.Context, p chat.Principal, current, next string) error {
	if err := s.checkPassword("new", next, p.User.Username); err != nil {
		return err
	}
	fold := foldOf(p.User)
	if ok, wait := s.guesses.Begin(fold, s.now()); !ok {
		return tooManyGuesses(wait)
	}
	if _, err := s.verify(ctx, fold, current); err != nil {
		return wrongCurrent(err)
	}
	s.guesses.Succeeded(fold)
	return s.setPassword(ctx, p.User.ID, next, p.Session.ID)
}

// wrongCurrent: whoever changes a password is signed in, so that 401 would
// send them to the log-in page.
func wrongCurrent(err error) error {
	if errors.Is(err, ErrWrongCredentials) {
		return ErrWrongPassword
	}
	return err
}

func (s *Service) setPassword(ctx context.Context, id chat.UserID, pass string, keep chat.SessionID) error {
	hash, err := s.hash(ctx, pass)
	if err != nil {
		return err
	}
	ended, err := s.store.SetPassword(ctx, id, hash, keep)
	if err != nil {
		return err
	}
	s.live.SessionsEnded(ended...)
	return nil
}

// Rename changes one's own display name.
func (s *Service) Rename(ctx context.Context, p chat.Principal, name string) (chat.User, error) {
	name, err := chat.CleanLine("name", name, 1, chat.MaxDisplayName)
	if err != nil {
		return chat.User{}, err
	}
	user, _, err := s.store.ChangeUser(ctx, p.User.ID, store.UserChanges{Name: &name})
	return user, err
}

func (s *Service) hash(ctx context.Context, pass string) (string, error) {
	hash, err := s.passwords.Hash(ctx, pass)
	return hash, busy(err)
}

// busy turns a full hash queue into a refusal that may be retried.
func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return chat.ErrOverloaded
	}
	return err
}

func (s *Service) checkPassword(field, pass string, words ...string) error {
	err := password.Check(pass, s.passwordMin, words...)
	var problem *password.Problem
	if errors.As(err, &problem) {
		return chat.FieldProblem(field, string(problem.Reason), problem.Error())
	}
	return err
}

func cleanUsername(username string) (name, fold string, err error) {
	name, fold, err = chat.CleanUsername(username)
	if err != nil {
		return "", "", chat.FieldProblem("username", "bad_username", err.Error())
	}
	return name, fold, nil
}

func foldOf(u chat.User) string {
	_, fold, _ := chat.CleanUsername(u.Username) // stored names are clean
	return fold
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
