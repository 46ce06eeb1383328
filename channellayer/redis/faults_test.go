package redis_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/redis"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

// What is asserted about times is generous, for slow machines; the figures that
// the tests print tell how it is.
const (
	inTouchWithin = 6 * time.Second
	callWithin    = 4 * time.Second
)

// direction is the traffic from one process to the channel of another, half by
// group and half by name.
type direction struct {
	from, to *redis.Layer
	channel  string
	group    string

	attempts, failed atomic.Int64
	received         atomic.Int64
	longest          atomic.Int64 // nanoseconds of a call
	newest           atomic.Int64 // when the newest received message was sent
}

func newDirection(t *testing.T, from, to *redis.Layer, group string) *direction {
	t.Helper()
	channel, err := to.NewChannel(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := to.GroupAdd(t.Context(), group, channel); err != nil {
		t.Fatal(err)
	}
	return &direction{from: from, to: to, channel: channel, group: group}
}

// send sends until ctx ends, a message every few milliseconds.
func (d *direction) send(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for i := int64(0); ; i++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		start := time.Now()
		m := channellayer.NewMessage(channellayer.Int("at", start.UnixNano()))
		var err error
		if i%2 == 0 {
			err = d.from.GroupSend(context.Background(), d.group, m)
		} else {
			err = d.from.Send(context.Background(), d.channel, m)
		}
		d.attempts.Add(1)
		if err != nil {
			d.failed.Add(1)
		}
		d.longest.Store(max(d.longest.Load(), int64(time.Since(start))))
	}
}

// receive receives until the layer is shut down.
func (d *direction) receive(t *testing.T) {
	for {
		_, m, err := d.to.Receive(context.Background(), d.channel)
		if err != nil {
			return
		}
		at, _ := m.Int("at")
		if at < d.newest.Load() {
			t.Error("a message came after one that was sent later")
		}
		d.newest.Store(at)
		d.received.Add(1)
	}
}

// counted is how many messages both ends have counted as dropped.
func (d *direction) counted() int64 {
	from, to := d.from.Stats().Drops, d.to.Stats().Drops
	return int64(from[channellayer.DropUnavailable] + from[channellayer.DropNoReader] + to[channellayer.DropLost])
}

// fault is something that happens to Redis. It returns when Redis works again.
type fault func(s *redistest.Server, p *redistest.Proxy)

// underFault runs traffic both ways through a fault and prints what became of it.
func underFault(t *testing.T, f fault) {
	t.Parallel()
	s := redistest.Start(t)
	proxy := redistest.NewProxy(t, s)
	a, b := open(t, s.URL(), channellayer.Options{}), open(t, proxy.URL(), channellayer.Options{})
	ways := []*direction{newDirection(t, a, b, "to.b"), newDirection(t, b, a, "to.a")}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var traffic sync.WaitGroup
	for _, d := range ways {
		traffic.Go(func() { d.send(ctx) })
		go d.receive(t)
	}
	for _, d := range ways {
		await(t, "messages flow", func() bool { return d.received.Load() > 50 })
	}
	f(s, proxy)
	healed := time.Now()
	for _, d := range ways {
		await(t, "messages flow again", func() bool { return d.newest.Load() > healed.UnixNano() })
	}
	inTouch := time.Since(healed)
	await(t, "both are up", func() bool { return a.Stats().Up && b.Stats().Up })
	stop()
	traffic.Wait()
	t.Logf("in touch again %v after the fault", inTouch.Round(time.Millisecond))
	if inTouch > inTouchWithin {
		t.Errorf("in touch again only after %v", inTouch)
	}
	for i, d := range ways {
		d.check(t, []string{"a to b", "b to a"}[i], ways[1-i])
	}
}

// check waits until all losses are counted and compares.
func (d *direction) check(t *testing.T, name string, other *direction) {
	missing := func() int64 { return d.attempts.Load() - d.received.Load() }
	await(t, "every loss is counted", func() bool { return d.counted() >= missing() })
	longest := time.Duration(d.longest.Load())
	t.Logf("%s: %d sent, %d refused, %d received, %d missing, %d counted as dropped; longest call %v", name,
		d.attempts.Load(), d.failed.Load(), d.received.Load(), missing(), d.counted(), longest.Round(time.Millisecond))
	if longest > callWithin {
		t.Errorf("%s: a call took %v", name, longest)
	}
	// A message whose sender got no answer may have arrived; one way's refusals
	// and the other's share no counter but that of the layer.
	if surplus := d.counted() - missing(); surplus > d.failed.Load()+other.failed.Load() {
		t.Errorf("%s: %d drops counted, %d messages missing", name, d.counted(), missing())
	}
}

func TestFaultKilledAndRestartedEmpty(t *testing.T) {
	underFault(t, func(s *redistest.Server, _ *redistest.Proxy) {
		s.Kill()
		<-time.After(3 * time.Second)
		s.RestartEmpty()
	})
}

func TestFaultRestartedAtOnce(t *testing.T) {
	underFault(t, func(s *redistest.Server, _ *redistest.Proxy) { s.RestartEmpty() })
}

func TestFaultStoppedForHalfAMinute(t *testing.T) {
	underFault(t, func(s *redistest.Server, _ *redistest.Proxy) {
		s.Freeze()
		length := 30 * time.Second
		if testing.Short() {
			length = 6 * time.Second
		}
		<-time.After(length)
		s.Thaw()
	})
}

func TestFaultWiped(t *testing.T) {
	underFault(t, func(s *redistest.Server, _ *redistest.Proxy) { s.Wipe() })
}

func TestFaultConnectionsCut(t *testing.T) {
	underFault(t, func(s *redistest.Server, _ *redistest.Proxy) {
		for range 3 {
			s.Cut()
		}
	})
}

func TestFaultSubscribersCut(t *testing.T) {
	underFault(t, func(s *redistest.Server, _ *redistest.Proxy) { s.CutSubscribers() })
}

func TestFaultHalfDeadSubscriber(t *testing.T) {
	underFault(t, func(_ *redistest.Server, p *redistest.Proxy) { p.Deafen() })
}

// await polls a condition.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(2 * patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("in vain waited until %s", what)
		}
	}
}
