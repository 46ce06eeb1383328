package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/bus"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

const patience = 15 * time.Second

// end is a bus and what it heard.
type end struct {
	*bus.Bus
	t      *testing.T
	heard  chan string
	states chan bool
}

func open(t *testing.T, url string) *end {
	t.Helper()
	e := &end{t: t, heard: make(chan string, 1000), states: make(chan bool, 100)}
	var err error
	e.Bus, err = bus.Open(bus.Config{
		URL:       url,
		Probe:     func(n int) string { return fmt.Sprintf("{%d}:probe:%p", n, e) },
		OnMessage: func(channel, payload string) { e.heard <- channel + "=" + payload },
		OnState:   func(up bool) { e.states <- up },
		Logger:    slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Error("close:", err)
		}
	})
	return e
}

func (e *end) awaitState(up bool) {
	e.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case got := <-e.states:
			if got == up {
				return
			}
		case <-deadline:
			e.t.Fatalf("state did not become up=%v", up)
		}
	}
}

func (e *end) subscribe(channel string) {
	e.t.Helper()
	if err := e.Subscribe(e.t.Context(), channel); err != nil {
		e.t.Fatal(err)
	}
}

func (e *end) hears(want string) {
	e.t.Helper()
	select {
	case got := <-e.heard:
		if got != want {
			e.t.Fatalf("heard %q, want %q", got, want)
		}
	case <-time.After(patience):
		e.t.Fatalf("did not hear %q", want)
	}
}

func (e *end) publish(channel, payload string) {
	e.t.Helper()
	if _, err := e.Publish(e.t.Context(), channel, payload); err != nil {
		e.t.Fatal(err)
	}
}

func TestWhatIsPublishedIsHeardWhileSubscribed(t *testing.T) {
	s := redistest.Start(t)
	a, b := open(t, s.URL()), open(t, s.URL())
	a.awaitState(true)
	b.awaitState(true)
	a.subscribe("one")
	a.subscribe("two")
	b.publish("one", "1")
	b.publish("two", "2")
	a.hears("one=1")
	a.hears("two=2")
	a.Unsubscribe("one")
	a.subscribe("three")
	b.publish("one", "3")
	b.publish("three", "4")
	a.hears("three=4")
	if n, err := b.Publish(t.Context(), "nobody", "x"); n != 0 || err != nil {
		t.Fatalf("%d receivers, %v", n, err)
	}
}

func TestManySubscriptionsAreMadeAtOnce(t *testing.T) {
	s := redistest.Start(t)
	a, b := open(t, s.URL()), open(t, s.URL())
	a.awaitState(true)
	b.awaitState(true)
	var wg sync.WaitGroup
	for i := range 2000 {
		wg.Go(func() {
			if err := a.Subscribe(t.Context(), fmt.Sprint("c", i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range 500 {
		b.publish(fmt.Sprint("c", i*4), "x")
		a.hears(fmt.Sprint("c", i*4, "=x"))
	}
}

func TestSubscriptionsComeBackAfterARestart(t *testing.T) {
	s := redistest.Start(t)
	a, b := open(t, s.URL()), open(t, s.URL())
	a.awaitState(true)
	b.awaitState(true)
	a.subscribe("c")
	s.Kill()
	a.awaitState(false)
	if err := a.Subscribe(t.Context(), "later"); !errors.Is(err, channellayer.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	s.RestartEmpty()
	a.awaitState(true)
	b.awaitState(true)
	a.subscribe("later")
	b.publish("c", "1")
	a.hears("c=1")
	b.publish("later", "2")
	a.hears("later=2")
}

func TestABusMayBeOpenedBeforeItsServer(t *testing.T) {
	s := redistest.Start(t)
	s.Kill()
	a := open(t, s.URL())
	if _, err := a.Publish(t.Context(), "c", "x"); !errors.Is(err, channellayer.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	s.RestartEmpty()
	a.awaitState(true)
	a.subscribe("c")
	a.publish("c", "x")
	a.hears("c=x")
}

func TestAFrozenServerFailsCallsWithinTheirDeadline(t *testing.T) {
	s := redistest.Start(t)
	a := open(t, s.URL())
	a.awaitState(true)
	s.Freeze()
	for range 10 {
		start := time.Now()
		_, err := a.Publish(t.Context(), "c", "x")
		if !errors.Is(err, channellayer.ErrUnavailable) {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(start); took > 4*bus.Deadline {
			t.Fatalf("publish took %v", took)
		}
	}
	a.awaitState(false)
	s.Thaw()
	a.awaitState(true)
	a.subscribe("c")
	a.publish("c", "x")
	a.hears("c=x")
}

func TestAHalfDeadSubscriptionIsFoundAndReplaced(t *testing.T) {
	s := redistest.Start(t)
	proxy := redistest.NewProxy(t, s)
	a, b := open(t, proxy.URL()), open(t, s.URL())
	a.awaitState(true)
	b.awaitState(true)
	a.subscribe("c")
	proxy.Deafen()
	start := time.Now()
	a.awaitState(false)
	t.Logf("found after %v", time.Since(start).Round(time.Millisecond))
	if found := time.Since(start); found > 8*time.Second {
		t.Errorf("found only after %v", found)
	}
	a.awaitState(true)
	t.Logf("back after %v", time.Since(start).Round(time.Millisecond))
	b.publish("c", "x")
	a.hears("c=x")
	if stats := a.Stats(); stats.ProbesLost != 1 || stats.Reconnects != 1 {
		t.Errorf("stats %+v", stats)
	}
}

func TestAClusterCarriesEveryChannel(t *testing.T) {
	nodes := redistest.StartCluster(t, 3)
	a, b := open(t, redistest.ClusterURL(nodes)), open(t, nodes[0].URL())
	a.awaitState(true)
	b.awaitState(true)
	for i := range 100 {
		a.subscribe(fmt.Sprint("c", i))
	}
	for i := range 100 {
		b.publish(fmt.Sprint("c", i), "x")
		a.hears(fmt.Sprint("c", i, "=x"))
	}
	nodes[1].CutSubscribers()
	a.awaitState(false)
	a.awaitState(true)
	for i := range 100 {
		b.publish(fmt.Sprint("c", i), "y")
		a.hears(fmt.Sprint("c", i, "=y"))
	}
}

func TestAMovedSlotTakesItsSubscriptionsAlong(t *testing.T) {
	nodes := redistest.StartCluster(t, 2)
	a := open(t, redistest.ClusterURL(nodes))
	a.awaitState(true)
	channel := "c"
	for i := 0; bus.Slot(channel) > 8000; i++ {
		channel = fmt.Sprint("c", i)
	}
	a.subscribe(channel)
	slot := fmt.Sprint(bus.Slot(channel))
	reply := nodes[1].Do("CLUSTER", "MYID")
	id, _ := reply.ToString()
	for _, n := range nodes {
		n.Do("CLUSTER", "SETSLOT", slot, "NODE", id)
	}
	a.awaitState(false)
	a.awaitState(true)
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if n, err := a.Publish(t.Context(), channel, "x"); err == nil && n == 1 {
			a.hears(channel + "=x")
			return
		}
	}
	t.Fatal("nobody hears the channel on its new master")
}

func TestSlotsAreThoseOfRedis(t *testing.T) {
	s := redistest.StartCluster(t, 1)[0]
	for _, key := range []string{"", "a", "foo", "{foo}bar", "x{}y", "x{a}{b}", "123456789", "{", "}{", "pl:{17}:g:room.1"} {
		reply := s.Do("CLUSTER", "KEYSLOT", key)
		if want, _ := reply.AsInt64(); int64(bus.Slot(key)) != want {
			t.Errorf("%q: %d, want %d", key, bus.Slot(key), want)
		}
	}
}
