package channelsredis

import (
	"context"
	"errors"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
)

// Reading: a pop that waits up to blockFor, then as many as are there, batchSize
// at a time.
const (
	blockFor     = 2 * time.Second
	batchSize    = 100
	pauseIfFull  = 10 * time.Millisecond
	pauseIfAway  = 100 * time.Millisecond
	maxCoreParts = 64
)

// reads tells whether a non-local part is one of this process.
func (l *Core) reads(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.parts[part]
}

// read starts reading the key of a non-local part, once. The goroutine ends with
// the layer.
func (l *Core) read(part string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.parts[part] || len(l.parts) >= maxCoreParts || l.closed() {
		return
	}
	l.parts[part] = true
	l.ended.Go(func() { l.readPart(part) })
}

// readPart moves messages from Redis to the mailboxes. While those are full it
// leaves them in Redis, where senders see that there is no room.
func (l *Core) readPart(part string) {
	for l.ctx.Err() == nil {
		free := l.exchange.Free(part)
		if free == 0 {
			l.pause(pauseIfFull)
			continue
		}
		members, err := l.popSome(part, min(free, batchSize))
		if err != nil {
			l.pause(pauseIfAway)
			continue
		}
		for _, member := range members {
			l.take(part, member)
		}
	}
}

func (l *Core) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.ctx.Done():
	}
}

// popSome waits for a member and takes those that are there with it.
func (l *Core) popSome(part string, limit int) ([]rueidis.ZScore, error) {
	first, err := l.popFirst(l.key(part), blockFor)
	if err != nil || len(first) == 0 || limit < 2 {
		return first, err
	}
	var more []rueidis.ZScore
	_ = l.bus.Command(l.ctx, func(ctx context.Context, client rueidis.Client) (err error) {
		more, err = client.Do(ctx, client.B().Zpopmin().Key(l.key(part)).Count(int64(limit-1)).Build()).AsZScores()
		return err
	})
	return append(first, more...), nil
}

// popFirst waits for a member. It returns none when the time is over.
func (l *Core) popFirst(key string, wait time.Duration) ([]rueidis.ZScore, error) {
	var member rueidis.ZScore
	err := l.bus.Block(l.ctx, wait, func(ctx context.Context, conn rueidis.DedicatedClient) error {
		reply, err := conn.Do(ctx, conn.B().Bzpopmin().Key(key).Timeout(wait.Seconds()).Build()).ToArray()
		if err != nil {
			return err
		}
		if len(reply) != 3 {
			return errors.New("channelsredis: unexpected answer to BZPOPMIN")
		}
		if member.Member, err = reply[1].ToString(); err != nil {
			return err
		}
		member.Score, err = reply[2].AsFloat64()
		return err
	})
	if rueidis.IsRedisNil(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []rueidis.ZScore{member}, nil
}

// take hands a member that came from a part's key to those it is for.
func (l *Core) take(part string, member rueidis.ZScore) {
	m, names, ok := l.open(member)
	if !ok {
		return
	}
	own := names[:0]
	for _, name := range names {
		if channellayer.NonLocal(name) == part {
			own = append(own, name)
		}
	}
	if len(own) == 0 {
		l.exchange.Counters.Drop(channellayer.DropNoReader, 1)
		return
	}
	l.deliver(m, own)
}

// open decodes a member and counts it if it is malformed or too old.
func (l *Core) open(member rueidis.ZScore) (channellayer.Message, []string, bool) {
	if age := l.clock.seconds() - member.Score; age > l.options.Expiry.Seconds() {
		l.exchange.Counters.Drop(channellayer.DropExpired, 1)
		return channellayer.Message{}, nil, false
	}
	m, names, err := l.codec.decode(l.options.RandomPrefix, member.Member)
	if err != nil {
		l.options.Logger.Warn("malformed message in redis skipped", "error", err)
		l.exchange.Counters.Drop(channellayer.DropMalformed, 1)
		return channellayer.Message{}, nil, false
	}
	return m, names, true
}

// deliver puts a message into mailboxes of this process: those of the groups
// among the names, and those that are named themselves. A channel that is in one
// of the groups gets it once.
func (l *Core) deliver(m channellayer.Message, names []string) {
	var groups []string
	channels := make([]string, 0, len(names))
	l.mu.Lock()
	for _, name := range names {
		if group, ok := l.proxies[name]; ok {
			groups = append(groups, group)
		} else {
			channels = append(channels, name)
		}
	}
	l.mu.Unlock()
	for _, group := range groups {
		l.exchange.GroupSend(group, m)
	}
	for _, channel := range channels {
		if !l.inAny(groups, channel) {
			_ = l.exchange.Send(channel, m) // full is counted there
		}
	}
}

func (l *Core) inAny(groups []string, channel string) bool {
	for _, group := range groups {
		if l.exchange.IsMember(group, channel) {
			return true
		}
	}
	return false
}
