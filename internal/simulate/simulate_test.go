package simulate_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/parley-chat/parley/internal/simulate"
)

var (
	only  = flag.Uint64("seed", 0, "play this seed alone and tell what happens")
	first = flag.Uint64("first", 1, "the first seed")
	seeds = flag.Uint64("seeds", usualSeeds, "how many seeds are played")
	aloud = flag.Bool("aloud", false, "tell each finding at once, and now and then how many seeds were played")
	upTo  = flag.Int("upto", 10, "how many seeds may fail before the rest is left out")
)

// play runs one seed in a bubble of its own.
func play(t *testing.T, seed uint64) (report simulate.Report) {
	var a simulate.Audience
	if *only != 0 {
		a.Line = func(line string) { t.Log(line) }
	}
	if *aloud {
		a.Broken = func(f simulate.Finding) { fmt.Fprintf(os.Stderr, "seed %d: %v\n", seed, f) }
	}
	synctest.Test(t, func(*testing.T) { report = simulate.Run(seed, a) })
	return report
}

func TestEveryPromiseOfDeliveryHoldsUnderEverySeed(t *testing.T) {
	if *only != 0 {
		*first, *seeds = *only, 1
		oneAtATime(t)
	}
	all := newSum()
	var next atomic.Uint64
	t.Run("seeds", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(strconv.Itoa(worker), func(t *testing.T) {
				t.Parallel()
				for n := next.Add(1); n <= *seeds && !all.failedOften(); n = next.Add(1) {
					report := play(t, *first+n-1)
					all.add(report)
					if len(report.Findings) > 0 {
						t.Errorf("%v\n  once more, with everything that happens: make simulate SEED=%d", report, report.Seed)
					}
				}
			})
		}
	})
	all.tell(t)
}

// sum is what all seeds came to.
type sum struct {
	mu      sync.Mutex
	tally   simulate.Tally // guarded by mu
	played  int            // guarded by mu
	failing int            // guarded by mu
}

func newSum() *sum { return &sum{} }

func (s *sum) add(r simulate.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally.Add(r.Tally)
	s.played++
	if *aloud && s.played%500 == 0 {
		fmt.Fprintf(os.Stderr, "%d of %d seeds played, %d with findings\n", s.played, *seeds, s.failing)
	}
	if len(r.Findings) > 0 {
		s.failing++
	}
}

// failedOften: more of the same would tell nothing new.
func (s *sum) failedOften() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failing >= *upTo
}

// tell prints what happened, and sees that it was not nothing.
func (s *sum) tell(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Logf("%d seeds, %d of them failing: %+v", s.played, s.failing, s.tally)
	for what, n := range map[string]int{
		"crash": s.tally.Crashes, "reload": s.tally.Reloads, "repeated send": s.tally.Repeated, "skip": s.tally.Skips,
		"read of a window": s.tally.WindowReads, "hole": s.tally.Holes, "ended session": s.tally.SessionsEnded,
	} {
		if s.played >= 100 && n < s.played/10 {
			t.Errorf("only %d times in %d seeds: %s", n, s.played, what)
		}
	}
}

// oneAtATime lets goroutines of this test take turns, so that how they race
// within one instant of fake time depends less on what else the machine does.
func oneAtATime(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestASeedTellsTheSameStoryAgain(t *testing.T) {
	oneAtATime(t)
	const tries = 30
	same := 0
	for seed := range uint64(tries) {
		once, again := play(t, seed+1), play(t, seed+1)
		if once.Story == again.Story && once.Tally == again.Tally {
			same++
		} else {
			t.Logf("seed %d: %+v and %+v", seed+1, once.Tally, again.Tally)
		}
	}
	t.Logf("%d of %d seeds", same, tries)
	if same < tries*alikeOfTen/10 {
		t.Errorf("only %d of %d seeds tell the same story twice", same, tries)
	}
}
