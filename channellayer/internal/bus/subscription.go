package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

// subscription is a channel that is wanted, whether or not it is there now.
type subscription struct {
	shard     *shard        // guarded by Bus.mu; where it has been asked for, nil if nowhere
	confirmed chan struct{} // guarded by Bus.mu; closed when it is in place, renewed when it is lost
	inPlace   bool          // guarded by Bus.mu
}

// Subscribe makes a channel wanted and waits until the subscription is in
// place, at most for Deadline. If the bus is down it does not wait. With
// ErrUnavailable the channel stays wanted, and comes into place when the bus
// does. Subscribing again only waits.
func (b *Bus) Subscribe(ctx context.Context, channel string) error {
	confirmed := b.want(channel)
	select {
	case <-confirmed:
		return nil
	default:
	}
	if s := b.session.Load(); s == nil || !s.linked(channel) {
		return fmt.Errorf("%w: redis is not connected", channellayer.ErrUnavailable)
	}
	return awaitPlace(ctx, confirmed)
}

// Start is Subscribe for a bus that has just been opened and is yet to connect:
// it waits in any case, and until every master of a cluster is connected, since
// the next channel may belong to another one.
func (b *Bus) Start(ctx context.Context, channel string) error {
	if err := awaitPlace(ctx, b.want(channel)); err != nil {
		return err
	}
	return awaitPlace(ctx, b.wasUp)
}

func awaitPlace(ctx context.Context, confirmed <-chan struct{}) error {
	timer := time.NewTimer(Deadline)
	defer timer.Stop()
	select {
	case <-confirmed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("%w: subscription is not in place", channellayer.ErrUnavailable)
	}
}

// want notes a channel and has it asked for.
func (b *Bus) want(channel string) <-chan struct{} {
	b.mu.Lock()
	sub := b.subs[channel]
	var ask *shard
	if sub == nil {
		sub = &subscription{confirmed: make(chan struct{})}
		b.subs[channel] = sub
		if s := b.session.Load(); s != nil {
			ask = s.shardOf(channel)
		}
		sub.shard = ask
	}
	confirmed := sub.confirmed
	b.mu.Unlock()
	if ask != nil {
		ask.order(channel, true)
	}
	return confirmed
}

// UnsubscribeIf ends a subscription if unwanted says so. It is asked under the
// bus's lock, so that a Subscribe that begins afterwards finds none.
func (b *Bus) UnsubscribeIf(channel string, unwanted func() bool) {
	b.mu.Lock()
	sub := b.subs[channel]
	if sub == nil || !unwanted() {
		b.mu.Unlock()
		return
	}
	delete(b.subs, channel)
	shard := sub.shard
	b.mu.Unlock()
	if shard != nil {
		shard.order(channel, false)
	}
}

// Unsubscribe ends a subscription.
func (b *Bus) Unsubscribe(channel string) {
	b.UnsubscribeIf(channel, func() bool { return true })
}

// assign gives all channels that belong to a shard to it and returns them.
func (b *Bus) assign(s *shard) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var mine []string
	for channel, sub := range b.subs {
		if s.session.shardOf(channel) != s {
			continue
		}
		sub.lose()
		sub.shard = s
		mine = append(mine, channel)
	}
	return mine
}

// release notes that a shard's connection is gone.
func (b *Bus) release(s *shard) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, sub := range b.subs {
		if sub.shard == s {
			sub.lose()
			sub.shard = nil
		}
	}
}

// lose makes a subscription one that is not in place. Caller holds Bus.mu.
func (s *subscription) lose() {
	if s.inPlace {
		s.inPlace, s.confirmed = false, make(chan struct{})
	}
}

// confirm notes that a channel is in place on a shard.
func (b *Bus) confirm(s *shard, channel string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if sub := b.subs[channel]; sub != nil && sub.shard == s && !sub.inPlace {
		sub.inPlace = true
		close(sub.confirmed)
	}
}

// missing returns how many channels of a shard are not in place.
func (b *Bus) missing(s *shard) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, sub := range b.subs {
		if sub.shard == s && !sub.inPlace {
			n++
		}
	}
	return n
}

// wants tells whether a channel is wanted of a shard.
func (b *Bus) wants(s *shard, channel string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	sub := b.subs[channel]
	return sub != nil && sub.shard == s
}
