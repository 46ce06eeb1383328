package httpapi

import (
	"net/http"
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

func (s *Server) messages(c *call, room chat.RoomID) (answer, error) {
	q, err := pageQuery(c.query())
	if err != nil {
		return answer{}, err
	}
	epoch := s.Service.Epoch()
	page, err := s.Service.Page(c.Context(), c.principal, room, fromStart(q))
	if err = s.within(epoch, err); err != nil {
		return answer{}, err
	}
	return ok(wire.PageOf(page, q, epoch))
}

// within refuses what was read while the history of the database became
// another one: nobody knows of which it is.
func (s *Server) within(epoch string, err error) error {
	if err == nil && s.Service.Epoch() != epoch {
		return chat.ErrUnavailable
	}
	return err
}

// beforeAll is where after=0 begins. It cannot be 0 in a chat.PageQuery,
// which means by that the newest page.
const beforeAll = -1

// fromStart asks for the oldest page by what stands around the first number.
func fromStart(q chat.PageQuery) chat.PageQuery {
	if q.After == beforeAll {
		return chat.PageQuery{Around: 1, Limit: q.Limit}
	}
	return q
}

// pageQuery reads before, after or around, and limit.
func pageQuery(q *query) (chat.PageQuery, error) {
	page := chat.PageQuery{Limit: chat.DefaultPage}
	if limit, sent := q.number("limit", 1, chat.MaxPage); sent {
		page.Limit = int(limit)
	}
	before, hasBefore := q.number("before", 1, maxID)
	after, hasAfter := q.number("after", 0, maxID)
	around, hasAround := q.number("around", 1, maxID)
	page.Before, page.After, page.Around = chat.Seq(before), chat.Seq(after), chat.Seq(around)
	if hasAfter && after == 0 {
		page.After = beforeAll
	}
	if q.err == nil && (hasBefore && hasAfter || hasBefore && hasAround || hasAfter && hasAround) {
		return page, chat.FieldProblem("before", "one_cursor", "Give only one of before, after and around.")
	}
	return page, q.err
}

func (s *Server) postMessage(c *call, room chat.RoomID, in wire.NewMessage) (answer, error) {
	draft := chat.Draft{Key: in.Key, Text: in.Text, ReplyTo: chat.Seq(in.ReplyTo)}
	m, repeated, err := s.Service.PostMessage(c.Context(), c.principal, room, draft)
	if err != nil {
		return answer{}, err
	}
	a, err := created(messagePath(m), wire.MessageOf(m))
	if repeated {
		a.status = http.StatusOK
	}
	return a, err
}

func messagePath(m chat.Message) string {
	return roomPath(m.Room) + "/messages/" + strconv.FormatInt(int64(m.Seq), 10)
}

func (s *Server) message(c *call, room chat.RoomID, seq chat.Seq) (answer, error) {
	m, err := s.Service.Message(c.Context(), c.principal, room, seq)
	if err != nil {
		return answer{}, err
	}
	return ok(wire.MessageOf(m))
}

func (s *Server) editMessage(c *call, room chat.RoomID, seq chat.Seq) (answer, error) {
	var in wire.MessageEdit
	if err := c.decode(&in); err != nil {
		return answer{}, err
	}
	m, err := s.Service.EditMessage(c.Context(), c.principal, room, seq, in.Text)
	if err != nil {
		return answer{}, err
	}
	return ok(wire.MessageOf(m))
}

func (s *Server) deleteMessage(c *call, room chat.RoomID, seq chat.Seq) (answer, error) {
	return done(s.Service.DeleteMessage(c.Context(), c.principal, room, seq))
}

func (s *Server) react(c *call, room chat.RoomID, seq chat.Seq) (answer, error) {
	return done(s.Service.React(c.Context(), c.principal, room, seq, c.PathValue("emoji")))
}

func (s *Server) unreact(c *call, room chat.RoomID, seq chat.Seq) (answer, error) {
	return done(s.Service.Unreact(c.Context(), c.principal, room, seq, c.PathValue("emoji")))
}
