package service

import (
	"context"
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// FindRoom gives the id that a room's id or slug stands for. It does not say
// that the room may be seen, nor, of an id, that there is such a room.
func (s *Service) FindRoom(ctx context.Context, ref string) (chat.RoomID, error) {
	id, err := strconv.ParseInt(ref, 10, 64)
	if err == nil && id > 0 && strconv.FormatInt(id, 10) == ref {
		return chat.RoomID(id), nil
	}
	if chat.CleanSlug(ref) != nil {
		return 0, chat.ErrNotFound
	}
	return s.store.RoomBySlug(ctx, ref)
}

// Rooms lists what the person may see.
func (s *Service) Rooms(ctx context.Context, p chat.Principal) ([]chat.RoomView, error) {
	return s.store.Rooms(ctx, p.User.ID)
}

// AllRooms lists every room, for the shell.
func (s *Service) AllRooms(ctx context.Context) ([]chat.Room, error) { return s.store.AllRooms(ctx) }

// Room gives one room as the person sees it.
func (s *Service) Room(ctx context.Context, p chat.Principal, room chat.RoomID) (chat.RoomView, error) {
	return s.store.Room(ctx, store.Visit{Viewer: p.User.ID, Room: room})
}

// CreateRoom makes a room with its maker in it. An empty slug is made from
// the name; if that is taken, a number is put behind it.
func (s *Service) CreateRoom(ctx context.Context, p chat.Principal, r store.NewRoom) (chat.RoomView, error) {
	if err := chat.CanAdminister(p.User); err != nil {
		return chat.RoomView{}, err
	}
	r, err := cleanRoom(r)
	if err != nil {
		return chat.RoomView{}, err
	}
	r.Creator = p.User.ID
	room, err := s.createRoom(ctx, r)
	if err != nil {
		return chat.RoomView{}, err
	}
	s.announceRoom(room)
	if p.User.ID == 0 {
		return chat.RoomView{Room: room}, nil
	}
	return s.Room(ctx, p, room.ID)
}

// slugTries bounds the numbers put behind a slug made from a name.
const slugTries = 50

func (s *Service) createRoom(ctx context.Context, r store.NewRoom) (chat.Room, error) {
	if r.Slug != "" {
		return s.store.CreateRoom(ctx, r)
	}
	base := chat.SlugFrom(r.Name)
	for n := 1; n <= slugTries; n++ {
		r.Slug = numbered(base, n)
		if _, err := s.store.RoomBySlug(ctx, r.Slug); err == nil {
			continue
		}
		return s.store.CreateRoom(ctx, r)
	}
	return chat.Room{}, chat.ErrSlugTaken
}

// numbered puts "-2" and so on behind a slug, within its greatest length.
func numbered(slug string, n int) string {
	if n == 1 {
		return slug
	}
	suffix := "-" + strconv.Itoa(n)
	const longest = 64
	return slug[:min(len(slug), longest-len(suffix))] + suffix
}

func cleanRoom(r store.NewRoom) (store.NewRoom, error) {
	var nameErr, topicErr, slugErr error
	if r.Name == "" {
		r.Name = r.Slug
	}
	r.Name, nameErr = chat.CleanLine("name", r.Name, 1, chat.MaxRoomName)
	r.Topic, topicErr = chat.CleanLine("topic", r.Topic, 0, chat.MaxTopic)
	if r.Slug != "" {
		slugErr = checkSlug(r.Slug)
	}
	return r, chat.JoinFields(nameErr, slugErr, topicErr)
}

func checkSlug(slug string) error {
	if err := chat.CleanSlug(slug); err != nil {
		return chat.FieldProblem("slug", "bad_slug", err.Error())
	}
	return nil
}

// ChangeRoom renames a room, changes its topic, who sees it, or whether it
// is archived.
func (s *Service) ChangeRoom(ctx context.Context, p chat.Principal, room chat.RoomID, c chat.RoomChanges) (chat.RoomView, error) {
	if err := cleanChanges(&c); err != nil {
		return chat.RoomView{}, err
	}
	done, err := s.append(ctx, p, room, chat.ChangeRoom{RoomChanges: c})
	if err != nil {
		return chat.RoomView{}, err
	}
	if done.Event.Seq != 0 {
		s.live.RoomListChanged()
	}
	return s.Room(ctx, p, room)
}

func cleanChanges(c *chat.RoomChanges) error {
	return chat.JoinFields(
		cleanPart("name", c.Name, 1, chat.MaxRoomName),
		cleanPart("topic", c.Topic, 0, chat.MaxTopic),
		cleanSlugPart(c.Slug),
	)
}

func cleanPart(field string, value *string, min, max int) error {
	if value == nil {
		return nil
	}
	clean, err := chat.CleanLine(field, *value, min, max)
	*value = clean
	return err
}

func cleanSlugPart(slug *string) error {
	if slug == nil {
		return nil
	}
	return checkSlug(*slug)
}

// DeleteRoom ends a room with all that was said in it.
func (s *Service) DeleteRoom(ctx context.Context, p chat.Principal, room chat.RoomID) error {
	if err := s.store.DeleteRoom(ctx, p.User.ID, room); err != nil {
		return err
	}
	s.live.RoomDeleted(room)
	s.live.RoomListChanged()
	return nil
}

// announceRoom tells those who see the room that it is there.
func (s *Service) announceRoom(r chat.Room) {
	if !r.Private {
		s.live.RoomListChanged()
	}
}
