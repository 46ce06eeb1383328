package realtime

import (
	"slices"
	"time"
)

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
	var next time.Time
	for _, p := range parts {
		if p.due.After(now) {
			s.later = append(s.later, p)
			if next.IsZero() || p.due.Before(next) {
				next = p.due
			}
			continue
		}
		begun := time.Now()
		s.pass(p)
		ended := time.Now()
		p.due = ended.Add(s.gathering(len(p.members), ended.Sub(begun)))
	}
	clear(parts[len(s.later):])
	if !next.IsZero() {
		s.timer.Reset(time.Until(next)) // the passes have taken some of it
	}
}

// gathering is how long a room's events are gathered after a pass before the
// next: as long as the pass took. In small rooms it is nothing, and an event
// that comes later goes out at once. Without a pause, passes take the processor
// from those who read and commit what is to come, and the next one finds little.
func (s *shard) gathering(members int, took time.Duration) time.Duration {
	if members < gatherFrom {
		return 0
	}
	return min(took, s.hub.timing.Gather)
}

// gatherFrom is how many members make a room large enough for a pause.
const gatherFrom = 16

// pass gives the members of a part all that is there now, and lets go of a
// part without members.
func (s *shard) pass(p *part) {
	s.advance(p)
	s.tidy(p)
}

func (s *shard) advance(p *part) {
	stop := p.room.end(p)
	for p.room.era.isPresent() { // who was to leave is still a member of a part of an era that is over
		piece, ok := p.room.take(p, stop)
		if !ok {
			break
		}
		switch {
		case piece.mark != nil:
			s.apply(p, piece.mark)
		case piece.lost:
			s.leaveBehind(p, piece)
		case piece.veil != nil:
			s.serveVeiled(p, piece)
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
		if c.out != nil && len(piece.bytes) <= maxSpareBytes {
			s.flushWith(c, p, piece)
			continue
		}
		if n := s.try(c, piece.bytes); n < len(piece.bytes) {
			rest, last := cut(piece.bytes, n, piece.before)
			s.fallBehind(c, rest, p, last)
		}
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
		return c.tryOther(b)
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
