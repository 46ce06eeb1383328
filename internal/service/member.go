package service

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Members lists the people of a room in order of id.
func (s *Service) Members(ctx context.Context, p chat.Principal, room chat.RoomID, c store.Cursor) ([]chat.UserRef, error) {
	return s.store.Members(ctx, store.Visit{Viewer: p.User.ID, Room: room}, c)
}

// CountMembers tells how many people are in each room.
func (s *Service) CountMembers(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]int, error) {
	return s.store.CountMembers(ctx, rooms)
}

// AddMember lets a person into a room: oneself, or another. Nothing happens
// if they are there.
func (s *Service) AddMember(ctx context.Context, p chat.Principal, room chat.RoomID, user chat.UserID) (chat.RoomView, error) {
	done, err := s.append(ctx, p, room, chat.AddMember{User: user})
	if err != nil {
		return chat.RoomView{}, err
	}
	if done.Event.Seq != 0 {
		s.live.RoomListChanged(user)
	}
	return s.Room(ctx, p, room)
}

// RemoveMember ends a membership: one's own, or another's. Nothing happens
// if there is none.
func (s *Service) RemoveMember(ctx context.Context, p chat.Principal, room chat.RoomID, user chat.UserID) error {
	done, err := s.append(ctx, p, room, chat.RemoveMember{User: user})
	if err == nil && done.Event.Seq != 0 {
		s.live.RoomListChanged(user)
	}
	return err
}

// MarkRead moves the person's read mark forward.
func (s *Service) MarkRead(ctx context.Context, p chat.Principal, room chat.RoomID, seq chat.Seq) error {
	now, moved, err := s.store.MarkRead(ctx, store.Visit{Viewer: p.User.ID, Room: room}, seq)
	if err == nil && moved {
		s.live.ReadMoved(p.User.ID, room, now)
	}
	return err
}
