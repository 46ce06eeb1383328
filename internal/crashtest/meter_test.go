package crashtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// meter measures how long people wait.
type meter struct {
	mu         sync.Mutex
	homes      map[string]int // guarded by mu; whose node is which
	deliveries times          // guarded by mu; from the commit to the hearing
	crossings  times          // guarded by mu; those from one node to another
	acks       times          // guarded by mu; from the sending to the answer
}

// times are lengths of time.
type times []time.Duration

// knows tells the meter where a person is.
func (m *meter) knows(p *person) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.homes == nil {
		m.homes = map[string]int{}
	}
	m.homes[p.name] = p.node
}

// heard notes that p heard a message.
func (m *meter) heard(p *person, heard message) {
	took := time.Since(heard.At)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deliveries = append(m.deliveries, took)
	if m.homes[heard.User] != p.node {
		m.crossings = append(m.crossings, took)
	}
}

func (m *meter) acknowledged(began time.Time) {
	took := time.Since(began)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acks = append(m.acks, took)
}

// take gives what was measured since the last time, in order of length.
func (m *meter) take() (deliveries, crossings, acks times) {
	m.mu.Lock()
	defer m.mu.Unlock()
	deliveries, crossings, acks = m.deliveries, m.crossings, m.acks
	m.deliveries, m.crossings, m.acks = nil, nil, nil
	for _, measured := range []times{deliveries, crossings, acks} {
		slices.Sort(measured)
	}
	return deliveries, crossings, acks
}

// bearable is how long people may have to wait.
type bearable struct {
	ack      time.Duration // in 99 of 100 cases
	delivery time.Duration // ever, from any node
	again    time.Duration // until a Redis that is back is in use again
}

// patiently is for a machine that does other things, too.
var patiently = bearable{ack: chatPatience, delivery: chatPatience, again: patience}

// asPromised are the figures that a quiet machine must reach.
var asPromised = bearable{ack: 500 * time.Millisecond, delivery: 3 * time.Second, again: 3 * time.Second}

// report writes down what was measured in a phase, and fails if anybody had
// to wait for longer than is bearable, or if nobody heard anything.
func (m *meter) report(t *testing.T, phase string, b bearable) {
	t.Helper()
	deliveries, crossings, acks := m.take()
	t.Logf("%-28s delivered %v; between nodes %v; acknowledged %v", phase, deliveries, crossings, acks)
	if len(deliveries) == 0 || len(acks) == 0 {
		t.Errorf("%s: nobody hears anything", phase)
		return
	}
	if worst := deliveries.at(1); worst > b.delivery {
		t.Errorf("%s: somebody waited %v for a message", phase, worst)
	}
	if slow := acks.at(.99); slow > b.ack {
		t.Errorf("%s: one in a hundred waited %v or longer for an answer", phase, slow)
	}
}

// at gives the length that this part of all, which are sorted, do not exceed.
func (d times) at(part float64) time.Duration { return d[int(float64(len(d)-1)*part)] }

func (d times) String() string {
	if len(d) == 0 {
		return "nothing"
	}
	round := func(part float64) time.Duration { return d.at(part).Round(100 * time.Microsecond) }
	return fmt.Sprintf("%d, median %v, 99 %% %v, longest %v", len(d), round(.5), round(.99), round(1))
}
