// Package service is what can be done: one method for each thing that a
// person, a script or the shell can ask of Parley. It checks what is asked,
// has it stored, and tells the connected people. It knows no HTTP, JSON,
// sockets, Redis or SQL.
//
// Every refusal is a *chat.Error. Rights in a room are decided inside the
// store's transactions by the rules of package chat; rights on the server are
// decided here.
package service

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/desk"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/ratelimit"
	"github.com/parley-chat/parley/internal/store"
)

// Signup says who may make an account.
type Signup string

// The ways to sign up.
const (
	SignupOpen   Signup = "open"   // anybody
	SignupInvite Signup = "invite" // with an invitation
	SignupClosed Signup = "closed" // administrators make them
)

// Announcer tells the connected people what happened outside the log of any
// room. Its methods return at once. Events of rooms reach it from the store.
type Announcer interface {
	// RoomListChanged: the rooms that these people see have changed;
	// without a name, everybody's.
	RoomListChanged(users ...chat.UserID)
	// ReadMoved: a person's read mark moved.
	ReadMoved(user chat.UserID, room chat.RoomID, seq chat.Seq)
	// SessionsEnded: these sessions sign nobody in any more.
	SessionsEnded(ids ...chat.SessionID)
	// AccountEnded: the account is disabled.
	AccountEnded(user chat.UserID)
	// RoomDeleted: the room is gone with its log.
	RoomDeleted(room chat.RoomID)
}

// Options are what a Service is made of. Store and Passwords are required.
type Options struct {
	Store     store.Store
	Passwords *password.Hasher
	Logger    *slog.Logger
	Clock     func() time.Time // nil: time.Now

	Signup      Signup
	SetupToken  string // asked for by Setup; empty: not asked
	PasswordMin int    // characters; 0: password.DefaultMinimum
	// MessagesPerSecond is for each person, 0 for no limit. Four seconds'
	// worth may come at once, and 20 seconds' worth within a minute.
	MessagesPerSecond float64
}

// Service carries out use cases. Make it by New; it is safe for concurrent
// use.
type Service struct {
	store     store.Store
	passwords *password.Hasher
	log       *slog.Logger
	now       func() time.Time
	live      Announcer

	signup      Signup
	setupToken  string
	passwordMin int
	isSetUp     atomic.Bool // once true, for ever

	guesses  *ratelimit.Backoff
	messages *ratelimit.Keyed // nil: no limit
	bots     *ratelimit.Keyed // nil: no limit
	signIns  *desk.Desk[[]byte, chat.Principal]

	mu   sync.Mutex
	used map[chat.SessionID]struct{} // since the last Flush; guarded by mu
}

// accounts bounds how many accounts the limits remember.
const accounts = 100_000

// New makes a Service that announces to nobody: see Announce.
func New(o Options) *Service {
	s := &Service{
		store: o.Store, passwords: o.Passwords, log: o.Logger, now: o.Clock,
		live: silence{}, signup: o.Signup, setupToken: o.SetupToken, passwordMin: o.PasswordMin,
		guesses: ratelimit.NewBackoff(accounts),
		used:    map[chat.SessionID]struct{}{},
	}
	s.signIns = desk.New(func(serve func()) bool { go serve(); return true }, s.principals)
	if s.now == nil {
		s.now = time.Now
	}
	if s.passwordMin == 0 {
		s.passwordMin = password.DefaultMinimum
	}
	if rate := o.MessagesPerSecond; rate > 0 {
		s.messages = messageLimit(rate)
		s.bots = messageLimit(4 * rate)
	}
	return s
}

func messageLimit(rate float64) *ratelimit.Keyed {
	return ratelimit.NewKeyed(accounts,
		ratelimit.Limit{Rate: rate, Burst: max(1, int(4*rate))},
		ratelimit.PerMinute(max(1, int(20*rate))))
}

// SharedLimits are those that several nodes count together, by name: guesses of
// passwords for each account, and messages of each person and bot.
func (s *Service) SharedLimits() map[string]ratelimit.Shared {
	limits := map[string]ratelimit.Shared{"guesses": s.guesses}
	if s.messages != nil {
		limits["messages"], limits["bots"] = s.messages, s.bots
	}
	return limits
}

// Announce names who is told. Call it once, before anything else.
func (s *Service) Announce(a Announcer) { s.live = a }

// silence is the Announcer of a program without connections.
type silence struct{}

func (silence) RoomListChanged(...chat.UserID)               {}
func (silence) ReadMoved(chat.UserID, chat.RoomID, chat.Seq) {}
func (silence) SessionsEnded(...chat.SessionID)              {}
func (silence) AccountEnded(chat.UserID)                     {}
func (silence) RoomDeleted(chat.RoomID)                      {}

// Shell is the principal of whoever holds the data directory: it may do what
// an administrator may, and is no person.
func Shell() chat.Principal {
	return chat.Principal{User: chat.User{UserRef: chat.UserRef{Name: "Server"}, Role: chat.RoleAdmin}}
}

// Ping answers nil while the database can be read and written.
func (s *Service) Ping(ctx context.Context) error { return s.store.Ping(ctx) }

// Epoch names this history of the database.
func (s *Service) Epoch() string { return s.store.Epoch() }

// random gives 32 unguessable bytes.
func random() []byte {
	b := make([]byte, 32)
	rand.Read(b) // never fails (crypto/rand)
	return b
}
