package store

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Sessions keeps the signed-in devices and the bearer tokens.
type Sessions interface {
	// CreateSession adds one. Beyond chat.MaxSessions of a person's browser
	// sessions the oldest end, and are named. chat.ErrDisabled.
	CreateSession(ctx context.Context, s NewSession) (created chat.Session, ended []chat.SessionID, err error)
	// Principals gives whom secrets sign in, by the SHA-256 of each as a
	// string. Those that are unknown or expired, or whose account is disabled,
	// are left out.
	Principals(ctx context.Context, secretHashes [][]byte) (map[string]chat.Principal, error)
	// Live tells which of the sessions still sign somebody in.
	Live(ctx context.Context, ids []chat.SessionID) (map[chat.SessionID]bool, error)
	// TouchSessions notes that the sessions were used at the given time.
	TouchSessions(ctx context.Context, ids []chat.SessionID, at time.Time) error
	// Sessions lists a person's sessions of one kind that have not expired,
	// newest first.
	Sessions(ctx context.Context, user chat.UserID, kind chat.SessionKind) ([]chat.Session, error)
	// Tokens lists all bearer tokens in order of id.
	Tokens(ctx context.Context, c Cursor) ([]chat.Session, error)
	// EndSession ends one session of a person; user 0 stands for anybody's.
	// chat.ErrNotFound.
	EndSession(ctx context.Context, user chat.UserID, id chat.SessionID) error
}

// NewSession is a session to be made.
type NewSession struct {
	User       chat.UserID
	Kind       chat.SessionKind
	SecretHash []byte // SHA-256 of the secret, 32 bytes
	Name       string
	UserAgent  string
	Address    string
	ExpiresAt  time.Time
}
