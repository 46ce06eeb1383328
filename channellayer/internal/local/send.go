package local

import (
	"fmt"

	"github.com/parley-chat/parley/channellayer"
)

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
