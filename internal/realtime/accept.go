package realtime

import (
	"encoding/base64"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gobwas/ws"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// Refusals of a handshake.
var (
	errFull        = &chat.Error{Kind: chat.Overloaded, Code: "too_many_connections", Detail: "The server has no room for more connections. Try again in a moment.", RetryAfter: 5 * time.Second}
	errDraining    = &chat.Error{Kind: chat.Overloaded, Code: "restarting", Detail: "The server is restarting. Try again in a moment.", RetryAfter: 2 * time.Second}
	errTooManyOpen = &chat.Error{Kind: chat.TooMany, Code: "too_many_own_connections", Detail: "You have too many connections open. Close one first.", RetryAfter: 5 * time.Second}
)

func badHandshake(detail string) error {
	return &chat.Error{Kind: chat.Invalid, Code: "bad_handshake", Detail: detail}
}

// Accept turns the request into a socket for the principal and returns;
// whoever calls has checked the sign-in and the origin. An error means that
// the request was refused and that nothing has been written to w, except
// where the connection itself failed: then there is nobody to tell.
func (h *Hub) Accept(w http.ResponseWriter, r *http.Request, p chat.Principal) error {
	if err := checkHandshake(w, r); err != nil {
		return err
	}
	if h.draining.Load() {
		return errDraining
	}
	if err := h.people.expect(p.User.ID, h.limits); err != nil {
		return err
	}
	c := h.newConn(&p)
	early, err := c.upgrade(w, r)
	if err != nil {
		h.people.miss(p.User.ID)
		return nil
	}
	h.people.add(c)
	h.greet(c, &p.User, early)
	return nil
}

// checkHandshake is what RFC 6455 asks of a client, and our subprotocol.
func checkHandshake(w http.ResponseWriter, r *http.Request) error {
	switch {
	case r.Method != http.MethodGet || r.ProtoMajor != 1 || r.ProtoMinor < 1:
		return badHandshake("A WebSocket handshake is a GET over HTTP/1.1.")
	case !hasToken(r.Header["Connection"], "upgrade") || !hasToken(r.Header["Upgrade"], "websocket"):
		return badHandshake("This address speaks WebSocket: ask for an upgrade.")
	case r.Header.Get("Sec-Websocket-Version") != "13":
		w.Header().Set("Sec-Websocket-Version", "13")
		return badHandshake("The WebSocket version must be 13.")
	case !isKey(r.Header["Sec-Websocket-Key"]):
		return badHandshake("The WebSocket key must be there once: 16 bytes in base64.")
	case !slices.ContainsFunc(r.Header["Sec-Websocket-Protocol"], offersUs):
		return &chat.Error{Kind: chat.Invalid, Code: "bad_subprotocol", Detail: "The subprotocol must be " + wire.Subprotocol + "."}
	}
	return nil
}

func isKey(values []string) bool {
	if len(values) != 1 {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(values[0])
	return err == nil && len(key) == 16
}

func offersUs(list string) bool {
	for name := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(name) == wire.Subprotocol {
			return true
		}
	}
	return false
}

func hasToken(values []string, want string) bool {
	for _, value := range values {
		for token := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(token), want) {
				return true
			}
		}
	}
	return false
}

// newConn gives a connection to one of the shards. Of the principal it keeps
// what is asked for later.
func (h *Hub) newConn(p *chat.Principal) *conn {
	c := &conn{hub: h, who: p.User.UserRef, role: oneOf(p.User.Role), session: p.Session.ID, fd: noFD, fresh: &newcomer{}}
	if !p.Session.ExpiresAt.IsZero() {
		c.expires = p.Session.ExpiresAt.UnixMilli()
	}
	c.shard = h.shards[int(h.next.Add(1))%len(h.shards)]
	c.alive.Store(true)
	return c
}

// oneOf gives the role as one string for all who have it: each that was read
// from the database has memory of its own.
func oneOf(role chat.Role) chat.Role {
	for _, known := range []chat.Role{chat.RoleMember, chat.RoleBot, chat.RoleAdmin} {
		if role == known {
			return known
		}
	}
	return role
}

// upgrade takes the socket over from net/http. early is what the client has
// sent already.
func (c *conn) upgrade(w http.ResponseWriter, r *http.Request) (early []byte, err error) {
	upgrader := ws.HTTPUpgrader{
		Timeout:  c.hub.timing.Stall,
		Protocol: func(name string) bool { return name == wire.Subprotocol },
	}
	socket, buffers, _, err := upgrader.Upgrade(r, w)
	if err != nil {
		if socket != nil {
			_ = socket.Close()
		}
		return nil, err
	}
	c.net, c.raw = socket, rawOf(socket)
	n := buffers.Reader.Buffered()
	early, _ = buffers.Reader.Peek(n)
	return slices.Clone(early), nil
}

// rawOf gives what writes are tried on without waiting; nil for a socket
// that cannot do that, such as one with TLS.
func rawOf(socket net.Conn) syscall.RawConn {
	plain, ok := socket.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := plain.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// greet says hello and waits for what comes.
func (h *Hub) greet(c *conn, user *chat.User, early []byte) {
	hello := signalFrame(wire.Hello{
		Type: "hello", User: wire.UserOf(*user), Epoch: h.era.Load().epoch,
		Heartbeat: int(h.timing.Heartbeat / time.Second), Limits: h.told,
	})
	c.shard.command(func() { c.shard.welcome(c, hello) })
	if len(early) == 0 && c.park() {
		return
	}
	if !h.goes(func() { c.serve(early) }) {
		c.finish()
	}
}

// welcome gives a connection its turn in the wheel, unless it was closed
// before it came to that, as happens while the hub ends.
func (s *shard) welcome(c *conn, hello []byte) {
	if c.state == connLeft {
		return
	}
	s.wheel.add(c, time.Now())
	s.queue(c, hello)
}
