package bus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/redis/rueidis"
)

// session is the time during which one client and one view of the topology
// hold. Its shards come and go with their connections; when none is left, or
// the topology has changed, the bus begins a new session.
type session struct {
	bus    *Bus
	client rueidis.Client
	shards []*shard
	owners map[uint16]*shard // by slot; nil unless sharded

	mu sync.Mutex
	up map[*shard]bool // guarded by mu; shards whose subscriptions are in place
}

// newSession looks at the topology. It returns an error if that cannot be had.
func newSession(ctx context.Context, b *Bus, client rueidis.Client) (*session, error) {
	s := &session{bus: b, client: client, up: make(map[*shard]bool)}
	if client.Mode() != rueidis.ClientModeCluster {
		s.shards = []*shard{newShard(s, "", b.config.Probe(0))}
		return s, nil
	}
	owners, err := readSlots(ctx, client)
	if err != nil {
		return nil, err
	}
	return s, s.distribute(owners)
}

// distribute makes a shard for each master.
func (s *session) distribute(owners map[uint16]string) error {
	s.owners = make(map[uint16]*shard, len(owners))
	byAddress := make(map[string]*shard)
	for n := 0; len(byAddress) < countMasters(owners); n++ {
		if n > slotCount {
			return errors.New("redis: a master of the cluster has too few slots to be probed")
		}
		probe := s.bus.config.Probe(n)
		address, ok := owners[Slot(probe)]
		if !ok || byAddress[address] != nil {
			continue
		}
		shard := newShard(s, address, probe)
		byAddress[address] = shard
		s.shards = append(s.shards, shard)
	}
	for slot, address := range owners {
		s.owners[slot] = byAddress[address]
	}
	return nil
}

func countMasters(owners map[uint16]string) int {
	seen := make(map[string]struct{})
	for _, address := range owners {
		seen[address] = struct{}{}
	}
	return len(seen)
}

// readSlots asks which master owns which slot.
func readSlots(ctx context.Context, client rueidis.Client) (map[uint16]string, error) {
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	ranges, err := client.Do(ctx, client.B().ClusterSlots().Build()).ToArray()
	if err != nil {
		return nil, fmt.Errorf("redis: slots of the cluster: %w", err)
	}
	owners := make(map[uint16]string, slotCount)
	for i := range ranges {
		first, last, address, err := readRange(ranges[i])
		if err != nil {
			return nil, err
		}
		for slot := first; slot <= last && slot < slotCount; slot++ {
			owners[uint16(slot)] = address
		}
	}
	return owners, nil
}

func readRange(r rueidis.RedisMessage) (first, last int64, address string, err error) {
	parts, err := r.ToArray()
	if err != nil || len(parts) < 3 {
		return 0, 0, "", errors.New("redis: unexpected answer to CLUSTER SLOTS")
	}
	first, err1 := parts[0].AsInt64()
	last, err2 := parts[1].AsInt64()
	master, err3 := parts[2].ToArray()
	if err := errors.Join(err1, err2, err3); err != nil || len(master) < 2 {
		return 0, 0, "", errors.New("redis: unexpected answer to CLUSTER SLOTS")
	}
	host, _ := master[0].ToString() // empty: the node that was asked, one and the same for all
	port, err := master[1].AsInt64()
	return first, last, net.JoinHostPort(host, strconv.FormatInt(port, 10)), err
}

func (s *session) sharded() bool { return s.owners != nil }

// shardOf returns the shard of a channel, or nil if no master owns its slot.
func (s *session) shardOf(channel string) *shard {
	if !s.sharded() {
		return s.shards[0]
	}
	return s.owners[Slot(channel)]
}

// run keeps the shards subscribed. It returns when the session is over.
func (s *session) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var shards sync.WaitGroup
	for _, shard := range s.shards {
		shards.Go(func() { shard.run(ctx, cancel) })
	}
	shards.Wait()
	return context.Cause(ctx)
}

// setUp notes whether a shard's subscriptions are in place; the bus is up when
// all shards are.
func (s *session) setUp(shard *shard, up bool) {
	s.mu.Lock()
	s.up[shard] = up
	all := true
	for _, other := range s.shards {
		all = all && s.up[other]
	}
	s.mu.Unlock()
	s.bus.setUp(all)
}

// linked tells whether there is a connection on which a channel can be
// subscribed.
func (s *session) linked(channel string) bool {
	shard := s.shardOf(channel)
	return shard != nil && shard.linked.Load()
}

// alone tells whether no shard is up, so that a new client is the next thing to
// try.
func (s *session) alone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, up := range s.up {
		if up {
			return false
		}
	}
	return true
}

// moved tells whether the cluster's slots have other owners than at the
// session's start.
func (s *session) moved(ctx context.Context) bool {
	if !s.sharded() {
		return false
	}
	owners, err := readSlots(ctx, s.client)
	if err != nil {
		return false
	}
	for slot, shard := range s.owners {
		if shard.address != owners[slot] {
			return true
		}
	}
	return len(owners) != len(s.owners)
}
