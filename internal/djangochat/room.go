package djangochat

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

func (m *mover) moveRooms() error {
	for _, r := range m.old.rooms {
		if err := m.moveRoom(r); err != nil {
			return fmt.Errorf("room_room %d: %w", r.id, err)
		}
	}
	return nil
}

func (m *mover) moveRoom(r room) error {
	foreign := fmt.Sprintf("%d/%s", r.id, r.slug)
	if known, err := m.in.Imported(source, "room", foreign); err == nil {
		m.rooms[r.id] = chat.RoomID(known)
		m.report.RoomsKnown++
		return nil
	} else if !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	slug, err := m.freeSlug(r)
	if err != nil {
		return err
	}
	made, err := m.in.AddRoom(store.NewRoom{Slug: slug, Name: roomName(r, slug)})
	if err != nil {
		return err
	}
	m.rooms[r.id] = made.ID
	m.report.Rooms++
	return m.in.Remember(source, "room", foreign, int64(made.ID))
}

func (m *mover) freeSlug(r room) (string, error) {
	base := strings.ToLower(r.slug)
	if chat.CleanSlug(base) != nil {
		base = chat.SlugFrom(r.name)
	}
	for n := 1; n <= nameTries; n++ {
		slug := suffixed(base, n, 64)
		_, err := m.in.RoomBySlug(slug)
		if errors.Is(err, chat.ErrNotFound) {
			m.noteMoved(r.slug, slug)
			return slug, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("no free address like %q", base)
}

func (m *mover) noteMoved(old, slug string) {
	if old != slug {
		m.report.Moved = append(m.report.Moved, Renamed{Old: old, New: slug})
	}
}

// roomName keeps as much of the name as fits; the slug stands in for one
// that cannot be shown.
func roomName(r room, slug string) string {
	runes := []rune(strings.Join(strings.Fields(r.name), " "))
	name, err := chat.CleanLine("name", string(runes[:min(len(runes), chat.MaxRoomName)]), 1, chat.MaxRoomName)
	if err != nil {
		return slug
	}
	return name
}

// moveMembers puts everybody into every room: in Django-Chat there was no
// door.
func (m *mover) moveMembers() error {
	for _, r := range m.old.rooms {
		for _, u := range m.old.users {
			if err := m.in.AddMember(m.rooms[r.id], m.users[u.id]); err != nil {
				return fmt.Errorf("room_room %d, auth_user %d: %w", r.id, u.id, err)
			}
		}
	}
	return nil
}

// moveMessages keeps the order of time; equal times keep that of their ids.
func (m *mover) moveMessages() error {
	slices.SortStableFunc(m.old.messages, func(a, b message) int { return a.at.Compare(b.at) })
	for _, msg := range m.old.messages {
		if err := m.moveMessage(msg); err != nil {
			return fmt.Errorf("room_message %d: %w", msg.id, err)
		}
	}
	return nil
}

func (m *mover) moveMessage(msg message) error {
	if chat.Blank(msg.content) {
		m.report.Empty++
		return nil
	}
	foreign := fmt.Sprintf("%d/%s", msg.id, msg.added)
	if _, err := m.in.Imported(source, "message", foreign); err == nil {
		m.report.MessagesKnown++
		return nil
	} else if !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	author, ok := m.users[msg.user]
	if !ok {
		return fmt.Errorf("its author %d is not in auth_user", msg.user)
	}
	room, ok := m.rooms[msg.room]
	if !ok {
		return fmt.Errorf("its room %d is not in room_room", msg.room)
	}
	seq, err := m.in.AddMessage(room, author, msg.at, chat.Draft{Key: "django-" + foreign, Text: msg.content})
	if err != nil {
		return err
	}
	m.report.Messages++
	return m.in.Remember(source, "message", foreign, int64(seq))
}

func (m *mover) markRead() error {
	for _, id := range m.rooms {
		if err := m.in.ReadToHead(id); err != nil {
			return err
		}
	}
	return nil
}
