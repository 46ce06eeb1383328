// Package demo fills an empty database with believable people, rooms and
// talk, to try things on and to load servers with. It owns the words; what
// is stored and how is the store's business.
package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Options say how much to make.
type Options struct {
	Users    int // at least 1; the first is an administrator
	Rooms    int
	Messages int
	Plain    bool // rooms named room-1 and so on, people in every room
	RoomSize int  // with Plain: person i is in room 1+(i-1)/RoomSize only; 0: in all
	Tokens   bool // make a bearer token for everybody
	Seed     uint64
	Now      time.Time

	// Password gives a fresh password and its hash.
	Password func() (plain, hash string, err error)
	// Token gives a fresh bearer token and the hash that is stored.
	Token func() (secret string, hash []byte)
}

// Person is one of those who were made.
type Person struct {
	Username string
	Password string // empty beyond the first WithPassword
	Token    string // empty unless asked for
}

// WithPassword is how many people get a password; hashing more would take
// minutes.
const WithPassword = 20

// TokenLife is how long the bearer tokens are valid.
const TokenLife = 7 * 24 * time.Hour

// ErrNotEmpty: there are accounts already, which are left alone.
var ErrNotEmpty = errors.New("there are accounts already: a demo needs an empty data directory; name a new one with --data")

// SizeError is a size that makes no sense, by the name of its setting.
type SizeError struct{ Setting, Detail string }

func (e *SizeError) Error() string { return "--" + e.Setting + ": " + e.Detail }

// Check refuses sizes that make no sense, with a *SizeError.
func (o Options) Check() error {
	switch {
	case o.Users < 1 || o.Users > 100_000:
		return &SizeError{"users", "must be from 1 to 100000."}
	case o.Rooms < 0 || o.Rooms > 100_000:
		return &SizeError{"rooms", "must be from 0 to 100000."}
	case o.Messages < 0 || o.Messages > 10_000_000:
		return &SizeError{"messages", "must be from 0 to 10000000."}
	case o.Messages > 0 && o.Rooms == 0:
		return &SizeError{"messages", "needs at least one room; set --rooms too."}
	case o.RoomSize < 0 || (o.RoomSize > 0 && !o.Plain):
		return &SizeError{"room-size", "must be at least 1, and goes with --plain."}
	case o.RoomSize > 0 && o.Rooms*o.RoomSize < o.Users:
		return &SizeError{"room-size", fmt.Sprintf("%d people do not fit into %d rooms of %d.", o.Users, o.Rooms, o.RoomSize)}
	case o.RoomSize == 0 && o.Rooms > chat.MaxMemberRooms:
		return &SizeError{"rooms", fmt.Sprintf("beyond %d needs --plain with --room-size.", chat.MaxMemberRooms)}
	}
	return nil
}

// Fill makes everything in one transaction and tells whom it made, in order.
// ErrNotEmpty when there are accounts already; then, and with any other
// error, nothing is made.
func Fill(ctx context.Context, s store.Store, o Options) ([]Person, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if n, err := s.CountUsers(ctx); err != nil || n > 0 {
		return nil, errors.Join(err, notEmpty(n))
	}
	f := filler{Options: o, rnd: rand.New(rand.NewPCG(o.Seed, 1))}
	if err := f.makePasswords(); err != nil {
		return nil, err
	}
	err := s.Import(ctx, f.fill)
	return f.people, err
}

func notEmpty(users int) error {
	if users > 0 {
		return ErrNotEmpty
	}
	return nil
}

// filler makes one demo.
type filler struct {
	Options
	rnd    *rand.Rand
	in     store.Importer
	people []Person
	hashes []string
	users  []chat.UserID
	rooms  []place
}

// place is a room with the people in it.
type place struct {
	id      chat.RoomID
	members []chat.UserID
}

// makePasswords hashes before the transaction begins, since that is slow.
func (f *filler) makePasswords() error {
	for i := range min(f.Users, WithPassword) {
		plain, hash, err := f.Password()
		if err != nil {
			return err
		}
		f.people = append(f.people, Person{Username: username(i), Password: plain})
		f.hashes = append(f.hashes, hash)
	}
	for i := len(f.people); i < f.Users; i++ {
		f.people = append(f.people, Person{Username: username(i)})
		f.hashes = append(f.hashes, "")
	}
	return nil
}

func (f *filler) fill(in store.Importer) error {
	f.in = in
	for _, step := range []func() error{f.addUsers, f.addRooms, f.addMembers, f.addMessages, f.readAll} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) addUsers() error {
	for i := range f.people {
		if err := f.addUser(i); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) addUser(i int) error {
	name, fold, err := chat.CleanUsername(f.people[i].Username)
	if err != nil {
		return err
	}
	u := store.NewUser{Username: name, Fold: fold, Name: displayName(i), Role: chat.RoleMember, Hash: f.hashes[i]}
	if i == 0 {
		u.Role = chat.RoleAdmin
	}
	user, err := f.in.AddUser(u)
	if err != nil {
		return err
	}
	f.users = append(f.users, user.ID)
	if !f.Tokens {
		return nil
	}
	secret, hash := f.Token()
	f.people[i].Token = secret
	_, err = f.in.AddSession(store.NewSession{
		User: user.ID, Kind: chat.SessionToken, SecretHash: hash, Name: "demo", ExpiresAt: f.Now.Add(TokenLife),
	})
	return err
}

func (f *filler) addRooms() error {
	for i := range f.Rooms {
		r := showRoom(i)
		if f.Plain {
			r = plainRoom(i)
		}
		room, err := f.in.AddRoom(r)
		if err != nil {
			return err
		}
		f.rooms = append(f.rooms, place{id: room.ID})
	}
	return nil
}

func (f *filler) addMembers() error {
	for i, user := range f.users {
		for r := range f.rooms {
			if !f.isMember(i, r) {
				continue
			}
			if err := f.in.AddMember(f.rooms[r].id, user); err != nil {
				return err
			}
			f.rooms[r].members = append(f.rooms[r].members, user)
		}
	}
	return nil
}

// isMember: in a demo to look at, the private rooms are for few, and some
// open rooms are left for each person to discover.
func (f *filler) isMember(user, room int) bool {
	switch {
	case f.Plain && f.RoomSize > 0:
		return room == user/f.RoomSize
	case f.Plain || user == 0 || room == 0:
		return true
	case showRoom(room).Private:
		return user%3 == 0
	}
	return (user+room)%4 != 3
}

// readAll leaves nothing unread: who logs in first did not miss the talk.
func (f *filler) readAll() error {
	for _, r := range f.rooms {
		if err := f.in.ReadToHead(r.id); err != nil {
			return err
		}
	}
	return nil
}
