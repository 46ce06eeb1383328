package realtime

import (
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/wire"
)

// queue puts frames for one connection behind those that it is to get in this
// turn. What was posted before a close goes out before it: answers of
// what is committed must not be lost to a peer that is still there.
func (s *shard) queue(c *conn, frames []byte) {
	switch {
	case c.state == connLeft:
	case c.lag != nil:
		if !c.lag.push(frames) {
			s.hub.stats.refused.Add(1)
			c.close(wire.CloseSlow, slowReason)
		}
	default:
		if c.out == nil {
			c.out = s.buffer()
			s.flush = append(s.flush, c)
		}
		c.out = append(c.out, frames...)
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

// flushOut writes the frames gathered so far. The connection may have
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
		s.keepUnsent(c, b, n, nil, 0)
	}
	s.recycle(b)
}

func (s *shard) recycle(b []byte) {
	if cap(b) <= maxSpareBytes && len(s.spare) < maxSpare {
		s.spare = append(s.spare, b[:0])
	}
}

// flushWith writes the private frames gathered so far and a span of the part,
// in one go. The connection has not fallen behind.
func (s *shard) flushWith(c *conn, p *part, piece span) {
	private := len(c.out)
	b := append(c.out, piece.bytes...)
	c.out = nil
	n := s.try(c, b)
	switch {
	case n < private:
		s.keepUnsent(c, b[:private], n, p, piece.before)
	case n < len(b):
		rest, last := cut(piece.bytes, n-private, piece.before)
		s.fallBehind(c, rest, p, last)
	}
	s.recycle(b)
}

// keepUnsent leaves to the laggard what a write of the frames in b did not
// take after n bytes. If there is none yet, p and seq are as in fallBehind.
func (s *shard) keepUnsent(c *conn, b []byte, n int, p *part, seq chat.Seq) {
	if c.lag == nil {
		rest, _ := cut(b, n, 0)
		if planted.Bug != planted.BufferReused {
			rest = slices.Clone(rest)
		}
		n += len(rest)
		s.fallBehind(c, rest, p, seq)
	}
	if !c.lag.push(b[n:]) {
		c.close(wire.CloseSlow, slowReason)
	}
}
