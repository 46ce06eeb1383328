package httpapi

import (
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// sessions lists where one is signed in.
func (s *Server) sessions(c *call) (answer, error) {
	sessions, err := s.Service.Sessions(c.Context(), c.principal)
	if err != nil {
		return answer{}, err
	}
	return ok(wire.SessionListOf(sessions, c.principal.Session.ID))
}

// endSession signs out one of one's own devices.
func (s *Server) endSession(c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	if err := s.Service.EndSession(c.Context(), c.principal, chat.SessionID(id)); err != nil {
		return answer{}, err
	}
	if c.cookie && chat.SessionID(id) == c.principal.Session.ID {
		forgetSession(c)
	}
	return done(nil)
}
