package realtime

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// room is a room that somebody here is in, or was a moment ago: the end of
// its log, the parts of its membership that the shards own, and what is
// known of events that have not arrived yet.
type room struct {
	hub *Hub
	id  chat.RoomID

	// users counts the seats and those who are about to take one. The room
	// is let go a while after the last, see Hub.letGo.
	users     atomic.Int32
	idleSince atomic.Int64 // unix nanoseconds
	born      int64        // of Hub.births when it became active
	head      atomic.Int64 // copy of log.head; -1 until the room is open

	ready   chan struct{} // closed when the room is open or has failed
	openErr error         // why it failed; set before ready is closed

	mu       sync.Mutex
	log      ring                // guarded by mu
	parts    []*part             // guarded by mu; by shard, nil where nobody is
	marks    []mark              // guarded by mu; those that some part has yet to pass
	passed   int                 // guarded by mu; marks dropped from the front so far
	held     map[chat.Seq][]byte // guarded by mu; events that arrived too early
	target   chat.Seq            // guarded by mu; the log is known to reach it
	fetching bool                // guarded by mu; a repair is on its way
	arrived  chan struct{}       // guarded by mu; closed when the head moves, nil if nobody waits
}

// maxHeld bounds the events that wait for earlier ones. Beyond it only their
// numbers are remembered, and the events are fetched.
const maxHeld = 256

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

func newRoom(h *Hub, id chat.RoomID) *room {
	r := &room{hub: h, id: id, ready: make(chan struct{}), parts: make([]*part, len(h.shards))}
	r.head.Store(-1)
	r.idleSince.Store(h.now().UnixNano())
	return r
}

// open gives the room its head. What was committed meanwhile was held.
func (r *room) open(head chat.Seq) {
	r.mu.Lock()
	r.log.reset(head)
	r.head.Store(int64(head))
	woken := r.settle(nil)
	r.mu.Unlock()
	close(r.ready)
	wake(woken)
}

// fail ends the waiting for a room that cannot be opened.
func (r *room) fail(err error) {
	r.openErr = err
	close(r.ready)
}

// release takes back what Hub.enter counted.
func (r *room) release() {
	if r.users.Add(-1) == 0 {
		r.idleSince.Store(r.hub.now().UnixNano())
	}
}

// offer takes an event, from the committer or from another node: the next
// one is appended, one that is known is dropped, one from further on waits
// for those before it. It returns the event's bytes inside the ring if it
// was appended.
func (r *room) offer(seq chat.Seq, json []byte) []byte {
	r.mu.Lock()
	inside, woken := r.admit(seq, json)
	r.mu.Unlock()
	wake(woken)
	return inside
}

func (r *room) admit(seq chat.Seq, json []byte) (inside []byte, woken []*part) {
	head := chat.Seq(r.head.Load())
	switch {
	case head >= 0 && seq <= head:
		return nil, nil
	case head >= 0 && seq == head+1 && json != nil:
		inside = r.append(json)
		return inside, r.settle(nil)
	}
	r.hold(seq, json)
	return nil, nil
}

// hold keeps an event, or at least its number. Caller holds r.mu.
func (r *room) hold(seq chat.Seq, json []byte) {
	r.target = max(r.target, seq)
	if json != nil && len(r.held) < maxHeld {
		if r.held == nil {
			r.held = map[chat.Seq][]byte{}
		}
		r.held[seq] = append([]byte(nil), json...)
	}
	r.mend()
}

// settle appends what was held and follows on the head now, wakes the
// parts that have work, and starts a repair if something is still missing.
// Caller holds r.mu and passes the result to wake after letting it go.
func (r *room) settle(woken []*part) []*part {
	for {
		next := r.log.head + 1
		json, found := r.held[next]
		if !found {
			break
		}
		delete(r.held, next)
		r.append(json)
	}
	for seq := range r.held {
		if seq <= r.log.head {
			delete(r.held, seq)
		}
	}
	r.mend()
	if r.arrived != nil {
		close(r.arrived)
		r.arrived = nil
	}
	for _, p := range r.parts {
		if p != nil && !p.queued && p.pos < r.log.end {
			p.queued = true
			woken = append(woken, p)
		}
	}
	return woken
}

// wake tells the shards of their parts' work. No lock is held.
func wake(parts []*part) {
	for _, p := range parts {
		p.shard.rouse(p)
	}
}

// append adds the next event. Caller holds r.mu.
func (r *room) append(json []byte) []byte {
	t := traitsOf(json)
	if t.deletes {
		r.log.redact()
	}
	start := r.log.end
	inside := r.log.append(json)
	r.head.Store(int64(r.log.head))
	if t.user != 0 && r.hub.people.here(t.user) {
		r.addMark(t, start)
	}
	if t.changes {
		r.hub.goes(func() { r.hub.presence.recheck(r.id) })
	}
	r.log.trim(r.slowest())
	return inside
}

// addMark notes a join or a leave of somebody who has connections here. Each
// shard that has one of them comes to it, with a part made for that if need
// be: a connection that is about to resume must know, see shard.remember.
// Caller holds r.mu.
func (r *room) addMark(t traits, start int64) {
	m := mark{at: start, seq: r.log.head, user: t.user, joined: t.joined}
	if !m.joined {
		m.at = r.log.end
	}
	number := r.passed + len(r.marks)
	r.marks = append(r.marks, m)
	for _, c := range r.hub.people.of(t.user) {
		if i := c.shard.number; r.parts[i] == nil {
			r.parts[i] = &part{room: r, shard: c.shard, pos: start, seq: m.seq - 1, mark: number}
		}
	}
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

// dropPart forgets a part without members, unless there is work for it.
func (r *room) dropPart(p *part) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.mark < r.passed+len(r.marks) || p.queued {
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
	lost   bool // the log has moved on too far: the members need another source
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

// replay gives frames that follow on after, contiguous in memory and at most
// up to the frame until, with the number of the last. ok is false when the
// ring does not reach back so far. Without a newer frame bytes is empty.
func (r *room) replay(after, until chat.Seq) (bytes []byte, last chat.Seq, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.log.replays(after) {
		return nil, after, after >= r.log.head
	}
	until = min(until, r.log.head)
	if after >= until {
		return nil, after, true
	}
	bytes, last = r.log.read(r.log.offset(after+1), r.log.offset(until+1))
	return bytes, last, true
}

// erasedAfter reports whether text may have been deleted that the window,
// which hears of it a little later, still holds in what follows on after.
func (r *room) erasedAfter(after chat.Seq) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return after < r.log.erased
}

// await returns when the head has reached seq. The events on the way there
// are fetched if they do not come by themselves.
func (r *room) await(ctx context.Context, seq chat.Seq) error {
	for {
		r.mu.Lock()
		if chat.Seq(r.head.Load()) >= seq {
			r.mu.Unlock()
			return nil
		}
		r.target = max(r.target, seq)
		r.mend()
		if r.arrived == nil {
			r.arrived = make(chan struct{})
		}
		arrived := r.arrived
		r.mu.Unlock()
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// partOf gives the shard's part of the room, or nil.
func (r *room) partOf(s *shard) *part {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts[s.number]
}
