package httpapi

import (
	"github.com/parley-chat/parley/internal/wire"
)

// server describes this server to everybody.
func (s *Server) server(c *call) (answer, error) {
	server, err := s.Service.Server(c.Context())
	if err != nil {
		return answer{}, err
	}
	body := wire.Server{
		Name: server.Name, SetupNeeded: server.SetupNeeded, SetupToken: server.SetupToken,
		Signup: string(server.Signup), Limits: s.Limits,
	}
	if c.signedIn() {
		body.Version = s.Version
		user := wire.UserOf(c.principal.User)
		body.User = &user
	}
	return ok(body)
}
