package prove

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// faultsOf gives the first faults of a lane, by name and number, without
// doing them.
func faultsOf(l lane, n int) (drawn []int) {
	for range n {
		drawn = append(drawn, l.chance.IntN(len(l.steps)))
	}
	return drawn
}

func TestASeedRepeatsWhatPeopleDoAndWhichFaultsCome(t *testing.T) {
	m := &nemesis{engines: []*engine{{kind: faultRedis}, {kind: faultPostgres}}}
	all := func(seed uint64) string {
		var text string
		for _, l := range m.lanes(FaultNames, seed) {
			text += fmt.Sprint(faultsOf(l, 100))
		}
		p := &person{rnd: rand.New(rand.NewPCG(seed, 2000))}
		for range 100 {
			d := p.draw()
			text += fmt.Sprint(chooseOp(d.op), d.room, d.target, d.way, d.node)
		}
		return text
	}
	first := all(7)
	if again := all(7); again != first {
		t.Error("the same seed gives something else")
	}
	if all(8) == first {
		t.Error("another seed gives the same")
	}
}

func TestOnlyWhatIsAskedForHappens(t *testing.T) {
	m := &nemesis{engines: []*engine{{kind: faultRedis}}}
	for _, c := range []struct {
		names []string
		lanes int
	}{{nil, 0}, {[]string{faultKill}, 1}, {[]string{faultRedis}, 1}, {[]string{faultPostgres}, 0}, {[]string{faultCut, faultSlow}, 1}, {[]string{faultClock}, 1}, {FaultNames, 4}} {
		if lanes := m.lanes(c.names, 1); len(lanes) != c.lanes {
			t.Errorf("%v: %d lanes, want %d", c.names, len(lanes), c.lanes)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.lanes([]string{faultRedis}, 1)[0].run(ctx, func() bool { return false }); err != nil {
		t.Error(err)
	}
}

func TestEveryOpIsDrawn(t *testing.T) {
	seen := map[string]bool{}
	for draw := range uint64(100) {
		seen[chooseOp(draw)] = true
	}
	for _, op := range slices.Concat(changes, []string{opLook, opMove}) {
		if !seen[op] && op != opJoin { // that comes of being out
			t.Errorf("%s is never drawn", op)
		}
	}
}
