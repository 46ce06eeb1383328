package realtime

import (
	"math"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
)

// part is what one shard has of a room: its members there and how far they
// have been served. Its position is the same for all members that keep up.
type part struct {
	room  *room
	shard *shard

	pos    int64    // guarded by room.mu; moved by the shard alone
	seq    chat.Seq // guarded by room.mu; number of the last frame before pos
	mark   int      // guarded by room.mu; marks applied, counted as room.passed is
	queued bool     // guarded by room.mu; the shard knows that there is work

	members []*conn   // the shard's own
	stale   bool      // the shard's own; members has some to be dropped
	due     time.Time // the shard's own; not before this is the next pass
}

// mark is a place in the log where somebody with connections here joins,
// just before the event that says so, or leaves, just after.
type mark struct {
	at     int64
	seq    chat.Seq
	user   chat.UserID
	joined bool
}

// before is the number of the last event in front of the mark.
func (m *mark) before() chat.Seq {
	if m.joined {
		return m.seq - 1
	}
	return m.seq
}

// partFor gives the shard's part of the room; a new one has passed all that
// there is.
func (r *room) partFor(s *shard) *part {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.parts[s.number]
	if p == nil {
		p = &part{room: r, shard: s, pos: r.log.end, seq: r.log.head, mark: r.passed + len(r.marks)}
		r.parts[s.number] = p
	}
	return p
}

// dropPart forgets a part without members, unless there is work for it. One
// that was dropped before may have a successor, which stays.
func (r *room) dropPart(p *part) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.parts[p.shard.number] != p && planted.Bug != planted.PartDropped || p.mark < r.passed+len(r.marks) || p.queued {
		return false
	}
	r.parts[p.shard.number] = nil
	return true
}

// slowest is the position of the part that is furthest behind. Caller holds
// r.mu.
func (r *room) slowest() int64 {
	pos := int64(math.MaxInt64)
	for _, p := range r.parts {
		if p != nil {
			pos = min(pos, p.pos)
		}
	}
	return pos
}

// span is a piece of the log on its way to the members of a part, or a mark
// that is to be applied.
type span struct {
	bytes  []byte
	before chat.Seq // number of the frame in front of bytes
	last   chat.Seq // number of the last frame in bytes
	mark   *mark
	veil   *veil // bytes are one frame that not everybody may see
	lost   bool  // the log has moved on too far: the members need another source
}

// end is where a pass that starts now stops.
func (r *room) end(p *part) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.queued = false
	return r.log.end
}

// take moves the part on by a span, at most to the offset stop. There is
// nothing more when ok is false.
func (r *room) take(p *part, stop int64) (s span, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.parts[p.shard.number] != p {
		return span{}, false // dropped while its shard was still to come to it
	}
	next := r.nextMark(p)
	if next != nil && next.at <= p.pos {
		p.mark++
		r.forgetMarks()
		return span{mark: next}, true
	}
	if next != nil {
		stop = min(stop, next.at)
	}
	if p.pos >= stop {
		return span{}, false
	}
	s = span{before: p.seq, lost: p.pos < r.log.begin()}
	if s.lost {
		p.pos, s.last = r.leap(stop, next)
	} else {
		s.veil, stop = r.log.veilFrom(p.pos, stop)
		s.bytes, s.last = r.log.read(p.pos, stop)
		p.pos += int64(len(s.bytes))
	}
	p.seq = s.last
	if r.log.first < r.log.floor {
		r.log.trim(r.slowest())
	}
	return s, true
}

// nextMark is a copy of the mark that the part comes to next, or nil. Caller
// holds r.mu.
func (r *room) nextMark(p *part) *mark {
	i := p.mark - r.passed
	if i >= len(r.marks) {
		return nil
	}
	m := r.marks[i]
	return &m
}

// leap is where a part goes on that the log has left behind: at the next
// mark if that is gone from the ring too, else at stop. Caller holds r.mu.
func (r *room) leap(stop int64, next *mark) (pos int64, last chat.Seq) {
	if next != nil && stop == next.at {
		return stop, next.before()
	}
	stop = max(stop, r.log.begin())
	return stop, r.log.before(stop)
}

// forgetMarks drops the marks that all parts have applied. Caller holds r.mu.
func (r *room) forgetMarks() {
	applied := r.passed + len(r.marks)
	for _, p := range r.parts {
		if p != nil {
			applied = min(applied, p.mark)
		}
	}
	r.marks = r.marks[applied-r.passed:]
	r.passed = applied
}

// partOf gives the shard's part of the room, or nil.
func (r *room) partOf(s *shard) *part {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts[s.number]
}

// mustAdvance reports whether the part has to go on before somebody who has come
// to the event after can be served with its members. It has to if it has not come
// to that event, or if on its way there are marks, of which one may contradict the
// list of their rooms, or text that is deleted by now, which is for those alone
// who were here before. All others wait for the next pass like everybody here: a
// pass for each of many who come back would write every message alone to each of
// those who are back already.
func (r *room) mustAdvance(p *part, after chat.Seq) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	erased := r.log.floor > p.seq+1 && planted.Bug != planted.TextOnItsWay
	return p.seq < after || r.nextMark(p) != nil || erased
}

// passedBy is the number of the last event that the shard has passed in this
// room; -1 where it has no part.
func (r *room) passedBy(s *shard) chat.Seq {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.parts[s.number]; p != nil {
		return p.seq
	}
	return -1
}
