package crashtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// meter measures how long people wait. A nil meter measures nothing.
type meter struct {
	mu         sync.Mutex
	deliveries []time.Duration // guarded by mu; from the commit to the hearing
	acks       []time.Duration // guarded by mu; from the sending to the answer
}

func (m *meter) heard(committed time.Time) {
	if m == nil {
		return
	}
	took := time.Since(committed)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deliveries = append(m.deliveries, took)
}

func (m *meter) acknowledged(began time.Time) {
	if m == nil {
		return
	}
	took := time.Since(began)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acks = append(m.acks, took)
}

// take gives what was measured since the last time.
func (m *meter) take() (deliveries, acks []time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	deliveries, acks = m.deliveries, m.acks
	m.deliveries, m.acks = nil, nil
	slices.Sort(deliveries)
	slices.Sort(acks)
	return deliveries, acks
}

// report writes down what was measured in a phase, and fails if anybody
// waited for longer than limit, or if nobody heard anything.
func (m *meter) report(t *testing.T, phase string, limit time.Duration) {
	t.Helper()
	deliveries, acks := m.take()
	t.Logf("%-28s delivered %s; acknowledged %s", phase, describe(deliveries), describe(acks))
	if len(deliveries) == 0 || len(acks) == 0 {
		t.Errorf("%s: nobody hears anything", phase)
		return
	}
	if worst := max(deliveries[len(deliveries)-1], acks[len(acks)-1]); worst > limit {
		t.Errorf("%s: somebody waited %v", phase, worst)
	}
}

func describe(sorted []time.Duration) string {
	if len(sorted) == 0 {
		return "nothing"
	}
	at := func(part float64) time.Duration {
		return sorted[int(float64(len(sorted)-1)*part)].Round(100 * time.Microsecond)
	}
	return fmt.Sprintf("%6d, median %v, 99 %% %v, longest %v", len(sorted), at(.5), at(.99), at(1))
}
