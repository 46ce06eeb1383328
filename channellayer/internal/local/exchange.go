// Package local owns the channels and groups of one process: mailboxes, their
// capacity and expiry, and who is in which group. All backends are built on it;
// the in-memory one is hardly more. It knows nothing of any bus.
package local

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

// Exchange is the post office of one process. It is safe for concurrent use.
type Exchange struct {
	Counters channellayer.Counters

	options channellayer.Options
	process string // 32 hex digits
	lastID  atomic.Uint64
	done    chan struct{} // closed by Shutdown

	// mu is taken before any part's lock.
	mu     sync.RWMutex
	boxes  map[string]*box   // guarded by mu; by full name
	parts  map[string]*part  // guarded by mu; by non-local part, specific channels only
	groups map[string]*group // guarded by mu
	closed bool              // guarded by mu
	swept  int               // guarded by mu; boxes left by the last sweep
}

// maxParts bounds the prefixes of NewChannel: each is a queue of its own.
const maxParts = 64

// New returns an empty exchange. Options must have their defaults filled in.
func New(o channellayer.Options) (*Exchange, error) {
	var id [16]byte
	if _, err := io.ReadFull(o.Random, id[:]); err != nil {
		return nil, fmt.Errorf("channellayer: name of the process: %w", err)
	}
	return &Exchange{
		options: o,
		process: hex.EncodeToString(id[:]),
		done:    make(chan struct{}),
		boxes:   make(map[string]*box),
		parts:   make(map[string]*part),
		groups:  make(map[string]*group),
	}, nil
}

// Process returns the 32 hex digits that are part of every specific channel's
// name here.
func (x *Exchange) Process() string { return x.process }

// Done is closed when the exchange is shut down.
func (x *Exchange) Done() <-chan struct{} { return x.done }

// Name returns a fresh name for a specific channel; see Layer.NewChannel.
func (x *Exchange) Name(prefix string) (string, error) {
	if prefix == "" {
		prefix = "parley"
	}
	name := prefix + "." + x.process + "!" + strconv.FormatUint(x.lastID.Add(1), 36)
	if channellayer.CheckGroup(prefix) != nil || channellayer.CheckChannel(name) != nil {
		return "", fmt.Errorf("%w: prefix", channellayer.ErrBadName)
	}
	return name, nil
}

// Open makes the mailbox of a specific channel.
func (x *Exchange) Open(name string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return channellayer.ErrClosed
	}
	if x.boxes[name] != nil {
		return nil
	}
	if x.full() {
		return fmt.Errorf("%w: %d channels", channellayer.ErrTooMany, len(x.boxes))
	}
	key := channellayer.NonLocal(name)
	p := x.parts[key]
	if p == nil {
		if len(x.parts) >= maxParts {
			return fmt.Errorf("%w: %d prefixes", channellayer.ErrTooMany, len(x.parts))
		}
		p = newPart()
		x.parts[key] = p
	}
	x.boxes[name] = newBox(name, p, x.options.CapacityOf(name))
	return nil
}

// NewChannel is Name and Open in one.
func (x *Exchange) NewChannel(prefix string) (string, error) {
	name, err := x.Name(prefix)
	if err != nil {
		return "", err
	}
	return name, x.Open(name)
}

// IsOpen tells whether the specific channel has a mailbox here.
func (x *Exchange) IsOpen(channel string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.boxes[channel] != nil
}

// Send puts m into a channel's mailbox; that of a normal channel is made if
// need be. A specific channel that is not open is counted, not an error.
func (x *Exchange) Send(channel string, m channellayer.Message) error {
	b, err := x.boxFor(channel)
	if err != nil {
		return err
	}
	if b == nil {
		x.Counters.Drop(channellayer.DropNoReader, 1)
		return nil
	}
	now := x.options.Now()
	b.part.mu.Lock()
	result, expired := b.offer(m, now, now.Add(x.options.Expiry), m.Size(), x.options.CapacityBytes)
	b.part.mu.Unlock()
	if result == queued {
		b.ring()
	}
	x.Counters.Drop(channellayer.DropExpired, expired)
	return x.count(result)
}

func (x *Exchange) count(result outcome) error {
	switch result {
	case full:
		x.Counters.Drop(channellayer.DropFull, 1)
		return channellayer.ErrFull
	case gone:
		x.Counters.Drop(channellayer.DropNoReader, 1)
	default:
		x.Counters.Queued.Add(1)
	}
	return nil
}

// boxFor returns the mailbox to send to, or nil for a specific channel that is
// not open.
func (x *Exchange) boxFor(channel string) (*box, error) {
	x.mu.RLock()
	b, closed := x.boxes[channel], x.closed
	x.mu.RUnlock()
	switch {
	case closed:
		return nil, channellayer.ErrClosed
	case b != nil || channellayer.IsSpecific(channel):
		return b, nil
	}
	return x.normal(channel)
}

// normal returns the mailbox of a normal channel, made if need be.
func (x *Exchange) normal(channel string) (*box, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil, channellayer.ErrClosed
	}
	if b := x.boxes[channel]; b != nil {
		return b, nil
	}
	if x.full() {
		return nil, fmt.Errorf("%w: %d channels", channellayer.ErrTooMany, len(x.boxes))
	}
	b := newBox(channel, newPart(), x.options.CapacityOf(channel))
	x.boxes[channel] = b
	return b, nil
}

// full tells whether no further mailbox fits. Mailboxes of normal channels come
// into being by being sent to, so those that have nothing left to read are
// cleared away first, at the latest when their number has doubled. Caller holds
// x.mu.
func (x *Exchange) full() bool {
	if len(x.boxes) >= 2*x.swept+64 || len(x.boxes) >= x.options.MaxChannels {
		x.sweep()
	}
	return len(x.boxes) >= x.options.MaxChannels
}

// sweep removes empty mailboxes of normal channels. Caller holds x.mu.
func (x *Exchange) sweep() {
	now := x.options.Now()
	for name, b := range x.boxes {
		if channellayer.IsSpecific(name) || len(b.groups) > 0 {
			continue
		}
		b.part.mu.Lock()
		x.Counters.Drop(channellayer.DropExpired, b.part.expire(now))
		idle := b.part.count == 0 && b.waiting == 0
		if idle {
			b.end()
		}
		b.part.mu.Unlock()
		if idle {
			delete(x.boxes, name)
		}
	}
	x.swept = len(x.boxes)
}

// Receive waits for a message; see Layer.Receive. The name has been checked.
func (x *Exchange) Receive(ctx context.Context, name string) (string, channellayer.Message, error) {
	for {
		p, q, b, err := x.queueOf(name)
		if err != nil {
			return "", channellayer.Message{}, err
		}
		channel, m, err := x.await(ctx, p, q, b)
		if err == errSwept {
			continue
		}
		return channel, m, err
	}
}

// queueOf finds what to read: a box's queue or, for a non-local part, the
// part's with a nil box.
func (x *Exchange) queueOf(name string) (*part, *queue, *box, error) {
	x.mu.RLock()
	b, p, closed := x.boxes[name], x.parts[name], x.closed
	x.mu.RUnlock()
	switch {
	case closed:
		return nil, nil, nil, channellayer.ErrClosed
	case p != nil:
		return p, &p.order, nil, nil
	case b == nil && channellayer.IsSpecific(name):
		return nil, nil, nil, channellayer.ErrNoChannel
	case b == nil:
		var err error
		if b, err = x.normal(name); err != nil {
			return nil, nil, nil, err
		}
	}
	return b.part, &b.queue, b, nil
}

// errSwept: the mailbox of a normal channel was cleared away between being
// looked up and being waited on.
var errSwept = fmt.Errorf("%w: swept", channellayer.ErrNoChannel)

func (x *Exchange) await(ctx context.Context, p *part, q *queue, b *box) (string, channellayer.Message, error) {
	ended := x.done
	if b != nil {
		ended = b.ended // closed by Shutdown as well
		if !b.wait(1) {
			return "", channellayer.Message{}, x.endError(b)
		}
		defer b.wait(-1)
	}
	for {
		if channel, m, ok := x.pop(p, q); ok {
			return channel, m, nil
		}
		select {
		case <-q.bell:
		case <-ctx.Done():
			return "", channellayer.Message{}, ctx.Err()
		case <-ended:
			return "", channellayer.Message{}, x.endError(b)
		}
	}
}

// endError tells why a box, or all of them, ended.
func (x *Exchange) endError(b *box) error {
	select {
	case <-x.done:
		return channellayer.ErrClosed
	default:
	}
	if channellayer.IsSpecific(b.name) {
		return channellayer.ErrNoChannel
	}
	return errSwept
}

// wait notes that one more, or one less, Receive is under way. It returns false
// if the box is closed.
func (b *box) wait(n int) bool {
	b.part.mu.Lock()
	defer b.part.mu.Unlock()
	b.waiting += n
	return b.open
}

// pop takes the first message of a queue that is not too old.
func (x *Exchange) pop(p *part, q *queue) (string, channellayer.Message, bool) {
	p.mu.Lock()
	if q.head == nil {
		p.mu.Unlock()
		return "", channellayer.Message{}, false
	}
	expired := p.expire(x.options.Now())
	e := q.head
	if e == nil {
		p.mu.Unlock()
		x.Counters.Drop(channellayer.DropExpired, expired)
		return "", channellayer.Message{}, false
	}
	b, m := p.take(e)
	more := q.head != nil
	p.mu.Unlock()
	if more {
		q.ring() // for another reader of the same queue
	}
	x.Counters.Drop(channellayer.DropExpired, expired)
	x.Counters.Received.Add(1)
	return b.name, m, true
}

// Take returns the first message of a channel if there is one, without waiting.
func (x *Exchange) Take(name string) (channellayer.Message, bool) {
	x.mu.RLock()
	b := x.boxes[name]
	x.mu.RUnlock()
	if b == nil {
		return channellayer.Message{}, false
	}
	_, m, ok := x.pop(b.part, &b.queue)
	return m, ok
}

// HasRoom tells whether a non-local part of this process has drained to half
// of its capacity.
func (x *Exchange) HasRoom(part string) bool {
	x.mu.RLock()
	p := x.parts[part]
	x.mu.RUnlock()
	if p == nil {
		return true
	}
	now := x.options.Now()
	p.mu.Lock()
	expired := p.expire(now)
	room := 2*p.count <= x.options.Capacity && 2*p.bytes <= x.options.CapacityBytes
	p.mu.Unlock()
	x.Counters.Drop(channellayer.DropExpired, expired)
	return room
}

// Free returns how many more messages a non-local part of this process takes.
func (x *Exchange) Free(part string) int {
	x.mu.RLock()
	p := x.parts[part]
	x.mu.RUnlock()
	if p == nil {
		return x.options.Capacity
	}
	if free := x.options.Capacity - p.length(); free > 0 {
		return free
	}
	return 0
}

// Close ends a specific channel and returns the groups that lost their last
// member by it.
func (x *Exchange) Close(channel string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	b := x.boxes[channel]
	if b == nil {
		return nil
	}
	delete(x.boxes, channel)
	var emptied []string
	for name, g := range b.groups {
		if x.leave(name, g, b) {
			emptied = append(emptied, name)
		}
	}
	x.end(b)
	return emptied
}

// end closes a box and counts what was in it. Caller holds x.mu.
func (x *Exchange) end(b *box) {
	b.part.mu.Lock()
	dropped := b.end()
	b.part.mu.Unlock()
	x.Counters.Drop(channellayer.DropClosed, dropped)
}

// Clear forgets all messages and memberships; channels stay open. It returns
// the groups that had members.
func (x *Exchange) Clear() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	names := make([]string, 0, len(x.groups))
	for name := range x.groups {
		names = append(names, name)
	}
	clear(x.groups)
	for _, b := range x.boxes {
		clear(b.groups)
		b.part.mu.Lock()
		for b.queue.head != nil {
			b.part.take(b.queue.head)
		}
		b.part.mu.Unlock()
	}
	return names
}

// Shutdown closes everything. It returns false if that was done before.
func (x *Exchange) Shutdown() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return false
	}
	x.closed = true
	close(x.done)
	for _, b := range x.boxes {
		x.end(b)
	}
	clear(x.boxes)
	clear(x.groups)
	return true
}

// Stats returns the counters and what is here now.
func (x *Exchange) Stats() channellayer.Stats {
	s := x.Counters.Snapshot()
	x.mu.RLock()
	defer x.mu.RUnlock()
	s.Channels, s.Groups = len(x.boxes), len(x.groups)
	for _, p := range x.parts {
		s.Waiting += p.length()
	}
	for name, b := range x.boxes {
		if !channellayer.IsSpecific(name) {
			s.Waiting += b.part.length()
		}
	}
	return s
}

func (p *part) length() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// deadline returns now and the time at which a message put in now expires.
func (x *Exchange) deadline() (now, expires time.Time) {
	now = x.options.Now()
	return now, now.Add(x.options.Expiry)
}
