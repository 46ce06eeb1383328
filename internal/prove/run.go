package prove

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// run is one run under way.
type run struct {
	Options
	enough    context.Context // ends the faults before their time
	began     time.Time
	chance    *rand.Rand // of ports, which are no part of what a seed repeats
	engines   []*engine
	nodes     []*node
	admin     *caller
	adminID   int64
	witness   *listener // in every room from the first event on; says nothing
	people    []*person
	rooms     []*room
	tally     *tally
	histories []*history
	final     final
	trouble   []Finding // what went wrong beside the histories
}

// ErrStopped: enough ended before there was anything to judge.
var ErrStopped = errors.New("prove: stopped before people began to chat")

// Run does a whole run. An error means that it could not be done; what was
// found is in the report. Folder holds the histories then. The end of enough,
// a child of ctx, ends the faults before their time: what was done until then
// is judged. That of ctx ends everything at once.
func Run(ctx, enough context.Context, o Options) (report Report, err error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	r := &run{Options: o, enough: enough, began: time.Now(), chance: rand.New(rand.NewPCG(rand.Uint64(), 0)), tally: newTally()}
	defer func() { err = errors.Join(err, r.close()) }()
	for _, step := range []func(context.Context) error{r.startEngines, r.prepare} {
		if err := step(enough); err != nil {
			if enough.Err() != nil {
				err = ErrStopped
			}
			return Report{}, err
		}
	}
	for _, step := range []func(context.Context) error{r.storm, r.finish} {
		if err := step(ctx); err != nil {
			return Report{}, err
		}
	}
	o.Progress("checking")
	return r.report()
}

// close ends everything that is still there.
func (r *run) close() error {
	for _, n := range r.nodes {
		n.kill()
		n.gate.close()
	}
	var errs []error
	for _, e := range r.engines {
		errs = append(errs, e.end())
	}
	return errors.Join(errs...)
}

func (r *run) startEngines(ctx context.Context) error {
	r.Progress("starting")
	if err := r.startEngine(ctx, faultPostgres, r.Database, func() (*engine, error) { return ownPostgres(ctx, r.Folder, r.chance) }); err != nil {
		return err
	}
	return r.startEngine(ctx, faultRedis, r.Redis, func() (*engine, error) { return ownRedis(r.Folder, r.chance) })
}

func (r *run) startEngine(ctx context.Context, kind, address string, own func() (*engine, error)) error {
	if address == "" {
		return nil
	}
	make := own
	if address != Own {
		make = func() (*engine, error) { return given(ctx, kind, address) }
	}
	e, err := make()
	if err != nil {
		return err
	}
	r.engines = append(r.engines, e)
	return e.start(ctx)
}

// newHistory opens a file for somebody's history.
func (r *run) newHistory(name string) (*history, error) {
	h, err := newHistory(filepath.Join(r.Folder, "histories", name+".jsonl"), r.began)
	if err == nil {
		r.histories = append(r.histories, h)
	}
	return h, err
}

// storm lets people chat while everything is hurt, and then brings all back.
func (r *run) storm(ctx context.Context) error {
	everything, hangUp := context.WithCancel(ctx)
	defer hangUp()
	var listening, talking, showing sync.WaitGroup
	defer listening.Wait()
	defer hangUp() // before the wait
	for _, l := range r.listeners() {
		listening.Go(func() { l.run(everything) })
	}
	stop, enough := context.WithCancel(everything)
	defer enough()
	for _, p := range r.people {
		talking.Go(func() { p.talk(stop, everything) })
	}
	showing.Go(func() { r.show(stop) })
	err := r.hurt(everything)
	r.tally.rest()
	enough()
	showing.Wait()
	if err != nil {
		hangUp()
		talking.Wait()
		return err
	}
	r.Progress("everything is back: waiting until all is answered and heard")
	late := time.AfterFunc(patience, hangUp)
	talking.Wait()
	if !late.Stop() {
		r.found(kindStuck, "some requests were not answered within %v after the last fault", patience)
		return nil
	}
	return r.settle(everything)
}

func (r *run) found(kind, format string, values ...any) {
	r.trouble = append(r.trouble, Finding{Kind: kind, What: fmt.Sprintf(format, values...)})
}

func (r *run) listeners() []*listener {
	all := []*listener{r.witness}
	for _, p := range r.people {
		all = append(all, p.listen)
	}
	return all
}

// hurt runs the faults to their end. Each undoes itself.
func (r *run) hurt(ctx context.Context) error {
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.enough, cancel)()
	enough := func() bool { return limited.Err() != nil }
	if r.Kills == 0 {
		timer := time.AfterFunc(r.For, cancel)
		defer timer.Stop()
	} else {
		enough = func() bool { _, _, kills := r.tally.counts(); return kills >= int64(r.Kills) }
	}
	m := &nemesis{nodes: r.nodes, engines: r.engines, tally: r.tally}
	lanes := m.lanes(r.faults(), r.Seed)
	failed := make(chan error, len(lanes))
	var running sync.WaitGroup
	for _, l := range lanes {
		running.Go(func() {
			if err := l.run(limited, enough); err != nil {
				failed <- err
				cancel()
			}
		})
	}
	if len(lanes) == 0 {
		<-limited.Done()
	}
	running.Wait()
	close(failed)
	return errors.Join(<-failed, r.restore(ctx))
}

// restore brings back what the end of the faults found away.
func (r *run) restore(ctx context.Context) error {
	for _, e := range r.engines {
		if err := e.start(ctx); err != nil {
			return err
		}
	}
	for _, n := range r.nodes {
		n.gate.releaseAll()
		if err := n.setClock(0); err != nil {
			return err
		}
		if n.process == nil || n.process.hasEnded() {
			if err := n.start(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// show tells how it goes, about once a second.
func (r *run) show(ctx context.Context) {
	began := time.Now()
	for ctx.Err() == nil {
		acked, faults, kills := r.tally.counts()
		r.Progress(fmt.Sprintf("%s: %s changes, %s kills, %s other faults, %s reconnects", r.howFar(time.Since(began), kills),
			thousands(acked), thousands(kills), thousands(faults-kills), thousands(r.tally.reconnects.Load())))
		pause(ctx, time.Second)
	}
}

// howFar tells how much of the run is over.
func (r *run) howFar(since time.Duration, kills int64) string {
	if r.Kills > 0 {
		return fmt.Sprintf("%d %%", min(100, 100*kills/int64(r.Kills)))
	}
	return fmt.Sprintf("%v of %v", min(since, r.For).Round(time.Second), r.For)
}

// makeFolders makes what the run writes into.
func (r *run) makeFolders() error {
	return os.Mkdir(filepath.Join(r.Folder, "histories"), 0o700)
}
