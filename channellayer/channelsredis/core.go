package channelsredis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/bus"
	"github.com/parley-chat/parley/channellayer/internal/local"
)

// Core implements channellayer.Layer in the format of RedisChannelLayer.
type Core struct {
	options  CoreOptions
	inRedis  channellayer.Options // with the capacity that holds in Redis
	exchange *local.Exchange
	bus      *bus.Bus
	codec    *codec
	clock    clock
	own      string // non-local part under which groups are joined
	ctx      context.Context
	stop     context.CancelFunc
	ended    sync.WaitGroup
	back     chan struct{} // one token: Redis has come back, memberships may be gone

	mu      sync.Mutex
	parts   map[string]bool         // guarded by mu; non-local parts that are being read
	groups  map[string]*membership  // guarded by mu; groups that this process is to be in
	proxies map[string]string       // guarded by mu; channel in Redis -> group
	queues  map[string]*normalQueue // guarded by mu; normal channels that are read here
}

var _ channellayer.Layer = (*Core)(nil)

// tokenSlack is how much longer than a message a token lives.
const tokenSlack = 10 * time.Second

// NewCore connects to Redis. An error means that the options are wrong; if Redis
// does not answer within a second, the layer is returned all the same and works
// as soon as Redis does. Its goroutines are ended by Shutdown.
func NewCore(ctx context.Context, o CoreOptions) (*Core, error) {
	inRedis, err := o.setDefaults()
	if err != nil {
		return nil, err
	}
	l := &Core{
		options: o, inRedis: inRedis, back: make(chan struct{}, 1),
		parts: make(map[string]bool), groups: make(map[string]*membership),
		proxies: make(map[string]string), queues: make(map[string]*normalQueue),
	}
	l.clock.local = o.Now
	l.codec = newCodec(&o.Options, l.clock.now, o.Expiry+tokenSlack)
	if l.exchange, err = local.New(o.Options.Options); err != nil {
		return nil, err
	}
	l.own = "parley." + l.exchange.Process() + "!"
	l.ctx, l.stop = context.WithCancel(context.Background())
	if l.bus, err = bus.Open(bus.Config{
		URL: o.URL, OnMessage: func(string, string) {}, OnState: l.state, Logger: o.Logger,
		Probe: func(int) string { return "pl:probe:" + l.exchange.Process() },
	}); err != nil {
		l.stop()
		return nil, err
	}
	_ = l.bus.Start(ctx, "pl:core:"+l.exchange.Process()) // waits until Redis is there
	l.bus.Unsubscribe("pl:core:" + l.exchange.Process())
	l.beat()
	l.ended.Go(l.keep)
	l.read(l.own)
	return l, nil
}

// state is called by the bus.
func (l *Core) state(up bool) {
	if up {
		select {
		case l.back <- struct{}{}:
		default:
		}
	}
	if l.options.OnState != nil {
		l.options.OnState(up)
	}
}

// key is the key of a channel; group messages and their clean-up use the same.
func (l *Core) key(channel string) string { return l.options.Prefix + channellayer.NonLocal(channel) }

func (l *Core) groupKey(group string) string { return l.options.Prefix + ":group:" + group }

// proxy is the channel by which this process is in a group. The full stop keeps
// it apart from the channels that NewChannel makes.
func (l *Core) proxy(group string) string {
	if name := l.own + "g." + group; len(name) <= channellayer.MaxNameBytes {
		return name
	}
	sum := sha256.Sum256([]byte(group))
	return l.own + "h." + hex.EncodeToString(sum[:16])
}

// NewChannel makes a channel; see channellayer.Layer. It works while Redis is
// away.
func (l *Core) NewChannel(_ context.Context, prefix string) (string, error) {
	name, err := l.exchange.NewChannel(prefix)
	if err != nil {
		return "", err
	}
	l.read(channellayer.NonLocal(name))
	return name, nil
}

// Close ends a channel; see channellayer.Layer.
func (l *Core) Close(ctx context.Context, channel string) error {
	if err := channellayer.CheckChannel(channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if !channellayer.IsSpecific(channel) {
		return nil
	}
	for _, group := range l.exchange.Close(channel) {
		_ = l.leave(ctx, group) // else done by keep
	}
	return nil
}

// Receive waits for a message; see channellayer.Layer. A normal channel that is
// being read takes one connection. On it, Receive goes on waiting while Redis is
// away.
func (l *Core) Receive(ctx context.Context, channel string) (string, channellayer.Message, error) {
	if err := channellayer.CheckReceivable(channel); err != nil {
		return "", channellayer.Message{}, err
	}
	if l.closed() {
		return "", channellayer.Message{}, channellayer.ErrClosed
	}
	if channellayer.IsSpecific(channel) {
		return l.exchange.Receive(ctx, channel)
	}
	m, err := l.receiveNormal(ctx, channel)
	return channel, m, err
}

// Send puts a message into a channel; see channellayer.Layer. Messages to a
// specific channel of a process that is gone wait in Redis until they expire.
func (l *Core) Send(ctx context.Context, channel string, m channellayer.Message) error {
	if err := channellayer.CheckChannel(channel); err != nil {
		return err
	}
	if err := l.options.CheckMessage(m); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	var err error
	if l.reads(channellayer.NonLocal(channel)) {
		err = l.exchange.Send(channel, m)
	} else {
		err = l.add(ctx, channel, m)
	}
	if err == nil {
		l.exchange.Counters.Sent.Add(1)
	}
	return err
}

// add puts a message into a channel's key.
func (l *Core) add(ctx context.Context, channel string, m channellayer.Message) error {
	var extra []channellayer.Field
	if channellayer.IsSpecific(channel) {
		extra = []channellayer.Field{channellayer.Text(channellayer.ReservedKey, channel)}
	}
	member, err := l.codec.encode(l.options.RandomPrefix, m, extra...)
	if err != nil {
		return err
	}
	var reply []int64
	err = l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) (err error) {
		reply, err = addScript.Exec(ctx, client, []string{l.key(channel)}, l.addArguments(channel, member)).AsIntSlice()
		return err
	})
	if err == nil && len(reply) != 2 {
		err = errors.New("channelsredis: unexpected answer to add")
	}
	if err != nil {
		l.exchange.Counters.Drop(channellayer.DropUnavailable, 1)
		return err
	}
	l.exchange.Counters.Drop(channellayer.DropExpired, int(reply[1]))
	if reply[0] == 0 {
		l.exchange.Counters.Drop(channellayer.DropFull, 1)
		return channellayer.ErrFull
	}
	return nil
}

// addArguments are those of addScript.
func (l *Core) addArguments(channel, member string) []string {
	return []string{member, strconv.Itoa(l.inRedis.CapacityOf(channel)), seconds(l.options.Expiry)}
}

// seconds rounds up, so that what is valid is kept.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// Flush removes all keys of this layer's shapes under the prefix; see
// channellayer.Layer. A key whose name could be another prefix's is removed too:
// the format has no separator.
func (l *Core) Flush(ctx context.Context) error {
	if l.closed() {
		return channellayer.ErrClosed
	}
	if !l.options.AllowFlush {
		return channellayer.ErrRefused
	}
	for _, group := range l.exchange.Clear() {
		_ = l.leave(ctx, group)
	}
	return l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) error {
		return unlinkOwn(ctx, client, l.options.Prefix)
	})
}

// Shutdown leaves all groups and ends everything; see channellayer.Layer.
func (l *Core) Shutdown(ctx context.Context) error {
	groups := l.exchange.Groups()
	if !l.exchange.Shutdown() {
		return nil
	}
	l.stop()
	for _, group := range groups {
		if ctx.Err() != nil || !l.bus.Up() {
			break // they age out
		}
		_ = l.leave(ctx, group)
	}
	l.removeOwn(ctx)
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

// removeOwn removes what still waits in Redis for this process, and its mark.
func (l *Core) removeOwn(ctx context.Context) {
	l.mu.Lock()
	parts := make([]string, 0, len(l.parts))
	for part := range l.parts {
		parts = append(parts, part)
	}
	l.mu.Unlock()
	_ = l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) error {
		return client.Do(ctx, client.B().Unlink().Key(l.markKey()).Build()).Error()
	})
	for _, part := range parts {
		_ = l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) error {
			n, err := closeScript.Exec(ctx, client, []string{l.key(part)}, nil).AsInt64()
			l.exchange.Counters.Drop(channellayer.DropClosed, int(n))
			return err
		})
	}
}

// Traits describes the layer; see channellayer.Layer.
func (l *Core) Traits() channellayer.Traits {
	return l.inRedis.Traits("channels_redis core", channellayer.Groups|channellayer.Flushing|channellayer.NormalChannels|
		channellayer.AnyMember|channellayer.ReportsFull)
}

// Stats returns the counters; see channellayer.Layer.
func (l *Core) Stats() channellayer.Stats {
	s, b := l.exchange.Stats(), l.bus.Stats()
	s.Up, s.Reconnects, s.Probes, s.ProbesLost = b.Up, b.Reconnects, b.Probes, b.ProbesLost
	s.ClockSkew = l.clock.ahead().Seconds()
	return s
}

func (l *Core) closed() bool {
	select {
	case <-l.exchange.Done():
		return true
	default:
		return false
	}
}
