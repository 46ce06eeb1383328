// Package bus owns the connections to one Redis deployment (a server, a master
// watched by sentinels, or a cluster) as a bus between processes: publish and
// subscribe that come back by themselves, a probe that notices when they only
// seem to work, and commands that never wait beyond their deadline. It knows
// nothing of channels and groups of the layer above, nor of what is in a
// payload.
package bus

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// Deadline bounds every command and every wait for a subscription.
const Deadline = time.Second

// The probe: a subscription that has heard nothing for probeAfter gets a message
// of its own, and is given up if that is not back within probeWithin. Together
// they stay below 4 seconds.
const (
	probeAfter  = 1800 * time.Millisecond
	probeWithin = 1800 * time.Millisecond
	tickEvery   = 100 * time.Millisecond
)

// Reconnecting: the first attempt is immediate, later ones wait up to maxBackoff.
const (
	minBackoff = 50 * time.Millisecond
	maxBackoff = time.Second
)

// inFlight bounds the commands of one bus that wait for their reply. It is
// below the ring of a connection, which would block without regard to deadlines.
const inFlight = 1 << (ringScale - 1)

// Config is what a Bus needs.
type Config struct {
	URL string // see ParseURL

	// Probe returns the n-th name for the channel on which this process probes.
	// On a cluster names are tried until one belongs to the shard in question.
	Probe func(n int) string

	// OnMessage gets what is published on subscribed channels, probes excepted.
	// It is called by one goroutine per shard, in order, and must not block.
	OnMessage func(channel, payload string)

	// OnState is told when the bus comes up and goes down, in order, by one
	// goroutine. It may be nil.
	OnState func(up bool)

	Logger *slog.Logger
}

// Bus is a bus. It is safe for concurrent use.
type Bus struct {
	config  Config
	option  rueidis.ClientOption
	breaker breaker
	slots   chan struct{} // one token per command in flight
	stop    context.CancelFunc
	ended   sync.WaitGroup
	session atomic.Pointer[session]
	stats   counters
	wasUp   chan struct{} // closed when the bus comes up for the first time
	onceUp  sync.Once

	mu    sync.Mutex
	subs  map[string]*subscription // guarded by mu; all wanted channels
	state chan bool                // newest state for OnState
}

type counters struct {
	up                           atomic.Bool
	connects, probes, probesLost atomic.Uint64
}

// Stats are the bus's part of a layer's Stats.
type Stats struct {
	Up                             bool
	Reconnects, Probes, ProbesLost uint64
}

// Open starts a bus. It does not wait for Redis: the bus comes up when it can.
// An error means that the address cannot be used. The goroutines are ended by
// Close.
func Open(c Config) (*Bus, error) {
	option, err := ParseURL(c.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	b := &Bus{
		config: c, option: option, slots: make(chan struct{}, inFlight), stop: cancel,
		subs: make(map[string]*subscription), state: make(chan bool, 1), wasUp: make(chan struct{}),
	}
	b.ended.Go(func() { b.run(ctx) })
	b.ended.Go(func() { b.notify(ctx) })
	return b, nil
}

// Close ends the bus and waits for its goroutines until ctx ends.
func (b *Bus) Close(ctx context.Context) error {
	b.stop()
	done := make(chan struct{})
	go func() {
		b.ended.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Up tells whether every subscription is in place and answers probes.
func (b *Bus) Up() bool { return b.stats.up.Load() }

// Stats returns the counters.
func (b *Bus) Stats() Stats {
	s := Stats{Up: b.Up(), Probes: b.stats.probes.Load(), ProbesLost: b.stats.probesLost.Load()}
	if n := b.stats.connects.Load(); n > 1 {
		s.Reconnects = n - 1
	}
	return s
}

// run keeps a session alive until ctx ends. Started by Open.
func (b *Bus) run(ctx context.Context) {
	wait, level := minBackoff, slog.LevelWarn
	for ctx.Err() == nil {
		client, err := rueidis.NewClient(b.option)
		if err == nil {
			wait, level = minBackoff, slog.LevelWarn
			err = b.serve(ctx, client)
		}
		if ctx.Err() != nil {
			return
		}
		b.config.Logger.Log(ctx, level, "redis is not available", "error", err)
		level = slog.LevelDebug // further attempts are no news
		wait = pause(ctx, wait)
	}
}

// pause waits for about the given time and returns the next one.
func pause(ctx context.Context, wait time.Duration) time.Duration {
	timer := time.NewTimer(wait/2 + rand.N(wait/2))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return min(2*wait, maxBackoff)
}

// serve runs one session and ends its client. Closing a client waits up to a
// second for a silent server, so that is left to a goroutine.
func (b *Bus) serve(ctx context.Context, client rueidis.Client) error {
	defer b.ended.Go(client.Close)
	s, err := newSession(ctx, b, client)
	if err != nil {
		return err
	}
	b.breaker.reset()
	b.session.Store(s)
	defer b.session.Store(nil)
	defer b.setUp(false)
	return s.run(ctx)
}

// setUp notes a change of state and has it reported.
func (b *Bus) setUp(up bool) {
	if b.stats.up.Swap(up) == up {
		return
	}
	if up {
		b.stats.connects.Add(1)
		b.onceUp.Do(func() { close(b.wasUp) })
	}
	b.config.Logger.Info("redis bus", "up", up)
	select { // an unreported older state is overtaken
	case <-b.state:
	default:
	}
	b.state <- up
}

// notify calls OnState until ctx ends. Started by Open.
func (b *Bus) notify(ctx context.Context) {
	last := false
	for {
		select {
		case up := <-b.state:
			if up && last && b.config.OnState != nil {
				b.config.OnState(false) // it was down in between
			}
			if b.config.OnState != nil {
				b.config.OnState(up)
			}
			last = up
		case <-ctx.Done():
			return
		}
	}
}
