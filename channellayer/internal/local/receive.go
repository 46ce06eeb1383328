package local

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/channellayer"
)

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
