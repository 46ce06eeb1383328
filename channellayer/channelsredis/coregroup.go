package channelsredis

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
)

// membership is what is known of a group that this process is to be in.
type membership struct {
	known bool // guarded by Core.mu; Redis has it
}

// GroupAdd makes a channel a member; see channellayer.Layer. All members of this
// process together are one member in Redis.
func (l *Core) GroupAdd(ctx context.Context, group, channel string) error {
	if err := checkPair(group, channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if !l.reads(channellayer.NonLocal(channel)) {
		return l.join(ctx, group, channel)
	}
	if _, err := l.exchange.Join(group, channel); err != nil {
		return err
	}
	proxy := l.proxy(group)
	l.mu.Lock()
	m := l.groups[group]
	if m == nil {
		m = &membership{}
		l.groups[group] = m
		l.proxies[proxy] = group
	}
	known := m.known
	l.mu.Unlock()
	if known {
		return nil
	}
	if err := l.join(ctx, group, proxy); err != nil {
		return err
	}
	l.settle(m, true)
	return nil
}

func (l *Core) settle(m *membership, known bool) {
	l.mu.Lock()
	m.known = known
	l.mu.Unlock()
}

// join puts a channel into the group in Redis.
func (l *Core) join(ctx context.Context, group, channel string) error {
	return l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) error {
		return joinScript.Exec(ctx, client, []string{l.groupKey(group)}, []string{channel, seconds(l.options.GroupExpiry)}).Error()
	})
}

// GroupDiscard ends a membership; see channellayer.Layer.
func (l *Core) GroupDiscard(ctx context.Context, group, channel string) error {
	if err := checkPair(group, channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if l.exchange.Leave(group, channel) {
		if err := l.leave(ctx, group); err != nil {
			return err
		}
	}
	// Another process may have added it by name.
	return l.remove(ctx, group, channel)
}

// leave takes this process out of a group that has no member here any more. If
// a channel joins meanwhile, it is put back.
func (l *Core) leave(ctx context.Context, group string) error {
	proxy := l.proxy(group)
	err := l.remove(ctx, group, proxy)
	l.mu.Lock()
	m := l.groups[group]
	again := l.exchange.HasGroup(group)
	switch {
	case m == nil:
	case again:
		m.known = false
	case err == nil:
		delete(l.groups, group)
		delete(l.proxies, proxy)
	}
	l.mu.Unlock()
	if m != nil && again && l.join(ctx, group, proxy) == nil {
		l.settle(m, true)
	}
	return err
}

func (l *Core) remove(ctx context.Context, group, channel string) error {
	return l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) error {
		return client.Do(ctx, client.B().Zrem().Key(l.groupKey(group)).Member(channel).Build()).Error()
	})
}

// GroupSend puts a message into all channels of a group; see channellayer.Layer.
func (l *Core) GroupSend(ctx context.Context, group string, m channellayer.Message) error {
	if err := channellayer.CheckGroup(group); err != nil {
		return err
	}
	if err := l.options.CheckMessage(m); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	l.exchange.GroupSend(group, m)
	byKey, order, err := l.members(ctx, group)
	if err == nil {
		err = l.addAll(ctx, group, m, byKey, order)
	}
	if err != nil {
		l.exchange.Counters.Drop(channellayer.DropUnavailable, 1)
		return err
	}
	l.exchange.Counters.GroupSent.Add(1)
	return nil
}

// members returns the channels of a group in Redis, without this process's own
// membership, by the key that they are read from, and the keys in order.
func (l *Core) members(ctx context.Context, group string) (byKey map[string][]string, order []string, err error) {
	var members []string
	err = l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) (err error) {
		members, err = membersScript.Exec(ctx, client, []string{l.groupKey(group)}, []string{seconds(l.options.GroupExpiry)}).AsStrSlice()
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	byKey = make(map[string][]string)
	proxy := l.proxy(group)
	for _, channel := range members {
		if channel == proxy {
			continue
		}
		if !utf8.ValidString(channel) {
			l.exchange.Counters.Drop(channellayer.DropMalformed, 1)
			continue
		}
		key := l.key(channel)
		if byKey[key] == nil {
			order = append(order, key)
		}
		byKey[key] = append(byKey[key], channel)
	}
	return byKey, order, nil
}

// addAll puts one member for each key, all in one pipeline.
func (l *Core) addAll(ctx context.Context, group string, m channellayer.Message, byKey map[string][]string, order []string) error {
	executions := make([]rueidis.LuaExec, 0, len(order))
	for _, key := range order {
		channels := byKey[key]
		if l.reads(channellayer.NonLocal(channels[0])) {
			l.deliver(m, slices.DeleteFunc(channels, func(c string) bool { return l.exchange.IsMember(group, c) }))
			continue
		}
		member, err := l.codec.encode(l.options.RandomPrefix, m, channellayer.Field{
			Key: channellayer.ReservedKey, Value: textList(channels),
		})
		if err != nil {
			return err
		}
		executions = append(executions, rueidis.LuaExec{Keys: []string{key}, Args: l.addArguments(channels[0], member)})
	}
	if len(executions) == 0 {
		return nil
	}
	return l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) error {
		return l.execute(ctx, client, executions, func(i int) int { return len(byKey[executions[i].Keys[0]]) })
	})
}

func textList(texts []string) channellayer.Value {
	items := make([]channellayer.Value, len(texts))
	for i := range texts {
		items[i] = channellayer.TextValue(texts[i])
	}
	return channellayer.ListValue(items...)
}

// execute runs addScript many times. If the server does not know the script yet,
// that is made up for one by one. Size tells how many channels the i-th is for.
func (l *Core) execute(ctx context.Context, client rueidis.Client, executions []rueidis.LuaExec, size func(i int) int) error {
	commands := make([]rueidis.Completed, len(executions))
	for i, e := range executions {
		commands[i] = client.B().Evalsha().Sha1(addSHA).Numkeys(1).Key(e.Keys...).Arg(e.Args...).Build()
	}
	var failure error
	for i, result := range client.DoMulti(ctx, commands...) {
		reply, err := result.AsIntSlice()
		if known, ok := rueidis.IsRedisErr(err); ok && known.IsNoScript() {
			reply, err = addScript.Exec(ctx, client, executions[i].Keys, executions[i].Args).AsIntSlice()
		}
		if err != nil || len(reply) != 2 {
			failure = errors.Join(failure, err)
			continue
		}
		l.exchange.Counters.Drop(channellayer.DropExpired, int(reply[1]))
		if reply[0] == 0 {
			l.exchange.Counters.Drop(channellayer.DropFull, size(i))
		}
	}
	return failure
}

func checkPair(group, channel string) error {
	if err := channellayer.CheckGroup(group); err != nil {
		return err
	}
	return channellayer.CheckChannel(channel)
}
