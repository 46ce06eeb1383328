package channelsredis

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

// normalQueue reads one normal channel for this process. It takes a message out
// of Redis only for a Receive that waits; one whose Receive is cancelled in the
// meantime stays here for the next. Its fields are guarded by Core.mu.
type normalQueue struct {
	waiting int       // Receive calls
	kept    []arrival // messages taken out and not yet handed on; at most as many as ever waited
	reading bool      // the reader runs
	bell    chan struct{}
}

type arrival struct {
	message channellayer.Message
	expires time.Time
}

const (
	normalBlock = time.Second
	maxQueues   = 32 // each takes a connection while it is read
)

// receiveNormal waits for a message of a normal channel.
func (l *Core) receiveNormal(ctx context.Context, channel string) (channellayer.Message, error) {
	q, err := l.enter(channel)
	if err != nil {
		return channellayer.Message{}, err
	}
	for {
		if m, ok := l.takeKept(channel, q); ok {
			return m, nil
		}
		select {
		case <-q.bell:
		case <-ctx.Done():
			err = ctx.Err()
		case <-l.exchange.Done():
			err = channellayer.ErrClosed
		}
		if err != nil {
			l.giveUp(channel, q)
			return channellayer.Message{}, err
		}
	}
}

// enter notes a waiting Receive and has the channel read.
func (l *Core) enter(channel string) (*normalQueue, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queues[channel]
	if q == nil {
		l.clearQueues()
		if len(l.queues) >= maxQueues {
			return nil, fmt.Errorf("%w: %d normal channels are read", channellayer.ErrTooMany, len(l.queues))
		}
		q = &normalQueue{bell: make(chan struct{}, 1)}
		l.queues[channel] = q
	}
	q.waiting++
	if !q.reading {
		q.reading = true
		l.ended.Go(func() { l.readNormal(channel, q) })
	}
	return q, nil
}

// clearQueues makes room by dropping what was kept for a next Receive that has
// not come. Caller holds l.mu.
func (l *Core) clearQueues() {
	now := l.options.Now()
	for channel, q := range l.queues {
		if q.waiting == 0 && !q.reading && (len(q.kept) == 0 || !q.kept[0].expires.After(now)) {
			l.exchange.Counters.Drop(channellayer.DropExpired, len(q.kept))
			delete(l.queues, channel)
		}
	}
}

// giveUp ends the waiting of a Receive that gets no message.
func (l *Core) giveUp(channel string, q *normalQueue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q.waiting--
	l.passOn(channel, q)
}

// passOn sees to the next Receive after one has ended. Caller holds l.mu.
func (l *Core) passOn(channel string, q *normalQueue) {
	if q.waiting > 0 && len(q.kept) > 0 {
		ring(q.bell)
	}
	if q.waiting == 0 && len(q.kept) == 0 && !q.reading {
		delete(l.queues, channel)
	}
}

// takeKept takes a message for a waiting Receive, which then waits no more.
func (l *Core) takeKept(channel string, q *normalQueue) (channellayer.Message, bool) {
	now := l.options.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(q.kept) > 0 {
		a := q.kept[0]
		q.kept = q.kept[1:]
		if !a.expires.After(now) {
			l.exchange.Counters.Drop(channellayer.DropExpired, 1)
			continue
		}
		q.waiting--
		l.passOn(channel, q)
		l.exchange.Counters.Received.Add(1)
		return a.message, true
	}
	return channellayer.Message{}, false
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// readNormal takes one message at a time, until nobody waits. Started by enter.
func (l *Core) readNormal(channel string, q *normalQueue) {
	for l.hungry(channel, q) {
		members, err := l.popFirst(l.key(channel), normalBlock)
		if err != nil {
			l.pause(pauseIfAway)
			continue
		}
		for _, member := range members {
			if m, _, ok := l.open(member); ok {
				l.keepMessage(q, m)
			}
		}
	}
}

// hungry tells whether a Receive waits for which no message has been taken yet.
// If not, the reader is over.
func (l *Core) hungry(channel string, q *normalQueue) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q.waiting > len(q.kept) && l.ctx.Err() == nil {
		return true
	}
	q.reading = false
	l.passOn(channel, q)
	return false
}

func (l *Core) keepMessage(q *normalQueue, m channellayer.Message) {
	expires := l.options.Now().Add(l.options.Expiry)
	l.mu.Lock()
	q.kept = append(q.kept, arrival{m, expires})
	l.mu.Unlock()
	l.exchange.Counters.Queued.Add(1)
	ring(q.bell)
}
