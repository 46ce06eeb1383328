package channelsredis

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/bus"
	"github.com/parley-chat/parley/channellayer/internal/local"
)

// PubSub implements channellayer.Layer in the format of RedisPubSubChannelLayer.
type PubSub struct {
	options  PubSubOptions
	exchange *local.Exchange
	codec    *codec
	hosts    []*bus.Bus

	mu     sync.Mutex
	states []bool    // guarded by mu; which hosts are up
	up     bool      // guarded by mu; all are
	tell   chan bool // not yet reported states of up, newest only
	stop   context.CancelFunc
	ended  sync.WaitGroup
}

var _ channellayer.Layer = (*PubSub)(nil)

// NewPubSub connects to Redis. An error means that the options are wrong; if
// Redis does not answer, the layer is returned all the same and works as soon as
// it does. Its goroutines are ended by Shutdown.
func NewPubSub(ctx context.Context, o PubSubOptions) (*PubSub, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	exchange, err := local.New(o.Options.Options)
	if err != nil {
		return nil, err
	}
	own, cancel := context.WithCancel(context.Background())
	l := &PubSub{
		options: o, exchange: exchange, codec: newCodec(&o.Options, o.Now, 0),
		states: make([]bool, len(o.URLs)), tell: make(chan bool, 1), stop: cancel,
	}
	l.ended.Go(func() { l.report(own) })
	for i, url := range o.URLs {
		host, err := bus.Open(bus.Config{
			URL: url, OnMessage: l.hear, Logger: o.Logger,
			OnState: func(up bool) { l.setState(i, up) },
			Probe:   func(int) string { return "pl:probe:" + strconv.Itoa(i) + ":" + exchange.Process() },
		})
		if err != nil {
			return nil, errors.Join(err, l.Shutdown(ctx))
		}
		l.hosts = append(l.hosts, host)
	}
	for _, host := range l.hosts {
		_ = host.Start(ctx, "pl:start:"+exchange.Process()) // waits until it is there
		host.Unsubscribe("pl:start:" + exchange.Process())
	}
	return l, nil
}

// setState is called by a host's bus; the layer is up when all hosts are.
func (l *PubSub) setState(host int, up bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.states[host] = up
	all := true
	for _, one := range l.states {
		all = all && one
	}
	if all == l.up {
		return
	}
	l.up = all
	select {
	case <-l.tell:
	default:
	}
	l.tell <- all
}

// report calls OnState until ctx ends. Started by NewPubSub, ended by Shutdown.
func (l *PubSub) report(ctx context.Context) {
	for {
		select {
		case up := <-l.tell:
			if l.options.OnState != nil {
				l.options.OnState(up)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (l *PubSub) host(wire string) *bus.Bus { return l.hosts[hostIndex(wire, len(l.hosts))] }

// The part of a group's name on the wire between prefix and name.
const groupMark = "__group__"

func (l *PubSub) groupWire(group string) string { return l.options.Prefix + groupMark + group }

// hear takes what is published. It is called by the connections' readers.
func (l *PubSub) hear(wire, payload string) {
	m, _, err := l.codec.decode(0, payload)
	if err != nil {
		l.options.Logger.Warn("malformed message on redis skipped", "error", err)
		l.exchange.Counters.Drop(channellayer.DropMalformed, 1)
		return
	}
	if group, ok := strings.CutPrefix(wire, l.options.Prefix+groupMark); ok {
		l.exchange.GroupSend(group, m)
		return
	}
	_ = l.exchange.Send(wire, m) // full is counted there
}

// NewChannel makes a channel; see channellayer.Layer. Its name begins with the
// layer's prefix, as with Python.
func (l *PubSub) NewChannel(ctx context.Context, prefix string) (string, error) {
	if prefix == "" {
		prefix = "parley"
	}
	name, err := l.exchange.NewChannel(l.options.Prefix + prefix)
	if err != nil {
		return "", err
	}
	if err := l.host(name).Subscribe(ctx, name); err != nil {
		l.host(name).Unsubscribe(name)
		l.exchange.Close(name)
		return "", err
	}
	return name, nil
}

// Close ends a channel; see channellayer.Layer.
func (l *PubSub) Close(_ context.Context, channel string) error {
	if err := channellayer.CheckChannel(channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if !l.exchange.IsOpen(channel) {
		return nil
	}
	l.host(channel).Unsubscribe(channel)
	for _, group := range l.exchange.Close(channel) {
		l.unsubscribe(group)
	}
	return nil
}

// Send publishes a message to a channel; see channellayer.Layer. The name is
// used as it is given: a Python peer's channel has no exclamation mark.
func (l *PubSub) Send(ctx context.Context, channel string, m channellayer.Message) error {
	if err := channellayer.CheckChannel(channel); err != nil {
		return err
	}
	if err := l.options.CheckMessage(m); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if l.exchange.IsOpen(channel) {
		if err := l.exchange.Send(channel, m); err != nil {
			return err
		}
	} else if receivers, err := l.publish(ctx, channel, m); err != nil {
		return err
	} else if receivers == 0 {
		l.exchange.Counters.Drop(channellayer.DropNoReader, 1)
	}
	l.exchange.Counters.Sent.Add(1)
	return nil
}

func (l *PubSub) publish(ctx context.Context, wire string, m channellayer.Message) (int64, error) {
	body, err := l.codec.encode(0, m)
	if err != nil {
		return 0, err
	}
	receivers, err := l.host(wire).Publish(ctx, wire, body)
	if err != nil {
		l.exchange.Counters.Drop(channellayer.DropUnavailable, 1)
	}
	return receivers, err
}

// Receive waits for a message of a specific channel; see channellayer.Layer.
func (l *PubSub) Receive(ctx context.Context, channel string) (string, channellayer.Message, error) {
	if err := channellayer.CheckReceivable(channel); err != nil {
		return "", channellayer.Message{}, err
	}
	if !channellayer.IsSpecific(channel) {
		return "", channellayer.Message{}, channellayer.ErrUnsupported
	}
	return l.exchange.Receive(ctx, channel)
}

// GroupAdd makes a channel of this process a member; see channellayer.Layer.
func (l *PubSub) GroupAdd(ctx context.Context, group, channel string) error {
	if err := checkPair(group, channel); err != nil {
		return err
	}
	if !strings.HasSuffix(channellayer.NonLocal(channel), "."+l.exchange.Process()+"!") {
		return channellayer.ErrUnsupported
	}
	if _, err := l.exchange.Join(group, channel); err != nil {
		return err
	}
	wire := l.groupWire(group)
	return l.host(wire).Subscribe(ctx, wire)
}

// GroupDiscard ends a membership; see channellayer.Layer.
func (l *PubSub) GroupDiscard(_ context.Context, group, channel string) error {
	if err := checkPair(group, channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if l.exchange.Leave(group, channel) {
		l.unsubscribe(group)
	}
	return nil
}

// unsubscribe ends the subscription of a group unless it has a member again.
func (l *PubSub) unsubscribe(group string) {
	wire := l.groupWire(group)
	l.host(wire).UnsubscribeIf(wire, func() bool { return !l.exchange.HasGroup(group) })
}

// GroupSend publishes a message to a group; see channellayer.Layer. Members of
// this process get it by way of Redis, too.
func (l *PubSub) GroupSend(ctx context.Context, group string, m channellayer.Message) error {
	if err := channellayer.CheckGroup(group); err != nil {
		return err
	}
	if err := l.options.CheckMessage(m); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if _, err := l.publish(ctx, l.groupWire(group), m); err != nil {
		return err
	}
	l.exchange.Counters.GroupSent.Add(1)
	return nil
}

// Flush forgets the messages and memberships of this process; nothing is kept
// in Redis. See channellayer.Layer.
func (l *PubSub) Flush(context.Context) error {
	if l.closed() {
		return channellayer.ErrClosed
	}
	if !l.options.AllowFlush {
		return channellayer.ErrRefused
	}
	for _, group := range l.exchange.Clear() {
		l.unsubscribe(group)
	}
	return nil
}

// Shutdown ends everything; see channellayer.Layer.
func (l *PubSub) Shutdown(ctx context.Context) error {
	if !l.exchange.Shutdown() {
		return nil
	}
	var err error
	for _, host := range l.hosts {
		err = errors.Join(err, host.Close(ctx))
	}
	l.stop()
	return err
}

// Traits describes the layer; see channellayer.Layer.
func (l *PubSub) Traits() channellayer.Traits {
	return l.options.Traits("channels_redis pub/sub", channellayer.Groups|channellayer.Flushing)
}

// Stats returns the counters; see channellayer.Layer.
func (l *PubSub) Stats() channellayer.Stats {
	s := l.exchange.Stats()
	for _, host := range l.hosts {
		b := host.Stats()
		s.Up = s.Up && b.Up
		s.Reconnects += b.Reconnects
		s.Probes += b.Probes
		s.ProbesLost += b.ProbesLost
	}
	return s
}

func (l *PubSub) closed() bool {
	select {
	case <-l.exchange.Done():
		return true
	default:
		return false
	}
}
