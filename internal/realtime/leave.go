package realtime

import (
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

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
	c.state, c.seats, c.fresh = connLeft, nil, nil
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
