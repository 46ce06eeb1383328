package local

import (
	"sync"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

// entry is one unread message. It hangs in two lists at once: the arrival order
// of its part and that of its box, so that either kind of Receive takes it out
// of both in constant time.
type entry struct {
	box     *box
	message channellayer.Message
	expires time.Time
	cost    int
	links   [lists]link
}

type link struct{ prev, next *entry }

// The two lists an entry is in.
const (
	byPart = iota
	byBox
	lists
)

// queue is one list of entries together with the bell that wakes a reader.
type queue struct {
	which      int // the link of an entry that this list uses
	head, tail *entry
	bell       chan struct{} // holds one token while there may be entries
}

func newQueue(which int) queue { return queue{which: which, bell: make(chan struct{}, 1)} }

func (q *queue) append(e *entry) {
	l := &e.links[q.which]
	l.prev, l.next = q.tail, nil
	if q.tail == nil {
		q.head = e
	} else {
		q.tail.links[q.which].next = e
	}
	q.tail = e
}

func (q *queue) remove(e *entry) {
	l := &e.links[q.which]
	if l.prev == nil {
		q.head = l.next
	} else {
		l.prev.links[q.which].next = l.next
	}
	if l.next == nil {
		q.tail = l.prev
	} else {
		l.next.links[q.which].prev = l.prev
	}
	*l = link{}
}

// ring leaves a token for a reader unless there is one.
func (q *queue) ring() {
	select {
	case q.bell <- struct{}{}:
	default:
	}
}

// ring wakes readers of the box and of its whole part.
func (b *box) ring() {
	b.queue.ring()
	b.part.order.ring()
}

// part is a non-local part: the channels that share a capacity and an arrival
// order. A normal channel is a part with one box.
type part struct {
	mu    sync.Mutex
	order queue  // guarded by mu
	count int    // guarded by mu; entries in order
	bytes int    // guarded by mu; sum of their costs
	free  *entry // guarded by mu; used entries, linked by their byPart next
	spare int    // guarded by mu; length of free
}

// maxSpare bounds the entries a part keeps for the next messages.
const maxSpare = 1024

func newPart() *part { return &part{order: newQueue(byPart)} }

// put appends a message to a box. Caller holds p.mu, has made sure that there is
// room, and rings both bells after unlocking, so that readers do not wake up only
// to wait for the lock.
func (p *part) put(b *box, m channellayer.Message, expires time.Time, cost int) {
	e := p.free
	if e == nil {
		e = &entry{}
	} else {
		p.free, e.links[byPart].next = e.links[byPart].next, nil
		p.spare--
	}
	e.box, e.message, e.expires, e.cost = b, m, expires, cost
	p.count++
	p.bytes += cost
	p.order.append(e)
	b.queue.append(e)
}

// take removes an entry from both lists. Caller holds p.mu.
func (p *part) take(e *entry) (*box, channellayer.Message) {
	b, m := e.box, e.message
	p.order.remove(e)
	b.queue.remove(e)
	p.count--
	p.bytes -= e.cost
	e.box, e.message = nil, channellayer.Message{}
	if p.spare < maxSpare {
		e.links[byPart].next, p.free = p.free, e
		p.spare++
	}
	return b, m
}

// expire removes the entries at the head that are too old and returns how many.
// All entries live equally long, so the oldest is the first. Caller holds p.mu.
func (p *part) expire(now time.Time) int {
	dropped := 0
	for p.order.head != nil && !p.order.head.expires.After(now) {
		p.take(p.order.head)
		dropped++
	}
	return dropped
}

// box is the mailbox of one channel.
type box struct {
	name     string
	part     *part
	capacity int
	queue    queue         // guarded by part.mu
	open     bool          // guarded by part.mu
	ended    chan struct{} // closed when the box is
	waiting  int           // guarded by part.mu; Receive calls on a normal channel
	groups   map[string]*group
	// groups is guarded by Exchange.mu
}

func newBox(name string, p *part, capacity int) *box {
	return &box{name: name, part: p, capacity: capacity, queue: newQueue(byBox), open: true, ended: make(chan struct{})}
}

// outcome of an offer.
type outcome int

const (
	queued outcome = iota
	full
	gone
)

// offer puts a message into a box if it is open and its part has room, and
// returns how many older messages it dropped for age. Caller holds b.part.mu.
func (b *box) offer(m channellayer.Message, now, expires time.Time, cost, maxBytes int) (outcome, int) {
	if !b.open {
		return gone, 0
	}
	p, expired := b.part, 0
	if p.count >= b.capacity || p.bytes+cost > maxBytes {
		expired = p.expire(now)
		if p.count >= b.capacity || p.bytes+cost > maxBytes {
			return full, expired
		}
	}
	p.put(b, m, expires, cost)
	return queued, expired
}

// end closes a box and returns how many unread messages went with it. Caller
// holds b.part.mu.
func (b *box) end() int {
	if !b.open {
		return 0
	}
	b.open = false
	close(b.ended)
	dropped := 0
	for b.queue.head != nil {
		b.part.take(b.queue.head)
		dropped++
	}
	return dropped
}
