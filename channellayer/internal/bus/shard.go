package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// shard is the subscriber connection to one master.
type shard struct {
	session *session
	address string // of the master; empty unless sharded
	probe   string // channel of its own, in a slot of this master

	mu     sync.Mutex
	orders []order       // guarded by mu; not yet sent
	wake   chan struct{} // one token: there are orders

	heard    atomic.Int64  // nanoseconds since begin: last push
	returned atomic.Uint64 // number of the newest probe that came back
	begin    time.Time
	leaving  map[string]int // guarded by mu; unsubscriptions that are not confirmed
	linked   atomic.Bool    // there is a connection, so that subscribing is a matter of moments
}

// order asks for a channel to be subscribed or unsubscribed.
type order struct {
	channel   string
	subscribe bool
}

// maxBatch bounds the channels of one SUBSCRIBE.
const maxBatch = 256

func newShard(s *session, address, probe string) *shard {
	return &shard{session: s, address: address, probe: probe, wake: make(chan struct{}, 1), begin: time.Now(), leaving: make(map[string]int)}
}

// order puts an order in and wakes the connection's goroutine.
func (s *shard) order(channel string, subscribe bool) {
	s.mu.Lock()
	s.orders = append(s.orders, order{channel, subscribe})
	if !subscribe {
		s.leaving[channel]++
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run keeps the connection until ctx ends. It ends the session by over when a
// fresh client or a fresh topology is needed. Started by session.run.
func (s *shard) run(ctx context.Context, over context.CancelCauseFunc) {
	wait := minBackoff
	for failed := false; ctx.Err() == nil; {
		wasUp, err := s.listen(ctx)
		s.session.bus.release(s)
		s.session.setUp(s, false)
		if ctx.Err() != nil {
			return
		}
		s.session.bus.config.Logger.Warn("redis subscription lost", "error", err)
		if wasUp {
			failed, wait = false, minBackoff
			continue
		}
		if failed && (s.session.alone() || s.session.moved(ctx)) {
			over(err)
			return
		}
		failed = true
		wait = pause(ctx, wait)
	}
}

// listen holds one connection until it fails. It returns whether all
// subscriptions were in place once.
func (s *shard) listen(ctx context.Context) (wasUp bool, err error) {
	conn, err := s.connect()
	if err != nil {
		return false, err
	}
	defer conn.Close()
	unasked := make(chan error, 1)
	lost := conn.SetPubSubHooks(rueidis.PubSubHooks{OnMessage: s.message, OnSubscription: func(sub rueidis.PubSubSubscription) {
		s.subscribed(sub, unasked)
	}})
	s.clear()
	if err := s.do(ctx, conn, s.subscribeCommand(conn, []string{s.probe})); err != nil {
		return false, err
	}
	if err := s.refresh(ctx); err != nil {
		return false, err
	}
	s.linked.Store(true)
	defer s.linked.Store(false)
	for _, channel := range s.session.bus.assign(s) {
		s.order(channel, true)
	}
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	p := prober{shard: s, sent: s.returned.Load()}
	for {
		if err := s.carryOut(ctx, conn); err != nil {
			return wasUp, err
		}
		if !wasUp && s.session.bus.missing(s) == 0 {
			wasUp = true
			s.session.setUp(s, true)
		}
		select {
		case <-s.wake:
		case <-tick.C:
			if err := p.check(ctx); err != nil {
				return wasUp, err
			}
		case err := <-lost:
			return wasUp, fmt.Errorf("connection lost: %w", orClosed(err))
		case err := <-unasked:
			return wasUp, err
		case <-ctx.Done():
			return wasUp, ctx.Err()
		}
	}
}

func orClosed(err error) error {
	if err == nil {
		return errors.New("closed")
	}
	return err
}

// clear forgets what was meant for an earlier connection.
func (s *shard) clear() {
	s.mu.Lock()
	s.orders = nil
	clear(s.leaving)
	s.mu.Unlock()
	s.hear()
}

func (s *shard) hear() { s.heard.Store(int64(time.Since(s.begin))) }

// message is called by the connection's reader.
func (s *shard) message(m rueidis.PubSubMessage) {
	s.hear()
	if m.Channel == s.probe {
		if n, err := strconv.ParseUint(m.Message, 10, 64); err == nil {
			s.returned.Store(max(n, s.returned.Load()))
		}
		return
	}
	s.session.bus.config.OnMessage(m.Channel, m.Message)
}

// subscribed is called by the connection's reader for each confirmation. A
// subscription that ends without having been asked to means that its slot has
// moved to another master.
func (s *shard) subscribed(sub rueidis.PubSubSubscription, unasked chan<- error) {
	s.hear()
	switch sub.Kind {
	case "subscribe", "ssubscribe":
		s.session.bus.confirm(s, sub.Channel)
		s.nudge()
	case "unsubscribe", "sunsubscribe":
		if s.left(sub.Channel) || !s.session.bus.wants(s, sub.Channel) && sub.Channel != s.probe {
			return
		}
		select {
		case unasked <- errors.New("subscription ended by the server"):
		default:
		}
	}
}

// nudge has the goroutine look whether everything is in place now.
func (s *shard) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// left notes a confirmed unsubscription and tells whether it was asked for.
func (s *shard) left(channel string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.leaving[channel]
	switch {
	case n == 0:
		return false
	case n == 1:
		delete(s.leaving, channel)
	default:
		s.leaving[channel] = n - 1
	}
	return true
}

// carryOut sends all orders, in order, as few commands as possible.
func (s *shard) carryOut(ctx context.Context, conn rueidis.DedicatedClient) error {
	s.mu.Lock()
	orders := s.orders
	s.orders = nil
	s.mu.Unlock()
	for len(orders) > 0 {
		n := s.alike(orders)
		channels := make([]string, n)
		for i := range channels {
			channels[i] = orders[i].channel
		}
		command := s.unsubscribeCommand
		if orders[0].subscribe {
			command = s.subscribeCommand
		}
		if err := s.do(ctx, conn, command(conn, channels)); err != nil {
			return err
		}
		orders = orders[n:]
	}
	return nil
}

// alike returns how many orders from the front fit into one command: of one
// kind and, on a cluster, of one slot.
func (s *shard) alike(orders []order) int {
	n := 1
	for n < len(orders) && n < maxBatch && orders[n].subscribe == orders[0].subscribe &&
		(!s.session.sharded() || Slot(orders[n].channel) == Slot(orders[0].channel)) {
		n++
	}
	return n
}

func (s *shard) subscribeCommand(conn rueidis.DedicatedClient, channels []string) rueidis.Completed {
	if s.session.sharded() {
		return conn.B().Ssubscribe().Channel(channels...).Build()
	}
	return conn.B().Subscribe().Channel(channels...).Build()
}

func (s *shard) unsubscribeCommand(conn rueidis.DedicatedClient, channels []string) rueidis.Completed {
	if s.session.sharded() {
		return conn.B().Sunsubscribe().Channel(channels...).Build()
	}
	return conn.B().Unsubscribe().Channel(channels...).Build()
}

// do sends a command on the subscriber connection, within the deadline.
func (s *shard) do(ctx context.Context, conn rueidis.DedicatedClient, command rueidis.Completed) error {
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	return conn.Do(ctx, command).Error()
}

// master returns the client of the shard's master. On a cluster it is asked of
// the node: the cluster's client would tie a connection to one slot.
func (s *shard) master() (rueidis.Client, error) {
	if !s.session.sharded() {
		return s.session.client, nil
	}
	if node := s.session.client.Nodes()[s.address]; node != nil {
		return node, nil
	}
	return nil, fmt.Errorf("redis: no connection to %s", s.address)
}

// connect takes a connection of its own to the master.
func (s *shard) connect() (rueidis.DedicatedClient, error) {
	client, err := s.master()
	if err != nil {
		return nil, err
	}
	conn, _ := client.Dedicate() // Close gives it back too
	return conn, nil
}

// refresh makes sure of the command connection: what has cut the subscriber may
// have cut that one too, which shows only when it is used, and should not cost
// a message.
func (s *shard) refresh(ctx context.Context) error {
	client, err := s.master()
	if err != nil {
		return err
	}
	for range 2 { // the first may find the connection dead, the second dials
		once, cancel := context.WithTimeout(ctx, Deadline)
		err = client.Do(once, client.B().Ping().Build()).Error()
		cancel()
		if err == nil {
			return nil
		}
	}
	return err
}
