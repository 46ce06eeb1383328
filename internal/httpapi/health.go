package httpapi

import (
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// healthy answers that the process is alive.
func (s *Server) healthy(_ http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	setAPIHeaders(c)
	s.write(c, answer{status: http.StatusOK, body: map[string]string{"status": "alive"}})
}

// ready answers whether requests should be sent here.
func (s *Server) ready(_ http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	setAPIHeaders(c)
	if err := s.Ready(r.Context()); err != nil {
		s.Logger.Warn("not ready", "request", c.id, "error", err)
		s.refuse(c, &chat.Error{
			Kind: chat.Unavailable, Code: chat.ErrUnavailable.Code, RetryAfter: 2 * time.Second,
			Detail: "Not ready: the database is away, or the server is stopping.",
		})
		return
	}
	body := map[string]string{"status": "ready", "database": "ok"}
	if s.Parts != nil {
		maps.Copy(body, s.Parts())
	}
	s.write(c, answer{status: http.StatusOK, body: body})
}

// metrics answers to this machine, and to administrators.
func (s *Server) metrics(_ http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	setAPIHeaders(c)
	if !isLocal(c) {
		if err := s.letAdminIn(c); err != nil {
			s.refuse(c, err)
			return
		}
	}
	s.Metrics.ServeHTTP(c.w, c.Request)
}

// isLocal reports whether the request was made on this machine and not only
// passed on by a proxy that runs on it.
func isLocal(c *call) bool {
	for _, passedOn := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"} {
		if c.Header.Get(passedOn) != "" {
			return false
		}
	}
	return peerOf(c.Request).IsLoopback()
}

func (s *Server) letAdminIn(c *call) error {
	if err := s.signIn(c); err != nil {
		return err
	}
	err := chat.CanAdminister(c.principal.User)
	if errors.Is(err, chat.ErrAdminsOnly) {
		return errMetricsAdmin
	}
	return err
}
