package realtime

import (
	"errors"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
)

// next gives whole frames to be sent: private ones first, then those of the
// rooms in turn.
func (l *laggard) next() ([]byte, error) {
	i, cur, private, err := l.pick()
	if private != nil || err != nil {
		return private, err
	}
	if chat.Seq(cur.room.head.Load())-cur.seq > maxBehind {
		return nil, errTooFar
	}
	frames, last, err := l.read(cur)
	if errors.Is(err, errTurned) && l.conn.hub.pause(l.conn.hub.timing.HoldBack) {
		return nil, nil // the cursor is about to end
	}
	if err != nil {
		return nil, err
	}
	l.conn.hub.stats.replayed.Add(uint64(last - cur.seq))
	l.mu.Lock()
	l.cursors[i].seq = last
	l.mu.Unlock()
	return frames, nil
}

// pick finds what is next: private frames, or a copy of the cursor of a room
// that has something.
func (l *laggard) pick() (i int, cur cursor, private []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i = l.findCursor()
	switch {
	case l.closing != nil:
		return 0, cursor{}, nil, errClosing
	case len(l.private) > 0:
		private, l.private, l.frames = l.private, nil, 0
		return 0, cursor{}, private, nil
	case i < 0:
		return 0, cursor{}, nil, errCaughtUp
	}
	cur = l.cursors[i]
	cur.until = l.bound(cur)
	return i, cur, nil, nil
}

// bound is the last event that may be sent now. Where the person may still be
// in the room, it is the part's position: beyond it there may be a mark,
// which says that the person has left. Caller holds l.mu, without which no
// mark can be passed that ends the cursor.
func (l *laggard) bound(cur cursor) chat.Seq {
	if cur.until != endOfTime || planted.Bug == planted.LaggardAhead {
		return cur.until
	}
	return cur.room.passedBy(l.conn.shard)
}

// findCursor gives the next cursor that has something, or -1, and removes
// those that have come to their end. Caller holds l.mu.
func (l *laggard) findCursor() int {
	for tried := 0; tried < len(l.cursors); {
		l.turn %= len(l.cursors)
		cur := &l.cursors[l.turn]
		if cur.seq >= cur.until {
			l.private = append(l.private, cur.last...)
			l.cursors = slices.Delete(l.cursors, l.turn, l.turn+1)
			continue
		}
		l.turn++
		if !l.blocked(l.turn-1) && min(l.bound(*cur), chat.Seq(cur.room.head.Load())) > cur.seq {
			return l.turn - 1
		}
		tried++
	}
	return -1
}

// blocked reports whether an earlier cursor of the same room, which may have
// been let go and opened again between the two, must come to its end first.
// Caller holds l.mu.
func (l *laggard) blocked(i int) bool {
	if !l.cursors[i].second {
		return false
	}
	for j := range i {
		if l.cursors[j].room.id == l.cursors[i].room.id && planted.Bug != planted.LeavingLast {
			return true
		}
	}
	l.cursors[i].second = false
	return false
}

// read gives some frames that follow on a cursor: from the ring, or else
// from the window or the database.
func (l *laggard) read(cur cursor) (frames []byte, last chat.Seq, err error) {
	if frames, last, ok := cur.room.replay(l.conn.user(), cur.seq, cur.until); ok {
		return frames, last, nil
	}
	to := min(cur.until, cur.seq+laggardPage, chat.Seq(cur.room.head.Load()))
	h := l.conn.hub
	entries, err := h.fetch(h.ctx, cur.room, cur.seq, to)
	if err == nil && len(entries) == 0 {
		err = chat.ErrNotFound
	}
	last = cur.seq
	for _, e := range entries {
		frames, last = appendFrame(frames, shownTo(l.conn.user(), cur.room.id, e)), e.Seq
	}
	return frames, last, err
}

// plain reports whether there is nothing to send but events of rooms that
// stay.
func (l *laggard) plain() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.cursors {
		if l.cursors[i].until != endOfTime || l.cursors[i].second {
			return false
		}
	}
	return l.closing == nil && len(l.private) == 0
}

// rejoin takes a connection back whose laggard has sent everything. What has
// come since is written here; if the socket does not take it the laggard goes
// on.
func (s *shard) rejoin(c *conn) {
	l := c.lag
	l.rest = nil
	level := l.plain()
	if level && c.state == connLeft {
		return // its reader has ended meanwhile: there is no seat to go back to
	}
	for i := 0; level && i < len(l.cursors); i++ {
		p := l.cursors[i].room.partOf(s)
		if p.room.mustAdvance(p, l.cursors[i].seq) {
			s.advance(p) // which may come to a mark and end the cursor
		}
		l.rest, l.cursors[i].seq, level = s.bring(c, p, l.cursors[i].seq, l.cursors[i].until)
		level = level && l.cursors[i].until == endOfTime // who has left is told so before a next joining
	}
	if level && l.plain() {
		c.lag = nil
		return
	}
	s.hub.goes(l.run)
}
