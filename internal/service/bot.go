package service

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// maxBotNames is how many names Bot tries.
const maxBotNames = 100

// Bot gives the account by which a part of this server speaks in rooms: role
// bot, and no password, so that nobody logs in with it. It is made if it is
// missing. A name that is somebody else's is left alone: then it is
// username-2, and so on. chat.ErrSetupNeeded while there is no account, since
// the first one has to be a person's; chat.ErrUsernameTaken when a hundred
// names are.
func (s *Service) Bot(ctx context.Context, username string) (chat.User, error) {
	if err := s.needSetUp(ctx); err != nil {
		return chat.User{}, err
	}
	for n := 1; n <= maxBotNames; n++ {
		user, err := s.botNamed(ctx, numbered(username, n))
		if !errors.Is(err, chat.ErrUsernameTaken) {
			return user, err
		}
	}
	return chat.User{}, chat.ErrUsernameTaken
}

// botNamed finds or makes the bot of exactly this name; chat.ErrUsernameTaken
// if the name is another account's.
func (s *Service) botNamed(ctx context.Context, username string) (chat.User, error) {
	name, fold, err := cleanUsername(username)
	if err != nil {
		return chat.User{}, err
	}
	user, err := s.store.UserByFold(ctx, fold)
	if errors.Is(err, chat.ErrNotFound) {
		user, err = s.store.CreateUser(ctx, store.NewUser{Username: name, Fold: fold, Name: name, Role: chat.RoleBot})
		if !errors.Is(err, chat.ErrUsernameTaken) {
			return user, err
		}
		user, err = s.store.UserByFold(ctx, fold) // another node was quicker
	}
	if err != nil {
		return chat.User{}, err
	}
	hash, err := s.store.PasswordHash(ctx, user.ID)
	if err == nil && (user.Role != chat.RoleBot || hash != "") {
		err = chat.ErrUsernameTaken
	}
	return user, err
}

// LetBotIn makes a bot a member of a room; nothing happens if it is one. It
// joins by itself, or, where the room is private, in the name of the first
// active administrator: chat.ErrNotFound if there is none.
func (s *Service) LetBotIn(ctx context.Context, bot chat.User, room chat.RoomID) error {
	_, err := s.AddMember(ctx, chat.Principal{User: bot}, room, bot.ID)
	if !errors.Is(err, chat.ErrNotFound) && !errors.Is(err, chat.ErrPrivateRoom) {
		return err
	}
	admin, err := s.firstAdmin(ctx)
	if err == nil {
		_, err = s.AddMember(ctx, chat.Principal{User: admin}, room, bot.ID)
	}
	return err
}

func (s *Service) firstAdmin(ctx context.Context) (chat.User, error) {
	for c := (store.Cursor{Limit: chat.MaxPage}); ; {
		users, err := s.store.Users(ctx, c)
		if err != nil {
			return chat.User{}, err
		}
		for _, u := range users {
			if u.IsAdmin() {
				return u, nil
			}
			c.After = int64(u.ID)
		}
		if len(users) < c.Limit {
			return chat.User{}, chat.ErrNotFound
		}
	}
}
