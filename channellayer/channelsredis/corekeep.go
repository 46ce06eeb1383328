package channelsredis

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
)

// clock is Redis's time, as this process's time and a difference.
type clock struct {
	local  func() time.Time
	offset atomic.Int64 // nanoseconds by which Redis is ahead
}

func (c *clock) ahead() time.Duration { return time.Duration(c.offset.Load()) }

func (c *clock) now() time.Time { return c.local().Add(c.ahead()) }

func (c *clock) seconds() float64 { return float64(c.now().UnixMicro()) / 1e6 }

// set takes a reply of TIME to a question asked at the given time.
func (c *clock) set(asked time.Time, reply []string) error {
	if len(reply) != 2 {
		return errors.New("channelsredis: unexpected answer to TIME")
	}
	t, err := time.ParseDuration(reply[0] + "s" + reply[1] + "us")
	if err != nil {
		return err
	}
	now := c.local()
	middle := asked.Add(now.Sub(asked) / 2)
	c.offset.Store(int64(time.Unix(0, 0).Add(t).Sub(middle)))
	return nil
}

// A mark in Redis tells whether its content is still what it was: it is set
// every beatEvery and missed when Redis was wiped or has restarted empty.
const (
	beatEvery = time.Second
	markLife  = "3600"
)

// keep looks after clock and memberships until the layer ends. Started by
// NewCore.
func (l *Core) keep() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	renewed := l.options.Now()
	for {
		select {
		case <-tick.C:
		case <-l.back:
		case <-l.ctx.Done():
			return
		}
		intact := l.beat()
		if due := l.options.Now().Sub(renewed) >= l.options.GroupExpiry/4; due || !intact {
			l.forgetKnown()
			renewed = l.options.Now()
		}
		l.rejoin()
	}
}

func (l *Core) markKey() string { return "pl:core:" + l.exchange.Process() }

// beat sets the clock and the mark. It returns false if the mark was gone.
func (l *Core) beat() (intact bool) {
	intact = true
	_ = l.bus.Command(l.ctx, func(ctx context.Context, client rueidis.Client) error {
		asked := l.options.Now()
		replies := client.DoMulti(ctx, client.B().Time().Build(),
			client.B().Arbitrary("SET").Keys(l.markKey()).Args("1", "EX", markLife, "GET").Build())
		if answer, err := replies[0].AsStrSlice(); err == nil {
			err = l.clock.set(asked, answer)
			if err != nil {
				return err
			}
		}
		err := replies[1].Error()
		intact = !rueidis.IsRedisNil(err)
		return err
	})
	return intact
}

func (l *Core) forgetKnown() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.groups {
		m.known = false
	}
}

// rejoin puts this process into the groups that it should be in and that Redis
// does not know of, and leaves those that could not be left. It stops at the
// first failure; the next beat goes on.
func (l *Core) rejoin() {
	l.mu.Lock()
	pending := make(map[string]*membership)
	for group, m := range l.groups {
		if !m.known || !l.exchange.HasGroup(group) {
			pending[group] = m
		}
	}
	l.mu.Unlock()
	for group, m := range pending {
		if !l.exchange.HasGroup(group) {
			if l.leave(l.ctx, group) != nil {
				return
			}
			continue
		}
		if l.join(l.ctx, group, l.proxy(group)) != nil {
			return
		}
		l.settle(m, true)
	}
}

// unlinkOwn removes the keys that begin with a prefix and go on as a channel's,
// a group's or an in-flight list's name does.
func unlinkOwn(ctx context.Context, client rueidis.Client, prefix string) error {
	for cursor := uint64(0); ; {
		page, err := client.Do(ctx, client.B().Scan().Cursor(cursor).Match(prefix+"*").Count(1000).Build()).AsScanEntry()
		if err != nil {
			return err
		}
		for _, key := range page.Elements {
			if !isOwn(strings.TrimPrefix(key, prefix)) {
				continue
			}
			if err := client.Do(ctx, client.B().Unlink().Key(key).Build()).Error(); err != nil {
				return err
			}
		}
		if cursor = page.Cursor; cursor == 0 {
			return nil
		}
	}
}

// isOwn tells whether the rest of a key, after the prefix, is one of the shapes
// of this format.
func isOwn(rest string) bool {
	if group, ok := strings.CutPrefix(rest, ":group:"); ok {
		return channellayer.CheckGroup(group) == nil
	}
	return channellayer.CheckReceivable(strings.TrimSuffix(rest, "$inflight")) == nil
}
