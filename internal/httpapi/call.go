package httpapi

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// call is one request on its way.
type call struct {
	*http.Request
	w       *responseWriter
	id      string
	address netip.Addr // of the client
	secure  bool       // it came over https
	started time.Time
	// principal is who asks; the zero value until somebody is signed in.
	principal chat.Principal
	cookie    bool // the sign-in was a cookie's
}

type callKey struct{}

// requestIDLength is enough to find one request in a log.
const requestIDLength = 16

func (s *Server) newCall(w http.ResponseWriter, r *http.Request) *call {
	c := &call{
		w: &responseWriter{ResponseWriter: w}, id: rand.Text()[:requestIDLength], started: s.Clock(),
		address: s.clientAddress(r), secure: s.isSecure(r),
	}
	c.Request = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	return c
}

// callOf gives the call that a request belongs to.
func callOf(r *http.Request) *call { return r.Context().Value(callKey{}).(*call) }

// signedIn reports whether somebody is signed in.
func (c *call) signedIn() bool { return c.principal.User.ID != 0 }

// finish logs and counts the request, and answers for one that panicked.
func (s *Server) finish(c *call) {
	if defect := recover(); defect != nil {
		if defect == http.ErrAbortHandler {
			panic(defect)
		}
		s.Logger.Error("a request panicked", "request", c.id, "route", c.Pattern, "panic", defect, "stack", string(debug.Stack()))
		if c.w.status == 0 {
			s.refuse(c, errPanic)
		}
	}
	took := s.Clock().Sub(c.started)
	s.Observe.Request(c.Pattern, c.w.status, took)
	// The route and not the path: an invitation's code is a secret.
	s.Logger.Debug("request", "request", c.id, "method", c.Method, "route", c.Pattern,
		"status", c.w.status, "bytes", c.w.bytes, "took", took, "address", c.address, "user", c.principal.User.ID)
}
