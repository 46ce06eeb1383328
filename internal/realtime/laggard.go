package realtime

import (
	"errors"
	"math"
	"os"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// Bounds of what a connection may be behind.
const (
	maxBehind        = 10_000 // events of one room
	maxPrivateBytes  = 1 << 20
	maxPrivateFrames = 512
	laggardPage      = 64 // events that are read at once from window or database
)

const slowReason = "slow, resume"

const endOfTime = chat.Seq(math.MaxInt64)

// laggard serves a connection whose socket did not take everything at once,
// or that has missed more than the rings hold. It has a goroutine, which
// waits for the socket, until all is sent; then the connection goes back to
// its shard.
type laggard struct {
	conn *conn
	rest []byte // of the frame that is half on its way; the goroutine's own
	turn int    // the cursor that is next; the goroutine's own

	mu      sync.Mutex
	cursors []cursor // guarded by mu; the shard adds, the goroutine removes
	private []byte   // guarded by mu; whole frames
	frames  int      // guarded by mu; in private
	closing []byte   // guarded by mu; the close frame, nil while there is none
}

// cursor is how far a laggard has got in one room.
type cursor struct {
	room   *room
	seq    chat.Seq
	until  chat.Seq // no event after it is for this connection
	last   []byte   // the frame behind until
	second bool     // the room may have an earlier cursor, which goes first
}

// fallBehind hands a connection to a laggard. rest is what is left of a frame
// that went out half; in the part p the connection has the events up to seq,
// in all others those up to their positions. Where it sat in a history that is
// gone, nothing more is wanted.
func (s *shard) fallBehind(c *conn, rest []byte, p *part, seq chat.Seq) *laggard {
	seats := c.seats
	if c.state == connStranded {
		seats = nil
	}
	l := &laggard{conn: c, rest: rest, cursors: make([]cursor, 0, len(seats))}
	for _, q := range seats {
		at := q.seq
		if q == p {
			at = seq
		}
		l.cursors = append(l.cursors, cursor{room: q.room, seq: at, until: endOfTime})
	}
	c.lag = l
	s.hub.goes(l.run)
	return l
}

// push queues a private frame; false if there are too many.
func (l *laggard) push(frame []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(frame) == 0 {
		return true
	}
	if len(l.private)+len(frame) > maxPrivateBytes || l.frames >= maxPrivateFrames {
		return false
	}
	l.private = append(l.private, frame...)
	l.frames++
	return true
}

// finish has the laggard send nothing more but what is half on its way, the
// private frames and the close frame.
func (l *laggard) finish(frame []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closing = frame
}

// follow adds a room whose events after seq are wanted.
func (l *laggard) follow(r *room, seq chat.Seq) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursors = append(l.cursors, cursor{room: r, seq: seq, until: endOfTime, second: true})
}

// until ends a room with the event seq and a last frame.
func (l *laggard) until(r *room, seq chat.Seq, last []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.cursors {
		if cur := &l.cursors[i]; cur.room == r && cur.until == endOfTime {
			cur.until, cur.last = seq, last
		}
	}
}

// strand ends all rooms at once: their history is gone. What is left to be
// said of those that the person has left is said before all that comes now:
// they may be in some of them again.
func (l *laggard) strand() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.cursors {
		l.private = append(l.private, l.cursors[i].last...)
		l.cursors[i].until, l.cursors[i].last = 0, nil
	}
}

// Why a laggard ends, besides failing to read.
var (
	errCaughtUp = errors.New("realtime: caught up")
	errClosing  = errors.New("realtime: closing")
	errTooFar   = errors.New("realtime: too far behind")
)

// run is the laggard's goroutine. Started by fallBehind and rejoin; it ends
// when all is sent, when the socket fails, or when it is given up.
func (l *laggard) run() {
	stats := &l.conn.hub.stats
	stats.laggards.Add(1)
	defer stats.laggards.Add(-1)
	half, b := true, l.rest
	for {
		if n, err := l.write(b); err != nil {
			l.stuck(b, n, half, err)
			return
		}
		var err error
		if b, err = l.next(); err != nil {
			l.leave(err)
			return
		}
		half = false
	}
}

// stuck ends a laggard whose write of b stopped after n bytes; half says
// that b is the rest of a frame and not whole frames.
func (l *laggard) stuck(b []byte, n int, half bool, err error) {
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
		l.conn.cutOff()
	case half:
		l.giveUp(b[n:])
	default:
		rest, _ := cut(b, n, 0)
		l.giveUp(rest)
	}
}

// leave ends a laggard that has no more to write.
func (l *laggard) leave(why error) {
	c := l.conn
	switch {
	case errors.Is(why, errCaughtUp):
		_ = c.net.SetWriteDeadline(time.Time{})
		c.shard.command(func() { c.shard.rejoin(c) })
	case errors.Is(why, errClosing):
		l.sayLast(l.farewell())
	case errors.Is(why, errTooFar):
		l.giveUp(nil)
	default:
		c.hub.log.Warn("missed events not read", "user", c.user(), "error", why)
		c.close(wire.CloseOverloaded, retryReason)
		l.sayLast(closeFrame(wire.CloseOverloaded, retryReason))
	}
}

// write waits for the socket as long as there is progress: the socket takes
// something, or the peer has taken some of what the socket holds.
func (l *laggard) write(b []byte) (n int, err error) {
	c := l.conn
	held := c.unsent()
	for n < len(b) {
		_ = c.net.SetWriteDeadline(time.Now().Add(c.hub.timing.Stall))
		some, err := c.net.Write(b[n:])
		n += some
		before := held
		held = c.unsent()
		late := errors.Is(err, os.ErrDeadlineExceeded)
		if err != nil && !(late && (some > 0 || held < before)) {
			return n, err
		}
	}
	return n, nil
}

// giveUp closes the connection as too slow. What is half sent is completed
// if the peer starts to read again within the time to linger, so that it can
// learn why.
func (l *laggard) giveUp(rest []byte) {
	l.conn.close(wire.CloseSlow, slowReason)
	l.sayLast(append(rest[:len(rest):len(rest)], closeFrame(wire.CloseSlow, slowReason)...))
}

func (l *laggard) sayLast(frames []byte) {
	c := l.conn
	_ = c.net.SetWriteDeadline(time.Now().Add(c.hub.timing.Linger))
	if _, err := c.net.Write(frames); err != nil {
		c.cutOff()
		return
	}
	c.partWays()
}

// farewell gives the private frames and the close frame.
func (l *laggard) farewell() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(l.private, l.closing...)
}
