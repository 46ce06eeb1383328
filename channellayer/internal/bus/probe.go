package bus

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// prober finds out whether a subscription that hears nothing is dead. It
// belongs to one connection and is used by its goroutine only.
type prober struct {
	shard *shard
	sent  uint64    // number of the newest probe
	at    time.Time // when it was sent
}

// check sends a probe if the connection has been silent, and returns an error
// if the last one is overdue.
func (p *prober) check(ctx context.Context) error {
	s := p.shard
	if p.sent != s.returned.Load() {
		if late := time.Since(p.at); late > probeWithin {
			s.session.bus.stats.probesLost.Add(1)
			return fmt.Errorf("probe not back after %v", late.Round(time.Millisecond))
		}
		return nil
	}
	if time.Since(s.begin)-time.Duration(s.heard.Load()) < probeAfter {
		return nil
	}
	p.sent++
	p.at = time.Now()
	s.session.bus.stats.probes.Add(1)
	number := p.sent
	s.session.bus.ended.Go(func() { s.publishProbe(ctx, number) })
	return nil
}

// publishProbe goes past the breaker: the probe is what tells whether the bus
// works. Whether it was published does not matter, only whether it comes back.
// Started by check; ends within the deadline.
func (s *shard) publishProbe(ctx context.Context, number uint64) {
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	client := s.session.client
	_ = client.Do(ctx, publish(client, s.probe, strconv.FormatUint(number, 10))).Error()
}
