package bench

import (
	"context"
	"time"
)

// run brings everybody in and looks at what that costs. Before it looks it
// waits as long as other parts are measured.
func (s Idle) run(ctx context.Context, r *run) error {
	if err := r.populate(ctx, crowd{people: s.People}); err != nil {
		return err
	}
	if err := r.serve(ctx); err != nil {
		return err
	}
	pause(ctx, r.For)
	empty, err := r.look(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := r.enter(ctx); err != nil {
		return err
	}
	took := time.Since(began)
	pause(ctx, r.For)
	full, err := r.look(ctx)
	if err != nil {
		return err
	}
	result := &IdleResult{
		People: s.People, ConnectSeconds: took.Seconds(), ServerSeen: full.seen,
		EmptyBytes: empty.resident, ConnectedBytes: full.resident, Closed: r.swarm.lost,
	}
	result.KiBEach = float64(full.resident-empty.resident) / 1024 / float64(s.People)
	result.KiBEachOfAll = float64(full.resident) / 1024 / float64(s.People)
	r.report.Idle = result
	return r.saveHeap(ctx)
}
