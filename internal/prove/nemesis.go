package prove

import (
	"context"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"
)

// What was done, as the report calls it.
const (
	didKill    = "node killed"
	didStop    = "node stopped for a while"
	didDrain   = "node drained"
	didCut     = "connection cut"
	didCutMid  = "connection cut in the middle of something"
	didSlow    = "client not reading"
	didForward = "clock of a node set forward"
	didBack    = "clock of a node set back"
	didCommits = "answers to COMMIT cut off"
)

// lane is a row of faults that come one after the other; lanes run beside
// each other. What a lane draws depends on nothing but its seed.
type lane struct {
	chance *rand.Rand
	steps  []func(ctx context.Context, chance *rand.Rand) error
}

// run does one fault after the other until ctx or enough ends.
func (l lane) run(ctx context.Context, enough func() bool) error {
	for ctx.Err() == nil && !enough() {
		step := l.steps[l.chance.IntN(len(l.steps))]
		if err := step(ctx, l.chance); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// nemesis hurts nodes, engines and connections.
type nemesis struct {
	nodes   []*node
	engines []*engine
	tally   *tally
}

// lanes gives what is to happen, by names as in FaultNames.
func (m *nemesis) lanes(names []string, seed uint64) []lane {
	has := func(name string) bool { return slices.Contains(names, name) }
	var all []lane
	add := func(number uint64, steps ...func(context.Context, *rand.Rand) error) {
		if len(steps) > 0 {
			all = append(all, lane{rand.New(rand.NewPCG(seed, number)), steps})
		}
	}
	add(1, m.nodeSteps(has)...)
	for i, e := range m.engines {
		if has(e.kind) {
			add(2+uint64(i), m.engineSteps(e)...)
		}
	}
	var clients []func(context.Context, *rand.Rand) error
	if has(faultCut) {
		clients = append(clients, m.cut, m.cut, m.cut, m.cutMid)
	}
	if has(faultSlow) {
		clients = append(clients, m.slow)
	}
	add(9, clients...)
	if has(faultClock) {
		add(10, m.jump)
	}
	return all
}

// nodeSteps: killing is what there is most of.
func (m *nemesis) nodeSteps(has func(string) bool) (steps []func(context.Context, *rand.Rand) error) {
	if has(faultKill) {
		for range 7 {
			steps = append(steps, m.killNode)
		}
	}
	if has(faultStop) {
		steps = append(steps, m.stopNode)
	}
	if has(faultDrain) {
		steps = append(steps, m.drainNode)
	}
	return steps
}

// between draws a time.
func between(chance *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(chance.Int64N(int64(most-least)))
}

// choose lets a node work for a while, mostly at least until it has
// acknowledged something. Sometimes it is hit while it starts.
func (m *nemesis) choose(ctx context.Context, chance *rand.Rand) (*node, error) {
	n := m.nodes[chance.IntN(len(m.nodes))]
	hasty, d := chance.IntN(5) == 0, between(chance, 0, 1500*time.Millisecond)
	if hasty {
		pause(ctx, d/20)
		return n, ctx.Err()
	}
	if err := n.awaitAck(ctx); err != nil {
		return nil, err
	}
	pause(ctx, d)
	return n, ctx.Err()
}

func (m *nemesis) killNode(ctx context.Context, chance *rand.Rand) error {
	n, err := m.choose(ctx, chance)
	if err != nil {
		return err
	}
	n.kill()
	m.tally.fault(didKill)
	return n.start(ctx)
}

func (m *nemesis) stopNode(ctx context.Context, chance *rand.Rand) error {
	d := between(chance, 500*time.Millisecond, 4*time.Second)
	n, err := m.choose(ctx, chance)
	if err != nil {
		return err
	}
	m.tally.fault(didStop)
	n.process.signal(syscall.SIGSTOP)
	pause(ctx, d)
	n.process.signal(syscall.SIGCONT)
	return nil
}

// drainNode is half of a rolling restart.
func (m *nemesis) drainNode(ctx context.Context, chance *rand.Rand) error {
	n, err := m.choose(ctx, chance)
	if err != nil {
		return err
	}
	m.tally.fault(didDrain)
	if err := n.stop(); err != nil {
		return err
	}
	return n.start(ctx)
}

// engineSteps are the faults of Redis or PostgreSQL; what cannot be done to
// one that is given is left out.
func (m *nemesis) engineSteps(e *engine) []func(context.Context, *rand.Rand) error {
	fault := func(what string, do func(ctx context.Context, d time.Duration) error) func(context.Context, *rand.Rand) error {
		return func(ctx context.Context, chance *rand.Rand) error {
			calm, d := between(chance, 4*time.Second, 11*time.Second), between(chance, 200*time.Millisecond, 3*time.Second)
			pause(ctx, calm)
			if ctx.Err() != nil {
				return nil
			}
			m.tally.fault(e.kind + " " + what)
			return do(ctx, d)
		}
	}
	steps := []func(context.Context, *rand.Rand) error{
		fault("connections cut", func(context.Context, time.Duration) error { e.gate.cutAll(); return nil }),
		fault("network held", func(ctx context.Context, d time.Duration) error { e.gate.holdAll(d); pause(ctx, d); return nil }),
	}
	if e.kind == faultPostgres {
		steps = append(steps, func(ctx context.Context, chance *rand.Rand) error { return m.cutCommits(ctx, e, chance) })
	}
	if e.command == nil {
		return steps
	}
	steps = append(steps,
		fault("killed", func(ctx context.Context, d time.Duration) error { e.kill(); return e.restart(ctx, d) }),
		fault("frozen", func(ctx context.Context, d time.Duration) error {
			e.signalAll(syscall.SIGSTOP)
			pause(ctx, d)
			e.signalAll(syscall.SIGCONT)
			return nil
		}))
	if e.kind == faultRedis {
		return append(steps, fault("wiped", func(context.Context, time.Duration) error {
			redisSays(e.gate.target, "FLUSHALL", "+OK")
			return nil
		}))
	}
	return append(steps, fault("restarted", func(ctx context.Context, d time.Duration) error {
		e.process.signal(syscall.SIGINT)
		if err := e.process.await(patience); err != nil {
			return err
		}
		return e.restart(ctx, d/4)
	}))
}

// cutCommits cuts a few connections just after PostgreSQL has committed and
// before its answer: nobody here can know what became of the changes.
func (m *nemesis) cutCommits(ctx context.Context, e *engine, chance *rand.Rand) error {
	n := 1 + chance.Int64N(5)
	pause(ctx, between(chance, 500*time.Millisecond, 3*time.Second))
	if ctx.Err() != nil {
		return nil
	}
	m.tally.fault(e.kind + " " + didCommits)
	e.gate.commits.Store(n)
	for e.gate.commits.Load() > 0 && ctx.Err() == nil {
		pause(ctx, 50*time.Millisecond)
	}
	e.gate.commits.Store(0)
	return nil
}

// The furthest that a clock may jump. Forwards it stays within the life of a
// session, which nobody can tell from time that has passed.
const (
	furthestForward = 12 * time.Hour
	furthestBack    = 400 * 24 * time.Hour
)

// jump sets a node's clock, which goes on from there: right, wrong by minutes,
// by hours, or by more than a year in the past.
func (m *nemesis) jump(ctx context.Context, chance *rand.Rand) error {
	reach, back := []time.Duration{time.Nanosecond, 10 * time.Minute, furthestForward, furthestBack}[chance.IntN(4)], chance.IntN(2) == 0
	by := between(chance, 0, reach).Truncate(time.Millisecond)
	if back || reach > furthestForward {
		by = -by
	}
	n := m.nodes[chance.IntN(len(m.nodes))]
	pause(ctx, between(chance, 200*time.Millisecond, 3*time.Second))
	if ctx.Err() != nil || by == n.wrongBy {
		return nil
	}
	did := didForward
	if by < n.wrongBy {
		did = didBack
	}
	m.tally.fault(did)
	return n.setClock(by)
}

// hurt does something to a client's connection somewhere.
func (m *nemesis) hurt(ctx context.Context, chance *rand.Rand, what string, do func(*passage)) error {
	pause(ctx, between(chance, 2*time.Millisecond, 14*time.Millisecond))
	if ctx.Err() == nil && m.nodes[chance.IntN(len(m.nodes))].gate.harm(chance, do) {
		m.tally.fault(what)
	}
	return nil
}

func (m *nemesis) cut(ctx context.Context, chance *rand.Rand) error {
	return m.hurt(ctx, chance, didCut, (*passage).cut)
}

// cutMid lets some bytes more go through, which end within a request, an
// answer or a frame.
func (m *nemesis) cutMid(ctx context.Context, chance *rand.Rand) error {
	up, down := chance.Int64N(600), chance.Int64N(4000)
	if chance.IntN(2) == 0 {
		up = unlimited
	}
	return m.hurt(ctx, chance, didCutMid, func(p *passage) { p.up.Store(up); p.down.Store(down) })
}

// slow has a client not read for a while: what it is sent piles up.
func (m *nemesis) slow(ctx context.Context, chance *rand.Rand) error {
	d := between(chance, time.Second, 15*time.Second)
	if chance.IntN(20) != 0 { // a few are enough to be there all the time
		return nil
	}
	return m.hurt(ctx, chance, didSlow, func(p *passage) { p.held.Store(time.Now().Add(d).UnixNano()) })
}
