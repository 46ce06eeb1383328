package service

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// TokenPrefix begins every bearer token, so that people and scanners
// recognise one that lies about.
const TokenPrefix = "prl_"

// TokenLife is how long a bearer token is valid unless told otherwise.
const TokenLife = 365 * 24 * time.Hour

// ErrNotSignedIn refuses a missing, wrong or ended sign-in.
var ErrNotSignedIn = &chat.Error{Kind: chat.Unauthenticated, Code: "not_signed_in", Detail: "Log in first, or give a valid bearer token."}

// signInTime bounds how long the store may look for sessions: as long as for
// what else a connection asks. Who asked may give up before.
const signInTime = 10 * time.Second

// maxSecret bounds what is hashed to look up a session; ours are shorter.
const maxSecret = 200

// NewToken makes the secret of a bearer token, and what the store keeps of
// it. It is for imports, which make many.
func NewToken() (secret string, hash []byte) {
	secret = TokenPrefix + base64.RawURLEncoding.EncodeToString(random())
	return secret, hashSecret(secret)
}

func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// signIn opens a browser session.
func (s *Service) signIn(ctx context.Context, user chat.User, d Device) (SignedIn, error) {
	secret := base64.RawURLEncoding.EncodeToString(random())
	session, ended, err := s.store.CreateSession(ctx, store.NewSession{
		User: user.ID, Kind: chat.SessionBrowser, SecretHash: hashSecret(secret),
		UserAgent: d.UserAgent, Address: d.Address, ExpiresAt: s.now().Add(chat.AbsoluteLife),
	})
	if err != nil {
		return SignedIn{}, err
	}
	s.live.SessionsEnded(ended...)
	return SignedIn{Principal: chat.Principal{User: user, Session: session}, Secret: secret}, nil
}

// Authenticate gives whom a secret of this kind signs in; ErrNotSignedIn if
// nobody.
func (s *Service) Authenticate(ctx context.Context, kind chat.SessionKind, secret string) (chat.Principal, error) {
	if secret == "" || len(secret) > maxSecret {
		return chat.Principal{}, ErrNotSignedIn
	}
	p, err := s.signIns.Ask(ctx, hashSecret(secret))
	if err != nil {
		return chat.Principal{}, err
	}
	if p.Session.Kind != kind {
		return chat.Principal{}, ErrNotSignedIn
	}
	s.use(p.Session.ID)
	return p, nil
}

// principals gives whom each hash signs in; for nobody it is empty.
func (s *Service) principals(hashes [][]byte) ([]chat.Principal, error) {
	ctx, cancel := context.WithTimeout(context.Background(), signInTime)
	defer cancel()
	found, err := s.store.Principals(ctx, hashes)
	if err != nil {
		return nil, err
	}
	all := make([]chat.Principal, len(hashes))
	for i, hash := range hashes {
		all[i] = found[string(hash)]
	}
	return all, nil
}

// use notes that a session is in use; Flush has it stored.
func (s *Service) use(ids ...chat.SessionID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.used[id] = struct{}{}
	}
}

// Flush stores which sessions were used since the last time. Call it about
// once a minute, and at the end.
func (s *Service) Flush(ctx context.Context) error {
	s.mu.Lock()
	used := s.used
	s.used = map[chat.SessionID]struct{}{}
	s.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	return s.store.TouchSessions(ctx, slices.Collect(maps.Keys(used)), s.now())
}

// LogOut ends the session that the principal came with.
func (s *Service) LogOut(ctx context.Context, p chat.Principal) error {
	return s.endSession(ctx, p.User.ID, p.Session.ID)
}

// Sessions lists one's signed-in browsers, newest first.
func (s *Service) Sessions(ctx context.Context, p chat.Principal) ([]chat.Session, error) {
	return s.store.Sessions(ctx, p.User.ID, chat.SessionBrowser)
}

// EndSession signs out one of one's own devices.
func (s *Service) EndSession(ctx context.Context, p chat.Principal, id chat.SessionID) error {
	return s.endSession(ctx, p.User.ID, id)
}

func (s *Service) endSession(ctx context.Context, user chat.UserID, id chat.SessionID) error {
	if err := s.store.EndSession(ctx, user, id); err != nil {
		return err
	}
	s.live.SessionsEnded(id)
	return nil
}

// AddToken makes a bearer token that acts for the named user. Its secret is
// told this once.
func (s *Service) AddToken(ctx context.Context, p chat.Principal, username, name string, life time.Duration) (chat.Session, string, error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return chat.Session{}, "", err
	}
	name, err := chat.CleanLine("name", name, 0, chat.MaxTokenName)
	if err != nil {
		return chat.Session{}, "", err
	}
	user, err := s.UserByName(ctx, p, username)
	if err != nil {
		return chat.Session{}, "", err
	}
	if user.Disabled {
		return chat.Session{}, "", chat.ErrDisabled
	}
	secret, hash := NewToken()
	token, _, err := s.store.CreateSession(ctx, store.NewSession{
		User: user.ID, Kind: chat.SessionToken, SecretHash: hash, Name: name, ExpiresAt: s.now().Add(life),
	})
	return token, secret, err
}

// Tokens lists all bearer tokens in order of id.
func (s *Service) Tokens(ctx context.Context, p chat.Principal, c store.Cursor) ([]chat.Session, error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return nil, err
	}
	return s.store.Tokens(ctx, c)
}

// RevokeToken ends a bearer token.
func (s *Service) RevokeToken(ctx context.Context, p chat.Principal, id chat.SessionID) error {
	if err := chat.CanAdminister(p.User); err != nil {
		return err
	}
	return s.endSession(ctx, 0, id)
}
