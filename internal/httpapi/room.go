package httpapi

import (
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/wire"
)

func roomPath(room chat.RoomID) string {
	return prefix + "/rooms/" + strconv.FormatInt(int64(room), 10)
}

// roomAnswer answers 200 with a room, or the error.
func (s *Server) roomAnswer(room chat.RoomView, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return ok(wire.RoomOf(room, s.Service.Epoch()))
}

func (s *Server) rooms(c *call) (answer, error) {
	q := c.query()
	counts, _ := q.number("counts", 0, 1)
	if q.err != nil {
		return answer{}, q.err
	}
	epoch := s.Service.Epoch()
	rooms, err := s.Service.Rooms(c.Context(), c.principal)
	if err = s.within(epoch, err); err != nil {
		return answer{}, err
	}
	list := wire.RoomsOf(rooms, epoch)
	if counts == 1 {
		err = s.countMembers(c, list)
	}
	if err != nil {
		return answer{}, err
	}
	return ok(wire.RoomList{Rooms: list})
}

func (s *Server) countMembers(c *call, rooms []wire.Room) error {
	ids := make([]chat.RoomID, len(rooms))
	for i, room := range rooms {
		ids[i] = room.ID
	}
	members, err := s.Service.CountMembers(c.Context(), ids)
	if err != nil {
		return err
	}
	for i := range rooms {
		count := members[rooms[i].ID] // 0 for a room that everybody left
		rooms[i].Members = &count
	}
	return nil
}

func (s *Server) createRoom(c *call, in wire.NewRoom) (answer, error) {
	room, err := s.Service.CreateRoom(c.Context(), c.principal, store.NewRoom{
		Slug: in.Slug, Name: in.Name, Topic: in.Topic, Private: in.Private,
	})
	if err != nil {
		return answer{}, err
	}
	return created(roomPath(room.ID), wire.RoomOf(room, s.Service.Epoch()))
}

func (s *Server) room(c *call, room chat.RoomID) (answer, error) {
	return s.roomAnswer(s.Service.Room(c.Context(), c.principal, room))
}

func (s *Server) changeRoom(c *call, room chat.RoomID, in wire.RoomChange) (answer, error) {
	changes := chat.RoomChanges{Name: in.Name, Slug: in.Slug, Topic: in.Topic, Private: in.Private}
	return s.roomAnswer(s.Service.ChangeRoom(c.Context(), c.principal, room, changes))
}

func (s *Server) archiveRoom(c *call, room chat.RoomID) (answer, error) {
	return s.setArchived(c, room, true)
}

func (s *Server) restoreRoom(c *call, room chat.RoomID) (answer, error) {
	return s.setArchived(c, room, false)
}

func (s *Server) setArchived(c *call, room chat.RoomID, archived bool) (answer, error) {
	changes := chat.RoomChanges{Archived: &archived}
	return s.roomAnswer(s.Service.ChangeRoom(c.Context(), c.principal, room, changes))
}

func (s *Server) deleteRoom(c *call, room chat.RoomID) (answer, error) {
	return done(s.Service.DeleteRoom(c.Context(), c.principal, room))
}
