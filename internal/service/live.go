package service

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// What follows is asked by package realtime, for those who are connected.

// RenewEpoch looks whether the history of the database has another name, and
// gives it one if it is still called gone.
func (s *Service) RenewEpoch(ctx context.Context, gone string) error {
	return s.store.RenewEpoch(ctx, gone)
}

// Joined gives the rooms that a person is in with their heads.
func (s *Service) Joined(ctx context.Context, user chat.UserID) ([]chat.RoomHead, error) {
	return s.store.Joined(ctx, user)
}

// JoinedEach gives what Joined gives, for several people at a time.
func (s *Service) JoinedEach(ctx context.Context, users []chat.UserID) (map[chat.UserID][]chat.RoomHead, error) {
	return s.store.JoinedEach(ctx, users)
}

// Events gives the room's events after a number, at most limit, without a
// hole. It asks for no rights: the connection that reads has been let in.
func (s *Service) Events(ctx context.Context, room chat.RoomID, after chat.Seq, limit int) ([]chat.Event, error) {
	return s.store.Events(ctx, room, after, limit)
}

// Heads gives the number of the newest event of each room that exists.
func (s *Service) Heads(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]chat.Seq, error) {
	return s.store.Heads(ctx, rooms)
}

// CanRead says whether the person may read the room.
func (s *Service) CanRead(ctx context.Context, p chat.Principal, room chat.RoomID) error {
	view, err := s.store.Room(ctx, store.Visit{Viewer: p.User.ID, Room: room})
	if err != nil {
		return err
	}
	return chat.CanReadRoom(p.User, view.Room, chat.Membership{Joined: view.Joined})
}

// CanWrite says whether the person may post in the room.
func (s *Service) CanWrite(ctx context.Context, p chat.Principal, room chat.RoomID) error {
	view, err := s.store.Room(ctx, store.Visit{Viewer: p.User.ID, Room: room})
	if err != nil {
		return err
	}
	return chat.CanPost(p.User, view.Room, chat.Membership{Joined: view.Joined})
}

// LiveSessions tells which sessions still sign somebody in, and notes that
// those are in use.
func (s *Service) LiveSessions(ctx context.Context, ids []chat.SessionID) (map[chat.SessionID]bool, error) {
	live, err := s.store.Live(ctx, ids)
	for id, alive := range live {
		if alive {
			s.use(id)
		}
	}
	return live, err
}
