package control

import (
	"context"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store"
)

// page is how much of a list is read at a time.
const page = 1000

// Shell is the Admin that acts at once.
type Shell struct {
	service *service.Service
	base    string
}

var _ Admin = (*Shell)(nil)

// NewShell acts through s. base is the server's address without a slash at
// its end; invitations begin with it.
func NewShell(s *service.Service, base string) *Shell { return &Shell{service: s, base: base} }

// AddUser makes an account.
func (s *Shell) AddUser(ctx context.Context, u NewUser) (User, error) {
	account := service.NewAccount{Username: u.Username, Password: u.Password}
	made, err := s.service.AddUser(ctx, service.Shell(), account, roleOf(u))
	return userOf(made), err
}

func roleOf(u NewUser) chat.Role {
	if u.Admin {
		return chat.RoleAdmin
	}
	return chat.RoleMember
}

func userOf(u chat.User) User {
	return User{ID: u.ID, Username: u.Username, Name: u.Name, Role: u.Role, Disabled: u.Disabled}
}

// Users lists all accounts.
func (s *Shell) Users(ctx context.Context) ([]User, error) {
	users := []User{}
	c := store.Cursor{Limit: page}
	for {
		some, err := s.service.Users(ctx, service.Shell(), c)
		if err != nil {
			return nil, err
		}
		for _, u := range some {
			users = append(users, userOf(u))
			c.After = int64(u.ID)
		}
		if len(some) < page {
			return users, nil
		}
	}
}

// SetPassword replaces a password.
func (s *Shell) SetPassword(ctx context.Context, c Credentials) error {
	user, err := s.service.UserByName(ctx, service.Shell(), c.Username)
	if err != nil {
		return err
	}
	_, err = s.service.ChangeUser(ctx, service.Shell(), user.ID, service.AccountChanges{Password: &c.Password})
	return err
}

// DisableUser shuts an account out.
func (s *Shell) DisableUser(ctx context.Context, username string) (User, error) {
	return s.setDisabled(ctx, username, true)
}

// EnableUser lets it in again.
func (s *Shell) EnableUser(ctx context.Context, username string) (User, error) {
	return s.setDisabled(ctx, username, false)
}

func (s *Shell) setDisabled(ctx context.Context, username string, disabled bool) (User, error) {
	user, err := s.service.UserByName(ctx, service.Shell(), username)
	if err != nil {
		return User{}, err
	}
	user, err = s.service.ChangeUser(ctx, service.Shell(), user.ID, service.AccountChanges{Disabled: &disabled})
	return userOf(user), err
}

// ImportUsers makes many accounts.
func (s *Shell) ImportUsers(ctx context.Context, users []NewUser) ([]ImportedUser, error) {
	if len(users) > MaxImport {
		return nil, &chat.Error{Kind: chat.TooLarge, Code: "too_large", Detail: "Too many users in one call."}
	}
	done := make([]ImportedUser, len(users))
	for i, u := range users {
		one, err := s.importUser(ctx, u)
		if err != nil {
			return nil, err
		}
		done[i] = one
	}
	return done, nil
}

// importUser gives an error only for what is not this one user's fault.
func (s *Shell) importUser(ctx context.Context, u NewUser) (ImportedUser, error) {
	account := service.NewAccount{Username: u.Username, Password: u.Password}
	_, weak, err := s.service.ImportUser(ctx, service.Shell(), account, roleOf(u))
	var refusal *chat.Error
	switch {
	case err == nil:
		return ImportedUser{Username: u.Username, Weak: weak}, nil
	case errors.As(err, &refusal) && (refusal.Kind == chat.Conflict || refusal.Kind == chat.Unprocessable):
		return ImportedUser{Username: u.Username, Err: refusal}, nil
	}
	return ImportedUser{}, err
}

// AddRoom makes a room.
func (s *Shell) AddRoom(ctx context.Context, r NewRoom) (Room, error) {
	made, err := s.service.CreateRoom(ctx, service.Shell(), store.NewRoom{
		Slug: r.Slug, Name: r.Name, Topic: r.Topic, Private: r.Private,
	})
	return roomOf(made.Room, 0), err
}

func roomOf(r chat.Room, members int) Room {
	return Room{
		ID: r.ID, Slug: r.Slug, Name: r.Name, Private: r.Private, Archived: r.Archived,
		LastSeq: r.LastSeq, Members: members,
	}
}

// Rooms lists all rooms.
func (s *Shell) Rooms(ctx context.Context) ([]Room, error) {
	all, err := s.service.AllRooms(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]chat.RoomID, len(all))
	for i, r := range all {
		ids[i] = r.ID
	}
	members, err := s.service.CountMembers(ctx, ids)
	rooms := make([]Room, len(all))
	for i, r := range all {
		rooms[i] = roomOf(r, members[r.ID])
	}
	return rooms, err
}

// ArchiveRoom closes a room for changes.
func (s *Shell) ArchiveRoom(ctx context.Context, room string) error {
	return s.setArchived(ctx, room, true)
}

// RestoreRoom opens it again.
func (s *Shell) RestoreRoom(ctx context.Context, room string) error {
	return s.setArchived(ctx, room, false)
}

func (s *Shell) setArchived(ctx context.Context, room string, archived bool) error {
	id, err := s.service.FindRoom(ctx, room)
	if err != nil {
		return err
	}
	actor, err := s.administrator(ctx)
	if err != nil {
		return err
	}
	_, err = s.service.ChangeRoom(ctx, actor, id, chat.RoomChanges{Archived: &archived})
	return err
}

var errNoAdministrator = &chat.Error{
	Kind: chat.Conflict, Code: "no_administrator",
	Detail: "There is no active administrator. Make one first: parley user add NAME --admin.",
}

// administrator gives the first one that is active. Whatever becomes an event
// of a room is done in somebody's name, and the shell has none of its own.
func (s *Shell) administrator(ctx context.Context) (chat.Principal, error) {
	users, err := s.Users(ctx)
	if err != nil {
		return chat.Principal{}, err
	}
	for _, u := range users {
		if u.Role == chat.RoleAdmin && !u.Disabled {
			ref := chat.UserRef{ID: u.ID, Username: u.Username, Name: u.Name}
			return chat.Principal{User: chat.User{UserRef: ref, Role: u.Role}}, nil
		}
	}
	return chat.Principal{}, errNoAdministrator
}

// CreateInvite makes an invitation.
func (s *Shell) CreateInvite(ctx context.Context, i NewInvite) (Invite, error) {
	made, code, err := s.service.AddInvite(ctx, service.Shell(), i.Uses, orElse(i.Life, service.InviteLife))
	if err != nil {
		return Invite{}, err
	}
	return Invite{URL: s.base + "/join/" + code, MaxUses: made.MaxUses, ExpiresAt: made.ExpiresAt}, nil
}

// AddToken makes a bearer token.
func (s *Shell) AddToken(ctx context.Context, t NewToken) (Token, error) {
	made, secret, err := s.service.AddToken(ctx, service.Shell(), t.Username, t.Name, orElse(t.Life, service.TokenLife))
	if err != nil {
		return Token{}, err
	}
	token := tokenOf(made, t.Username)
	token.Secret = secret
	return token, nil
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

func tokenOf(s chat.Session, username string) Token {
	return Token{
		ID: s.ID, Username: username, Name: s.Name,
		CreatedAt: s.CreatedAt, SeenAt: s.LastSeenAt, ExpiresAt: s.ExpiresAt,
	}
}

// Tokens lists all bearer tokens.
func (s *Shell) Tokens(ctx context.Context) ([]Token, error) {
	users, err := s.Users(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[chat.UserID]string, len(users))
	for _, u := range users {
		names[u.ID] = u.Username
	}
	tokens := []Token{}
	c := store.Cursor{Limit: page}
	for {
		some, err := s.service.Tokens(ctx, service.Shell(), c)
		if err != nil {
			return nil, err
		}
		for _, t := range some {
			tokens = append(tokens, tokenOf(t, names[t.User]))
			c.After = int64(t.ID)
		}
		if len(some) < page {
			return tokens, nil
		}
	}
}

// RevokeToken ends a bearer token.
func (s *Shell) RevokeToken(ctx context.Context, id chat.SessionID) error {
	return s.service.RevokeToken(ctx, service.Shell(), id)
}
