// Package httpapi is how a request gets in: it finds out who asks and from
// where, turns away what must not pass, decodes, calls the service, and
// encodes the answer. routes.go shows the whole API. It decides nothing about
// chat, and what happens on a socket is package realtime's.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/ratelimit"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/wire"
)

// Sockets takes over the requests that become sockets. The person is signed
// in and the origin is our own by then.
type Sockets interface {
	// Accept upgrades the request and returns. An error means that it was
	// refused, and nothing is written then.
	Accept(w http.ResponseWriter, r *http.Request, p chat.Principal) error
}

// Observer is told of every answered request. Pattern is that of the route,
// such as "GET /api/v1/rooms"; empty for none.
type Observer interface {
	Request(pattern string, status int, took time.Duration)
}

// Options are what a Server is made of. All fields but those with a default
// are required.
type Options struct {
	Service *service.Service
	Sockets Sockets
	Client  http.Handler // the web client: every path but the API's
	Metrics http.Handler // what /metrics answers
	Observe Observer
	Logger  *slog.Logger
	Clock   func() time.Time // nil: time.Now
	Version string
	Limits  wire.Limits

	// PublicURL is the address that people type, as a browser writes an
	// origin; empty if none is set.
	PublicURL string
	// Hosts are the names without port that this server answers to, besides
	// localhost and IP addresses.
	Hosts []string
	// Trusted tells the reverse proxies whose forwarding headers count.
	Trusted func(netip.Addr) bool
	// Ready answers nil while requests can be served.
	Ready func(context.Context) error
	// Parts tells how those parts are, by name, without which requests are
	// still served. It may be nil.
	Parts func() map[string]string

	// Limits of one address; 0 for none.
	SignupsPerHour      int
	LoginsPerMinute     int // those that fail
	HandshakesPerMinute int // those without a valid sign-in
	Connections         int // sockets open at a time
}

// Server is the handler of everything that arrives over HTTP.
type Server struct {
	Options
	mux        *http.ServeMux
	hosts      map[string]bool
	signups    addressLimit
	logins     addressLimit
	handshakes addressLimit
	open       addressSlots
}

// New makes the handler.
func New(o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Server{
		Options:    o,
		mux:        http.NewServeMux(),
		hosts:      hostSet(o.Hosts),
		open:       addressSlots{most: o.Connections},
		signups:    newAddressLimit(o.SignupsPerHour, time.Hour, "too_many_signups", "Too many new accounts from your address. Try again later."),
		logins:     newAddressLimit(o.LoginsPerMinute, time.Minute, "too_many_attempts", "Too many failed log-ins from your address. Wait a little, then try again."),
		handshakes: newAddressLimit(o.HandshakesPerMinute, time.Minute, "too_many_handshakes", "Too many handshakes without a sign-in from your address."),
	}
	s.mount()
	return s
}

// SharedLimits are those of addresses that several nodes count together, by
// name. Open sockets are not among them.
func (s *Server) SharedLimits() map[string]ratelimit.Shared {
	limits := map[string]ratelimit.Shared{}
	for name, l := range map[string]addressLimit{"signups": s.signups, "logins": s.logins, "handshakes": s.handshakes} {
		if l.Keyed != nil {
			limits[name] = l.Keyed
		}
	}
	return limits
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.newCall(w, r)
	defer s.finish(c)
	setHeaders(c)
	setDeadlines(c)
	if !s.hostAllowed(r.Host) {
		s.refuse(c, misdirected(r.Host))
		return
	}
	s.mux.ServeHTTP(c.w, c.Request)
}
