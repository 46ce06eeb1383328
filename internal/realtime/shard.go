package realtime

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// shard is one of the goroutines that write: it alone touches the write
// side of its connections and its parts of the rooms' memberships. Others
// reach it through its inbox.
type shard struct {
	hub    *Hub
	number int
	bell   chan struct{}

	mu    sync.Mutex
	space sync.Cond // for readers that wait until the inbox is shorter
	inbox []mail    // guarded by mu
	ready []*part   // guarded by mu; parts that have work, each once

	// The goroutine's own.
	wheel wheel
	later []*part // parts whose next pass is not due
	timer *time.Timer
	flush []*conn  // connections with something in out
	spare [][]byte // buffers for out
	mails []mail   // the last inbox, to be used again
	parts []*part  // the last ready, to be used again

	// What write works on: one closure for all writes instead of one each.
	write   func(fd uintptr) bool
	writing []byte
	written int
	failed  error
}

// mail is a private frame for a connection, or a command.
type mail struct {
	conn  *conn
	frame []byte
	do    func()
}

// Bounds of an inbox. Readers wait when it is half full; others, who cannot,
// are refused when it is full. Commands are never refused: each is bounded
// by the number of connections and rooms.
const (
	inboxFull     = 64 << 10
	inboxHalfFull = inboxFull / 2
)

func newShard(h *Hub, number int) *shard {
	s := &shard{hub: h, number: number, bell: make(chan struct{}, 1)}
	s.space.L = &s.mu
	s.write = func(fd uintptr) bool {
		s.written, s.failed = writeOnce(int(fd), s.writing)
		return true
	}
	s.wheel.init(h.timing)
	return s
}

// writeOnce is one write that does not wait: how much was taken, and an
// error only if the socket is dead.
func writeOnce(fd int, b []byte) (int, error) {
	for {
		n, err := unix.Write(fd, b)
		switch err {
		case nil:
			return n, nil
		case unix.EAGAIN:
			return 0, nil
		case unix.EINTR:
		default:
			return 0, err
		}
	}
}

// post queues a private frame; false if the inbox is full.
func (s *shard) post(c *conn, frame []byte) bool {
	s.mu.Lock()
	if len(s.inbox) >= inboxFull {
		s.mu.Unlock()
		s.hub.stats.refused.Add(1)
		return false
	}
	s.inbox = append(s.inbox, mail{conn: c, frame: frame})
	s.mu.Unlock()
	s.ring()
	return true
}

// postWaiting is post for readers: it waits for space, so that a flood of
// small requests is slowed down where it comes from.
func (s *shard) postWaiting(c *conn, frame []byte) {
	s.mu.Lock()
	for len(s.inbox) >= inboxHalfFull && s.hub.ctx.Err() == nil {
		s.space.Wait()
	}
	s.inbox = append(s.inbox, mail{conn: c, frame: frame})
	s.mu.Unlock()
	s.ring()
}

// command has the shard's goroutine do something.
func (s *shard) command(do func()) {
	s.mu.Lock()
	s.inbox = append(s.inbox, mail{do: do})
	s.mu.Unlock()
	s.ring()
}

// rouse tells the shard that a part has work; its queued mark is set.
func (s *shard) rouse(p *part) {
	s.mu.Lock()
	s.ready = append(s.ready, p)
	s.mu.Unlock()
	s.ring()
}

func (s *shard) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// run is the shard's goroutine. Started by New, ends with the hub.
func (s *shard) run() {
	s.timer = time.NewTimer(time.Hour)
	ticker := time.NewTicker(s.wheel.step)
	defer ticker.Stop()
	defer s.timer.Stop()
	for {
		select {
		case <-s.bell:
		case <-s.timer.C:
		case <-ticker.C:
			s.beat()
		case <-s.hub.ctx.Done():
			s.mu.Lock()
			s.space.Broadcast()
			s.mu.Unlock()
			return
		}
		s.turn()
	}
}

// turn does all that waits: first mail, then the rooms.
func (s *shard) turn() {
	s.mu.Lock()
	s.inbox, s.mails = s.mails[:0], s.inbox
	s.ready, s.parts = s.parts[:0], s.ready
	s.mu.Unlock()
	s.space.Broadcast()
	for i := range s.mails {
		s.open(&s.mails[i])
	}
	s.flushAll()
	clear(s.mails)
	s.passes()
}

func (s *shard) open(m *mail) {
	if m.do != nil {
		m.do()
		return
	}
	s.queue(m.conn, m.frame)
}

// passes serves the parts that have work and are due, and sets the timer for
// the others.
func (s *shard) passes() {
	parts := append(s.later, s.parts...)
	s.later = parts[:0]
	clear(s.parts)
	if len(parts) == 0 {
		return
	}
	now := time.Now()
	next := time.Duration(-1)
	for _, p := range parts {
		if wait := p.due.Sub(now); wait > 0 {
			s.later = append(s.later, p)
			if next < 0 || wait < next {
				next = wait
			}
			continue
		}
		s.pass(p)
		p.due = now.Add(s.gathering(len(p.members)))
	}
	clear(parts[len(s.later):])
	if next >= 0 {
		s.timer.Reset(next)
	}
}

// gathering is how long a room's events are gathered after a pass before the
// next. It saves writes: nothing in small rooms, where they are cheap, and
// more the more members each of them costs. An event after a pause goes out
// at once.
func (s *shard) gathering(members int) time.Duration {
	if members < gatherFrom {
		return 0
	}
	return min(time.Duration(members)*gatherPerMember, s.hub.timing.Gather)
}

const (
	gatherFrom      = 16
	gatherPerMember = 50 * time.Microsecond
)

// pass gives the members of a part all that is there now, and lets go of a
// part without members.
func (s *shard) pass(p *part) {
	s.advance(p)
	s.tidy(p)
}

func (s *shard) advance(p *part) {
	stop := p.room.end(p)
	for {
		piece, ok := p.room.take(p, stop)
		if !ok {
			break
		}
		switch {
		case piece.mark != nil:
			s.apply(p, piece.mark)
		case piece.lost:
			s.leaveBehind(p, piece)
		default:
			s.serve(p, piece)
		}
	}
}

// serve writes one span to every member that keeps up.
func (s *shard) serve(p *part, piece span) {
	served := 0
	for _, c := range p.members {
		if c.lag != nil || c.state != connSeated {
			continue
		}
		served++
		n := s.try(c, piece.bytes)
		if n == len(piece.bytes) {
			continue
		}
		rest, last := cut(piece.bytes, n, piece.before)
		s.fallBehind(c, rest, p, last)
	}
	s.hub.stats.deliveries.Add(uint64(served) * uint64(piece.last-piece.before))
	s.hub.stats.writes.Add(uint64(served))
	s.hub.stats.bytes.Add(uint64(served) * uint64(len(piece.bytes)))
}

// leaveBehind sends the members to another source for what the ring no
// longer holds.
func (s *shard) leaveBehind(p *part, piece span) {
	for _, c := range p.members {
		if c.lag == nil && c.state == connSeated {
			s.fallBehind(c, nil, p, piece.before)
		}
	}
}

// try writes as much of b as the socket takes at once. A dead socket takes
// everything: its reader will notice.
func (s *shard) try(c *conn, b []byte) int {
	if c.raw == nil {
		return 0
	}
	s.writing = b
	err := c.raw.Write(s.write)
	s.writing = nil
	if err == nil && s.failed == nil {
		return s.written
	}
	s.failed = nil
	c.cutOff()
	return len(b)
}

// queue puts a private frame behind those that the connection is to get in
// this turn.
func (s *shard) queue(c *conn, frame []byte) {
	switch {
	case c.state == connLeft || c.closing.Load():
	case c.lag != nil:
		if !c.lag.push(frame) {
			s.hub.stats.refused.Add(1)
			c.close(wire.CloseSlow, slowReason)
		}
	default:
		if c.out == nil {
			c.out = s.buffer()
			s.flush = append(s.flush, c)
		}
		c.out = append(c.out, frame...)
	}
}

func (s *shard) buffer() []byte {
	if n := len(s.spare); n > 0 {
		b := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return b
	}
	return make([]byte, 0, 512)
}

// Bounds of the buffers that are kept.
const (
	maxSpare      = 256
	maxSpareBytes = 16 << 10
)

func (s *shard) flushAll() {
	for i := range s.flush {
		s.flushOut(s.flush[i])
	}
	clear(s.flush)
	s.flush = s.flush[:0]
}

// flushOut writes the private frames gathered so far. The connection may have
// fallen behind since they came.
func (s *shard) flushOut(c *conn) {
	b := c.out
	if b == nil {
		return
	}
	c.out = nil
	n := 0
	if c.lag == nil {
		n = s.try(c, b)
	}
	if n < len(b) {
		s.keepUnsent(c, b, n)
	}
	if cap(b) <= maxSpareBytes && len(s.spare) < maxSpare {
		s.spare = append(s.spare, b[:0])
	}
}

// keepUnsent leaves to the laggard what a write of the frames in b did not
// take after n bytes.
func (s *shard) keepUnsent(c *conn, b []byte, n int) {
	if c.lag == nil {
		rest, _ := cut(b, n, 0)
		rest = slices.Clone(rest)
		n += len(rest)
		s.fallBehind(c, rest, nil, 0)
	}
	if !c.lag.push(b[n:]) {
		c.close(wire.CloseSlow, slowReason)
	}
}

// tidy drops members that have left, and the part if none is left.
func (s *shard) tidy(p *part) {
	if p.stale {
		p.stale = false
		p.members = slices.DeleteFunc(p.members, func(c *conn) bool { return c.state == connLeft })
	}
	if len(p.members) == 0 {
		p.room.dropPart(p)
	}
}

// hangUp sends the close frame and takes the connection out of its rooms.
func (s *shard) hangUp(c *conn, frame []byte) {
	if c.state == connLeft {
		return
	}
	s.flushOut(c)
	s.unseat(c)
	if c.lag != nil {
		c.lag.finish(frame)
		return
	}
	if n := s.try(c, frame); n < len(frame) {
		s.fallBehind(c, nil, nil, 0).finish(frame[n:])
		return
	}
	c.partWays()
}

// remove forgets a connection whose reader has ended.
func (s *shard) remove(c *conn) {
	s.wheel.remove(c)
	s.unseat(c)
}

// unseat takes a connection out of all its rooms.
func (s *shard) unseat(c *conn) {
	seats := c.seats
	c.state, c.seats, c.pending = connLeft, nil, nil
	for _, p := range seats {
		p.room.release()
		s.retire(p)
	}
}

// retire has the part tidied later in this turn or in the next, once for all
// who leave by then.
func (s *shard) retire(p *part) {
	if !p.stale {
		p.stale = true
		s.command(func() { s.tidy(p) })
	}
}

// vacate ends this shard's part of a deleted room.
func (s *shard) vacate(r *room) {
	p := r.partOf(s)
	if p == nil {
		return
	}
	frame := signalFrame(wire.RoomRemoved{Type: "room.removed", Room: r.id})
	for _, c := range slices.Clone(p.members) {
		if c.state == connSeated && s.stand(c, p) {
			s.drop(c, r, 0, frame)
		}
	}
	s.tidy(p)
}

// drop ends what a connection gets of a room after the event last.
func (s *shard) drop(c *conn, r *room, last chat.Seq, frame []byte) {
	if c.lag != nil {
		c.lag.until(r, last, frame)
		return
	}
	s.queue(c, frame)
}
