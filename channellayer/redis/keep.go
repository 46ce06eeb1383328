package redis

import (
	"context"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
)

// linger is how long a subscription stays that nobody needs: who leaves a group
// often comes back.
const linger = 30 * time.Second

// idleSet holds the pub/sub channels that nobody needed when they were added.
type idleSet struct {
	mu    sync.Mutex
	since map[string]time.Time // guarded by mu
}

func (s *idleSet) add(name string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since == nil {
		s.since = make(map[string]time.Time)
	}
	s.since[name] = now
}

// due removes and returns those that have been idle for long enough.
func (s *idleSet) due(now time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name, since := range s.since {
		if now.Sub(since) >= linger {
			names = append(names, name)
			delete(s.since, name)
		}
	}
	return names
}

// emptied notes groups that have lost their last member here.
func (l *Layer) emptied(groups ...string) {
	now := l.options.Now()
	for _, group := range groups {
		l.idle.add(l.names.of(kindGroup, group), now)
	}
}

// keep does what has to be done from time to time, until ctx ends. Started by
// New, ended by Shutdown.
func (l *Layer) keep(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, name := range l.idle.due(l.options.Now()) {
			l.unsubscribeIdle(name)
		}
		l.heard.sweep()
		l.sendTails(ctx)
	}
}

// unsubscribeIdle ends a subscription unless it is needed again.
func (l *Layer) unsubscribeIdle(name string) {
	kind, thing := l.names.parse(name)
	l.bus.UnsubscribeIf(name, func() bool {
		needed := kind == kindGroup && l.exchange.HasGroup(thing) || kind == kindNotice && l.bells.watched(thing)
		if !needed {
			l.heard.forget(name)
		}
		return !needed
	})
}

// sendTails tells receivers how far the numbers go of what has not been
// followed by anything. When Redis does not answer, the rest waits.
func (l *Layer) sendTails(ctx context.Context) {
	for destination, c := range l.sent.tails() {
		payload := encodeFrame(frameTail, l.process, c, "", channellayer.Message{})
		if _, err := l.bus.Publish(ctx, destination, payload); err != nil {
			return
		}
		l.sent.tailSent(destination, c)
	}
}

// Flush empties this layer and removes the normal channels and full marks of
// all processes in the namespace; see channellayer.Layer. Messages and
// memberships of other processes stay with them.
func (l *Layer) Flush(ctx context.Context) error {
	if l.closed() {
		return channellayer.ErrClosed
	}
	if !l.options.AllowFlush {
		return channellayer.ErrRefused
	}
	l.emptied(l.exchange.Clear()...)
	for _, kind := range []string{kindQueue, kindFull} {
		if err := l.flushKind(ctx, l.names.prefix+"{*}:"+kind+":*"); err != nil {
			return err
		}
	}
	return nil
}

func (l *Layer) flushKind(ctx context.Context, pattern string) error {
	return l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) error {
		nodes := []rueidis.Client{client}
		if client.Mode() == rueidis.ClientModeCluster {
			nodes = nodes[:0]
			for _, node := range client.Nodes() {
				nodes = append(nodes, node)
			}
		}
		for _, node := range nodes {
			if err := unlinkMatches(ctx, node, pattern); err != nil {
				return err
			}
		}
		return nil
	})
}

func unlinkMatches(ctx context.Context, client rueidis.Client, pattern string) error {
	for cursor := uint64(0); ; {
		page, err := client.Do(ctx, client.B().Scan().Cursor(cursor).Match(pattern).Count(1000).Build()).AsScanEntry()
		if err != nil {
			return err
		}
		for _, key := range page.Elements {
			if err := client.Do(ctx, client.B().Unlink().Key(key).Build()).Error(); err != nil {
				return err
			}
		}
		if cursor = page.Cursor; cursor == 0 {
			return nil
		}
	}
}
