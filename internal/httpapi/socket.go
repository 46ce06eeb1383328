package httpapi

import (
	"errors"
	"net/http"
	"strings"

	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/wire"
)

// socket lets a request become a socket.
func (s *Server) socket(_ http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	setAPIHeaders(c)
	if err := s.admitSocket(c); err != nil {
		s.refuse(c, err)
		return
	}
	s.Sockets.Accept(c.w, c.Request, c.principal)
}

// admitSocket checks everything that comes before the upgrade.
func (s *Server) admitSocket(c *call) error {
	if err := s.signIn(c); err != nil {
		if !errors.Is(err, service.ErrNotSignedIn) {
			return err
		}
		if limited := s.handshakes.count(c); limited != nil {
			return limited
		}
		return err
	}
	if err := s.checkSocketOrigin(c); err != nil {
		return err
	}
	return checkUpgrade(c.Request)
}

// checkUpgrade says what a request lacks that is to become a socket. What
// only RFC 6455 asks is checked by what upgrades it.
func checkUpgrade(r *http.Request) error {
	if !hasToken(r.Header, "Connection", "upgrade") || !hasToken(r.Header, "Upgrade", "websocket") {
		return errNoUpgrade
	}
	if !hasToken(r.Header, "Sec-Websocket-Protocol", wire.Subprotocol) {
		return errSubprotocol
	}
	return nil
}

// hasToken looks into a header that lists tokens.
func hasToken(h http.Header, name, token string) bool {
	for _, line := range h.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}
