package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Of a storm.
const (
	stormRate  = 10          // messages in a second, by one who stays
	maxAbsence = time.Second // how long the others are away
)

// run cuts all but one off, twice: once they only come back to the door, and
// once they want everything that was said meanwhile.
func (s Storm) run(ctx context.Context, r *run) error {
	if err := r.gather(ctx, crowd{people: s.People}); err != nil {
		return err
	}
	if err := r.inOneRoom(); err != nil {
		return err
	}
	r.swarm.atOnce = manyAtOnce
	r.Progress(fmt.Sprintf("bare handshakes of %d people", s.People-1))
	bare, bareCPU, err := r.handshakes(ctx)
	if err != nil {
		return err
	}
	r.Progress(fmt.Sprintf("%d people drop and come back", s.People-1))
	result, err := r.comeBack(ctx)
	if err != nil {
		return err
	}
	result.People, result.BareSeconds, result.BareCPU = s.People-1, bare.Seconds(), bareCPU
	result.Ratio = result.Seconds / result.BareSeconds
	r.report.Storm = result
	return nil
}

func (r *run) absence() time.Duration { return min(maxAbsence, r.For) }

// handshakes drops everybody but the first and tells how long as many
// handshakes take, and what of it is the server's CPU time. Then they resume.
func (r *run) handshakes(ctx context.Context) (took time.Duration, cpu float64, err error) {
	if err := r.swarm.scatter(1); err != nil {
		return 0, 0, err
	}
	pause(ctx, r.absence())
	before, err := r.look(ctx)
	if err != nil {
		return 0, 0, err
	}
	r.swarm.bare = true
	began := time.Now()
	if err := r.swarm.arrive(ctx); err != nil {
		return 0, 0, err
	}
	took = time.Since(began)
	after, err := r.look(ctx)
	if err != nil {
		return 0, 0, err
	}
	return took, after.cpu - before.cpu, r.swarm.resumeAll(ctx)
}

// comeBack has the first client talk all the time, while the others go and
// come back.
func (r *run) comeBack(ctx context.Context) (*StormResult, error) {
	l := newLoad(r.swarm, plan{name: "storm", textBytes: r.TextBytes, senders: 1, gap: time.Second / stormRate})
	if err := l.run(ctx, time.Now().Add(r.absence())); err != nil {
		return nil, err
	}
	was := l.logs[0].acks
	todo, err := r.away(ctx, l)
	if err != nil {
		return nil, err
	}
	missed := int(l.logs[0].acks)
	if err := r.startProfile(ctx); err != nil {
		return nil, err
	}
	before, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	own, began := ownCPU(), time.Now()
	r.swarm.todo = todo
	caughtUp := func() bool {
		return len(r.swarm.todo) == 0 && r.swarm.waiting == 0 && l.logs[0].reached[missed-1].sum() == r.swarm.rooms[0].members.sum()
	}
	if err := l.runWhile(ctx, func() bool { return !caughtUp() }); err != nil {
		return nil, err
	}
	took := time.Since(began)
	result := &StormResult{Seconds: took.Seconds(), Missed: int64(missed) - was, ClientShare: (ownCPU() - own) / took.Seconds()}
	after, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	result.CPUSeconds = after.cpu - before.cpu
	if err := errors.Join(r.saveProfile(ctx, l.name), l.drain(ctx, arrival)); err != nil {
		return nil, err
	}
	result.Faults = l.settle()
	result.Closed = r.swarm.lost
	return result, nil
}

// away drops everybody but the first for a while, and gives who is to come
// back.
func (r *run) away(ctx context.Context, l *load) (todo []int, err error) {
	if err := r.swarm.scatter(1); err != nil {
		return nil, err
	}
	todo, r.swarm.todo = r.swarm.todo, nil
	return todo, l.run(ctx, time.Now().Add(r.absence()))
}
