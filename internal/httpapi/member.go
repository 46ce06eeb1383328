package httpapi

import (
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

func (s *Server) members(c *call, room chat.RoomID) (answer, error) {
	q := c.query()
	cursor := q.cursor()
	if q.err != nil {
		return answer{}, q.err
	}
	members, err := s.Service.Members(c.Context(), c.principal, room, cursor)
	if err != nil {
		return answer{}, err
	}
	return ok(wire.MemberList{
		Members: wire.UserRefsOf(members),
		Next:    next(members, cursor, func(u chat.UserRef) int64 { return int64(u.ID) }),
	})
}

// subject gives the person of the path; "me" is the one who asks.
func (c *call) subject() (chat.UserID, error) {
	if c.PathValue("user") == "me" {
		return c.principal.User.ID, nil
	}
	id, err := c.pathID("user")
	return chat.UserID(id), err
}

// addMember lets somebody in: 200 with the room, which for another person
// than oneself may be one that one is not in.
func (s *Server) addMember(c *call, room chat.RoomID) (answer, error) {
	user, err := c.subject()
	if err != nil {
		return answer{}, err
	}
	return s.roomAnswer(s.Service.AddMember(c.Context(), c.principal, room, user))
}

func (s *Server) removeMember(c *call, room chat.RoomID) (answer, error) {
	user, err := c.subject()
	if err != nil {
		return answer{}, err
	}
	return done(s.Service.RemoveMember(c.Context(), c.principal, room, user))
}

func (s *Server) markRead(c *call, room chat.RoomID, in wire.ReadRequest) (answer, error) {
	if in.Seq == nil || *in.Seq < 0 {
		return answer{}, chat.FieldProblem("seq", "bad_seq", "A seq is a whole number from 0.")
	}
	return done(s.Service.MarkRead(c.Context(), c.principal, room, chat.Seq(*in.Seq)))
}
