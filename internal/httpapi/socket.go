package httpapi

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/ratelimit"
	"github.com/parley-chat/parley/internal/service"
)

// socket lets a request become a socket.
func (s *Server) socket(_ http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	setAPIHeaders(c)
	if err := s.openSocket(c); err != nil {
		s.refuse(c, err)
	}
}

func (s *Server) openSocket(c *call) error {
	if err := s.admitSocket(c); err != nil {
		return err
	}
	release, err := s.open.take(ratelimit.AddressKey(c.address))
	if err != nil {
		return err
	}
	c.w.onClose = release
	err = s.Sockets.Accept(c.w, c.Request, c.principal)
	if c.w.status != http.StatusSwitchingProtocols && release != nil {
		release()
	}
	return err
}

// admitSocket checks who asks, and that no stranger's page does.
func (s *Server) admitSocket(c *call) error {
	err := s.signIn(c)
	if errors.Is(err, service.ErrNotSignedIn) {
		return errors.Join(s.handshakes.count(c), err)
	}
	if err != nil {
		return err
	}
	return s.checkSocketOrigin(c)
}

// addressSlots bounds the sockets that are open from one address.
type addressSlots struct {
	most int // 0: no limit, nothing is counted

	mu   sync.Mutex
	open map[string]int // guarded by mu; one entry an address with sockets
}

var errTooManySockets = &chat.Error{
	Kind: chat.TooMany, Code: "too_many_address_connections", RetryAfter: 5 * time.Second,
	Detail: "Too many connections are open from your address. Close one first.",
}

// take counts a socket. release, nil if nothing is counted, gives its place
// back and may be called more than once.
func (a *addressSlots) take(key string) (release func(), err error) {
	if a.most == 0 {
		return nil, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open[key] >= a.most {
		return nil, errTooManySockets
	}
	if a.open == nil {
		a.open = map[string]int{}
	}
	a.open[key]++
	return sync.OnceFunc(func() { a.give(key) }), nil
}

func (a *addressSlots) give(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open[key]--; a.open[key] == 0 {
		delete(a.open, key)
	}
}

// watchedConn tells when it is closed.
type watchedConn struct {
	net.Conn
	onClose func()
}

// Close ends the connection.
func (c watchedConn) Close() error {
	defer c.onClose()
	return c.Conn.Close()
}

// SyscallConn lets the connection be written to as the one inside can be.
func (c watchedConn) SyscallConn() (syscall.RawConn, error) {
	plain, ok := c.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return plain.SyscallConn()
}
