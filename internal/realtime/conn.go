package realtime

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/wire"
)

// conn is one socket. It is kept small: there may be very many that do
// nothing. While it keeps up it has no buffer and no timer, and between two
// messages it is parked and has no goroutine either; where there is no
// parking it has one, which is blocked in a read of head.
type conn struct {
	hub     *Hub
	shard   *shard
	net     net.Conn
	raw     syscall.RawConn // nil if writes cannot be tried without waiting
	who     chat.UserRef
	role    chat.Role
	session chat.SessionID
	expires int64 // when the session does, in Unix milliseconds; 0: never

	closing atomic.Bool // a close frame is on its way, or the socket is gone
	alive   atomic.Bool // something was read since the last ping
	awaits  atomic.Bool // a resume has come
	parted  atomic.Bool // the close frame is out
	parked  atomic.Bool // it has no goroutine, until something comes
	fd      int32       // the socket's, once it was parked; the reader's own

	// The shard's own.
	seats []*part   // where it is a member
	lag   *laggard  // while it is behind, nil otherwise
	out   []byte    // frames for it alone that were gathered in this turn, nil otherwise
	fresh *newcomer // while it waits for its seats, nil otherwise
	place int32     // index in its slot of the wheel
	slot  uint8     // of the wheel
	state connState

	// The reader's own.
	head     [14]byte // first bytes of a frame: the longest header fits
	resumed  bool
	bad      uint8         // frames that could not be decoded since badFrom
	controls uint8         // control frames since ctrlFrom
	badFrom  uint32        // unix seconds
	ctrlFrom uint32        // unix seconds
	asked    int64         // see askLimit
	slots    chan struct{} // one for each unanswered send, made with the first
}

// connState is how far a connection has got, as its shard sees it.
type connState uint8

const (
	connNew      connState = iota // has not resumed
	connSeated                    // gets the events of its rooms
	connStranded                  // has its seats in a history that is gone
	connLeft                      // gets nothing any more
)

// newcomer is what matters of a connection only until it has its seats.
type newcomer struct {
	since   time.Time
	pending []pendingMark // joins and leaves meanwhile
}

// maxUnanswered is how many sends of one connection may wait for their
// answers; beyond it nothing more is read from it.
const maxUnanswered = 64

// waits reports whether the connection is about to take its seats. The
// shard's own.
func (c *conn) waits() bool { return c.state == connNew || c.state == connStranded }

func (c *conn) user() chat.UserID { return c.who.ID }

// principal is whom the connection acts for, as far as use cases ask.
func (c *conn) principal() chat.Principal {
	return chat.Principal{
		User:    chat.User{UserRef: c.who, Role: c.role},
		Session: chat.Session{ID: c.session, User: c.who.ID},
	}
}

// post queues a frame for this connection alone. It is lost if the
// connection is closing; if the shard is overwhelmed the connection is
// closed with 1013.
func (c *conn) post(frame []byte) {
	if !c.shard.post(c, frame) {
		c.close(wire.CloseOverloaded, retryReason)
	}
}

const retryReason = "retry=5"

// close starts the closing of the socket: what is queued is sent, then the
// close frame, then the peer has a moment to do the same. The first call
// decides the code.
func (c *conn) close(code wire.CloseCode, reason string) {
	if !c.closing.CompareAndSwap(false, true) {
		return
	}
	c.hub.stats.closed(code)
	frame := closeFrame(code, reason)
	c.shard.command(func() { c.shard.hangUp(c, frame) })
}

// cutOff ends the socket at once. The reader notices and cleans up.
func (c *conn) cutOff() {
	if c.closing.CompareAndSwap(false, true) {
		c.hub.stats.closed(closedWithoutWord)
	}
	_ = c.net.Close()
	c.wake()
}

// closedWithoutWord is what clients see as 1006: no close frame came.
const closedWithoutWord wire.CloseCode = 1006

// partWays half-closes the socket after our close frame and gives the peer a
// moment for its own.
func (c *conn) partWays() {
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	c.parted.Store(true)
	_ = c.net.SetReadDeadline(time.Now().Add(c.hub.timing.Linger))
	c.wake()
}

// finish is the end of the reader, and with it of the connection.
func (c *conn) finish() {
	if c.closing.CompareAndSwap(false, true) {
		c.hub.stats.closed(closedWithoutWord)
	}
	_ = c.net.Close()
	if c.fd != noFD {
		c.hub.parking.forget(c)
	}
	last := c.hub.people.remove(c)
	c.hub.presence.leave(c, last)
	c.shard.command(func() { c.shard.remove(c) })
}

// unsent is how much the socket holds that the peer has not acknowledged;
// 0 where that cannot be told.
func (c *conn) unsent() (n int) {
	if c.raw == nil {
		return 0
	}
	_ = c.raw.Control(func(fd uintptr) {
		n, _ = unix.IoctlGetInt(int(fd), unix.TIOCOUTQ)
	})
	return n
}

// tryOther is a write that does not wait to a socket without a descriptor:
// one that knows how to do that takes something, all others nothing.
func (c *conn) tryOther(b []byte) int {
	if planted.Bug == planted.SlowBlocks {
		n, _ := c.net.Write(b)
		return n
	}
	socket, ok := c.net.(interface{ TryWrite([]byte) (int, error) })
	if !ok {
		return 0
	}
	n, err := socket.TryWrite(b)
	if err != nil {
		c.cutOff()
		return len(b)
	}
	return n
}
