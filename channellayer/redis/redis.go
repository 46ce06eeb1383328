package redis

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/bus"
	"github.com/parley-chat/parley/channellayer/internal/local"
)

// Layer implements channellayer.Layer over Redis.
type Layer struct {
	options  Options
	names    *names
	exchange *local.Exchange
	bus      *bus.Bus
	process  [rawProcess]byte
	sent     *sentLog
	heard    *heardLog
	bells    bells
	idle     idleSet
	pressed  pressure
	stop     context.CancelFunc
	ended    sync.WaitGroup
}

var _ channellayer.Layer = (*Layer)(nil)

// New connects to Redis. An error means that the options are wrong; if Redis
// does not answer within a second or so, the layer is returned all the same and
// works as soon as Redis does. Its goroutines are ended by Shutdown.
func New(ctx context.Context, o Options) (*Layer, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	var err error
	if o.Options, err = o.Options.WithDefaults(); err != nil {
		return nil, err
	}
	l := &Layer{
		options: o, names: newNames(o.Namespace),
		sent: newSentLog(o.Now), heard: newHeardLog(o.Now),
	}
	if l.exchange, err = local.New(o.Options); err != nil {
		return nil, err
	}
	process := l.exchange.Process()
	if _, err := hex.Decode(l.process[:], []byte(process)); err != nil {
		return nil, err
	}
	if l.bus, err = bus.Open(bus.Config{
		URL: o.URL, OnMessage: l.hear, OnState: o.OnState, Logger: o.Logger,
		Probe: func(n int) string { return l.names.probe(n, process) },
	}); err != nil {
		return nil, err
	}
	own, cancel := context.WithCancel(context.Background())
	l.stop = cancel
	l.ended.Go(func() { l.keep(own) })
	// Whether the subscription is in place by now makes no difference to what
	// is returned.
	_ = l.bus.Start(ctx, l.names.of(kindProcess, process))
	return l, nil
}

// NewChannel makes a channel; see channellayer.Layer. It works while Redis is
// away.
func (l *Layer) NewChannel(_ context.Context, prefix string) (string, error) {
	return l.exchange.NewChannel(prefix)
}

// Close ends a channel; see channellayer.Layer.
func (l *Layer) Close(_ context.Context, channel string) error {
	if err := channellayer.CheckChannel(channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if channellayer.IsSpecific(channel) {
		l.emptied(l.exchange.Close(channel)...)
	}
	return nil
}

// Receive waits for a message; see channellayer.Layer. On a normal channel it
// goes on waiting while Redis is away.
func (l *Layer) Receive(ctx context.Context, channel string) (string, channellayer.Message, error) {
	if err := channellayer.CheckReceivable(channel); err != nil {
		return "", channellayer.Message{}, err
	}
	if channellayer.IsSpecific(channel) {
		return l.exchange.Receive(ctx, channel)
	}
	m, err := l.receiveNormal(ctx, channel)
	return channel, m, err
}

// Send puts a message into a channel; see channellayer.Layer. For a channel of
// another process, ErrFull may come only after that process has dropped and
// counted a message or two.
func (l *Layer) Send(ctx context.Context, channel string, m channellayer.Message) error {
	if err := channellayer.CheckChannel(channel); err != nil {
		return err
	}
	if err := l.options.CheckMessage(m); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if err := l.send(ctx, channel, m); err != nil {
		return err
	}
	l.exchange.Counters.Sent.Add(1)
	return nil
}

func (l *Layer) send(ctx context.Context, channel string, m channellayer.Message) error {
	if !channellayer.IsSpecific(channel) {
		return l.push(ctx, channel, m)
	}
	switch process, ok := processOf(channel); {
	case !ok:
		l.drop(channellayer.DropNoReader)
		return nil
	case process == l.exchange.Process():
		return l.exchange.Send(channel, m)
	default:
		return l.sendDirect(ctx, process, channel, m)
	}
}

// GroupAdd makes a channel of this process a member; see channellayer.Layer.
func (l *Layer) GroupAdd(ctx context.Context, group, channel string) error {
	if err := checkPair(group, channel); err != nil {
		return err
	}
	if process, ok := processOf(channel); !ok || process != l.exchange.Process() {
		return channellayer.ErrUnsupported
	}
	if _, err := l.exchange.Join(group, channel); err != nil {
		return err
	}
	return l.bus.Subscribe(ctx, l.names.of(kindGroup, group))
}

// GroupDiscard ends a membership; see channellayer.Layer. It never waits.
func (l *Layer) GroupDiscard(_ context.Context, group, channel string) error {
	if err := checkPair(group, channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if l.exchange.Leave(group, channel) {
		l.emptied(group)
	}
	return nil
}

// GroupSend puts a message into all channels of a group; see channellayer.Layer.
// It costs one PUBLISH.
func (l *Layer) GroupSend(ctx context.Context, group string, m channellayer.Message) error {
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
	destination := l.names.of(kindGroup, group)
	payload := encodeFrame(frameGroup, l.process, l.sent.next(destination), "", m)
	if _, err := l.bus.Publish(ctx, destination, payload); err != nil {
		return l.failed(destination, err)
	}
	l.exchange.Counters.GroupSent.Add(1)
	return nil
}

// failed counts a message that Redis did not take.
func (l *Layer) failed(destination string, err error) error {
	l.sent.fail(destination)
	l.drop(channellayer.DropUnavailable)
	return err
}

// Do issues commands on the layer's own command connection, with its deadline
// of a second, its breaker and its errors, for parts of a program that keep
// things of their own in the same Redis. The client must not be kept, nor used
// for commands that block or subscribe.
func (l *Layer) Do(ctx context.Context, fn func(ctx context.Context, client rueidis.Client) error) error {
	return l.bus.Command(ctx, fn)
}

// Key is a name in Redis for a thing that a part of the program keeps there
// itself. The kind must not be one of the layer's own; see the package.
func (l *Layer) Key(kind, thing string) string { return l.names.of(kind, thing) }

// Shutdown ends everything; see channellayer.Layer.
func (l *Layer) Shutdown(ctx context.Context) error {
	if !l.exchange.Shutdown() {
		return nil
	}
	l.stop()
	err := l.bus.Close(ctx)
	done := make(chan struct{})
	go func() {
		l.ended.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
	}
	return err
}

// Traits describes the layer; see channellayer.Layer.
func (l *Layer) Traits() channellayer.Traits {
	return l.options.Traits("redis", channellayer.Groups|channellayer.Flushing|channellayer.NormalChannels|channellayer.ReportsFull)
}

// Stats returns the counters; see channellayer.Layer.
func (l *Layer) Stats() channellayer.Stats {
	s, b := l.exchange.Stats(), l.bus.Stats()
	s.Up, s.Reconnects, s.Probes, s.ProbesLost = b.Up, b.Reconnects, b.Probes, b.ProbesLost
	return s
}

func (l *Layer) drop(r channellayer.Reason) { l.exchange.Counters.Drop(r, 1) }

func (l *Layer) closed() bool {
	select {
	case <-l.exchange.Done():
		return true
	default:
		return false
	}
}

func checkPair(group, channel string) error {
	if err := channellayer.CheckGroup(group); err != nil {
		return err
	}
	return channellayer.CheckChannel(channel)
}
