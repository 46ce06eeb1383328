package realtime

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
)

// room is a room that somebody here is in, or was a moment ago: the end of
// its log, the parts of its membership that the shards own, and what is
// known of events that have not arrived yet.
type room struct {
	hub *Hub
	era *era
	id  chat.RoomID

	// users counts the seats and those who are about to take one. The room
	// is let go a while after the last, see Hub.letGo.
	users     atomic.Int32
	doubted   atomic.Bool  // see Hub.doubt
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

func newRoom(e *era, id chat.RoomID) *room {
	h := e.hub
	r := &room{hub: h, era: e, id: id, ready: make(chan struct{}), parts: make([]*part, len(h.shards))}
	r.log.keep = h.ring
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
	case head >= 0 && (seq == head+1 || planted.Bug == planted.HolesSkipped) && json != nil:
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
	r.arrive()
	for _, p := range r.parts {
		if p != nil && !p.queued && p.pos < r.log.end {
			p.queued = true
			woken = append(woken, p)
		}
	}
	return woken
}

// arrive has those look again who wait for events. Caller holds r.mu.
func (r *room) arrive() {
	if r.arrived != nil {
		close(r.arrived)
		r.arrived = nil
	}
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
	if t.deletes && planted.Bug != planted.TextInRing {
		r.log.redact()
	}
	start := r.log.end
	inside := r.log.append(json)
	if len(t.only) > 0 {
		r.log.veil(r.id, start, t.only)
	}
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

// replay gives frames that follow on after, contiguous in memory and at most
// up to the frame until, as the person may see them, with the number of the
// last. ok is false when the ring does not reach back so far. Without a newer
// frame bytes is empty.
func (r *room) replay(user chat.UserID, after, until chat.Seq) (bytes []byte, last chat.Seq, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.log.replays(after) {
		return nil, after, after >= r.log.head
	}
	until = min(until, r.log.head)
	if after >= until {
		return nil, after, true
	}
	from := r.log.offset(after + 1)
	veil, to := r.log.veilFrom(from, r.log.offset(until+1))
	bytes, last = r.log.read(from, to)
	if veil.hidesFrom(user) {
		bytes = veil.skip
	}
	return bytes, last, true
}

// erased is the newest event that may have deleted some text. A window that
// does not reach it may hold that text still.
func (r *room) erased() chat.Seq {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.erased
}

// await returns when the head has reached seq. The events on the way there
// are fetched if they do not come by themselves. The error is errTurned when
// the era is over.
func (r *room) await(ctx context.Context, seq chat.Seq) error {
	for {
		r.mu.Lock()
		if chat.Seq(r.head.Load()) >= seq {
			r.mu.Unlock()
			return nil
		}
		if !r.era.isPresent() {
			r.mu.Unlock()
			return errTurned
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
