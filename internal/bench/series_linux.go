package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Series measures everything several times and, with a folder for images,
// draws the growth of the quietest run. A scenario that fails is noted, and
// the rest goes on.
func Series(ctx context.Context, o Options, runs int, images string) (*SeriesResult, error) {
	runtime.LockOSThread() // processes end with the thread that started them
	defer runtime.UnlockOSThread()
	var first Report
	shared, err := divideCores(o, &first)
	if err != nil {
		return nil, err
	}
	s := &SeriesResult{Machine: first.Machine, entries: everything()}
	progress := o.Progress
	for n := range runs {
		run := make([]Trial, 0, len(s.entries))
		for _, e := range s.entries {
			o.Progress = func(what string) { progress(fmt.Sprintf("run %d of %d, %s: %s", n+1, runs, e.command, what)) }
			run = append(run, try(ctx, o, shared, e))
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		s.Runs = append(s.Runs, run)
	}
	if images != "" {
		err = s.drawGrowth(images)
	}
	return s, err
}

// try measures one scenario, and what other programs did meanwhile.
func try(ctx context.Context, o Options, shared *share, e entry) Trial {
	report := &Report{Machine: "", TextBytes: o.TextBytes}
	began, busy, ours := time.Now(), busyCores(), ownAndChildren()
	err := measure(ctx, &run{Options: o, share: shared, report: report}, e.scenario.(runner))
	seconds := time.Since(began).Seconds()
	t := Trial{Command: e.command, Report: report, Others: max(0, (busyCores()-busy-ownAndChildren()+ours)/seconds)}
	if err != nil {
		t.Report, t.Fault = nil, err.Error()
	}
	return t
}

// busyCores is how long all cores have worked, in seconds.
func busyCores() (all float64) {
	for core := range runtime.NumCPU() {
		all += busy(core)
	}
	return all
}

// ownAndChildren is the time that this process and those that it has waited
// for have used, in seconds.
func ownAndChildren() float64 {
	all := ownCPU()
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_CHILDREN, &usage) == nil {
		all += float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	}
	return all
}
