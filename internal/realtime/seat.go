package realtime

import (
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/wire"
)

// place is where a connection is to sit: a room, and the event after which
// its frames begin.
type place struct {
	room  *room
	after chat.Seq
	head  chat.Seq // of the room when the list of places was read
}

// maxPending bounds the joins and leaves that a connection can wait out
// before it resumes.
const maxPending = 1024

// apply has the connections of the person at the mark join or leave. Nobody
// sits down in a room that was let go just now, before its last events came:
// it is opened again.
func (s *shard) apply(p *part, m *mark) {
	era := p.room.era
	if !era.isPresent() {
		return // those here are about to be told of it
	}
	active := s.hub.occupy(p.room) || planted.Bug == planted.GhostRoom
	if active {
		defer p.room.release()
	} else if m.joined {
		s.hub.hearJoined(era, p.room.id, m.seq, m.user)
	}
	for _, c := range s.hub.people.of(m.user) {
		if c.shard != s {
			continue
		}
		if c.state == connSeated && c.isLeftOver() {
			s.strand(c) // the hub is turning, and this comes before strandAll
		}
		switch {
		case c.waits():
			s.remember(c, p.room, m)
		case c.state == connSeated && m.joined && active:
			s.sit(c, p, m.seq-1)
		case c.state == connSeated && !m.joined && planted.Bug != planted.LeaveIgnored && s.stand(c, p):
			s.drop(c, p.room, m.seq, signalFrame(wire.RoomRemoved{Type: "room.removed", Room: p.room.id}))
			s.flushOut(c)
		}
	}
}

// remember keeps a mark for a connection that has not resumed: its list of
// rooms may have been read before.
func (s *shard) remember(c *conn, r *room, m *mark) {
	if len(c.fresh.pending) >= maxPending {
		c.close(wire.CloseOverloaded, retryReason)
		return
	}
	c.fresh.pending = append(c.fresh.pending, pendingMark{era: r.era, room: r.id, seq: m.seq, joined: m.joined})
}

// pendingMark is a mark that a connection came to before it had resumed.
type pendingMark struct {
	era    *era
	room   chat.RoomID
	seq    chat.Seq
	joined bool
}

// outdated reports whether somebody joined or left after the list of places
// was read: then it must be read again.
func outdated(places []place, pending []pendingMark) bool {
	final := map[chat.RoomID]pendingMark{}
	for _, m := range pending {
		final[m.room] = m
	}
	for _, at := range places {
		if m, found := final[at.room.id]; found {
			if m.seq > at.head {
				return true
			}
			delete(final, at.room.id)
		}
	}
	for _, m := range final {
		if m.joined {
			return true
		}
	}
	return false
}

// seat gives a connection the answer to its resume and then, in each of the
// rooms, what it has missed and all that follows. It does nothing and returns
// false when the places are outdated or of another era.
func (s *shard) seat(c *conn, era *era, answer []byte, places []place) bool {
	if !c.waits() {
		return true
	}
	if !era.isPresent() {
		return false
	}
	c.fresh.pending = slices.DeleteFunc(c.fresh.pending, func(m pendingMark) bool { return m.era != era })
	parts := make([]*part, len(places))
	for i, at := range places {
		parts[i] = at.room.partFor(s)
		if at.room.mustAdvance(parts[i], at.after) {
			s.advance(parts[i])
		}
	}
	if outdated(places, c.fresh.pending) && planted.Bug != planted.ListTrusted {
		for _, p := range parts {
			s.tidy(p)
		}
		return false
	}
	answer = appendRemoved(answer, c.seats, places)
	c.state, c.fresh = connSeated, nil
	s.queue(c, answer)
	c.seats = make([]*part, 0, len(places))
	for i, at := range places {
		s.sit(c, parts[i], at.after)
	}
	s.flushOut(c)
	return true
}

// sit makes a connection a member of a part and gives it the events between
// after and the part's position, if there are any.
func (s *shard) sit(c *conn, p *part, after chat.Seq) {
	if slices.Contains(c.seats, p) {
		return
	}
	if after = s.enclose(c, p, after); after < p.seq {
		s.flushOut(c)
	}
	c.seats = append(c.seats, p)
	p.members = append(p.members, c)
	p.room.users.Add(1)
	s.hub.presence.came(p.room, c)
	if c.lag != nil {
		c.lag.follow(p.room, after)
		return
	}
	s.catchUp(c, p, after)
}

// enclose puts what lies between after and the part's position behind the
// private frames that wait to be written, in whole pieces as long as they fit,
// and tells the last event that is there. Most who come back have missed little,
// and get it in one write with the answer to their resume. What the socket does
// not take of it is private to the laggard, and sent even if it is deleted until
// then: the deletion follows.
func (s *shard) enclose(c *conn, p *part, after chat.Seq) chat.Seq {
	for c.out != nil && c.lag == nil && after < p.seq {
		frames, last, ok := p.room.replay(c.user(), after, p.seq)
		if !ok || len(c.out)+len(frames) > maxSpareBytes {
			break
		}
		s.queue(c, frames)
		s.hub.stats.replayed.Add(uint64(last - after))
		after = last
	}
	return after
}

// catchUp writes what lies between after and the part's position; if that
// does not go at once, the connection falls behind.
func (s *shard) catchUp(c *conn, p *part, after chat.Seq) {
	if rest, done, ok := s.bring(c, p, after, endOfTime); !ok {
		s.fallBehind(c, rest, p, done)
	}
}

// bring writes the frames behind after, up to the part's position and not
// beyond until, from the ring. ok is false if they are not there or the socket does not take them
// all: then it tells the last that went out, and the rest of one that went
// out half.
func (s *shard) bring(c *conn, p *part, after, until chat.Seq) (rest []byte, done chat.Seq, ok bool) {
	for to := min(p.seq, until); after < to; {
		bytes, last, ok := p.room.replay(c.user(), after, to)
		if !ok {
			return nil, after, false
		}
		if n := s.try(c, bytes); n < len(bytes) {
			rest, done = cut(bytes, n, after)
			return rest, done, false
		}
		s.hub.stats.replayed.Add(uint64(last - after))
		after = last
	}
	return nil, after, true
}

// stand takes a connection out of one room; false if it was not there.
func (s *shard) stand(c *conn, p *part) bool {
	i := slices.Index(c.seats, p)
	if i < 0 {
		return false
	}
	c.seats = slices.Delete(c.seats, i, i+1)
	if i = slices.Index(p.members, c); i >= 0 {
		p.members = slices.Delete(p.members, i, i+1)
	}
	p.room.release()
	s.hub.presence.unwatch(c, p.room.id)
	s.hub.presence.left(p.room.id, c.user())
	return true
}
