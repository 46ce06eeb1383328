package bench

import (
	"strings"
	"testing"
)

func storm(seconds float64) *Report { return &Report{Storm: &StormResult{Seconds: seconds}} }

// newSeries is three runs of one scenario, of which the second failed.
func newSeries() *SeriesResult {
	caughtUp := figure{"caught up after, s", 2, "1.5", func(r *Report) float64 { return r.Storm.Seconds }}
	return &SeriesResult{
		Machine: "a machine",
		Runs: [][]Trial{
			{{Command: "storm", Report: storm(3), Others: 0.4}},
			{{Command: "storm", Fault: "out of time"}},
			{{Command: "storm", Report: storm(1), Others: 0.01}},
		},
		entries: []entry{{"storm", Storm{People: 2}, []figure{caughtUp}}},
	}
}

func TestASeriesTellsTheMedianAndTheQuietestRun(t *testing.T) {
	var b strings.Builder
	newSeries().Write(&b)
	for _, want := range []string{
		"a machine. 3 runs.", "| `parley bench storm` | caught up after, s | 2.00 | 1.00 | 1.5 |",
		"- `storm`, run 1: other programs used 0.40 cores", "- `storm`, run 2: out of time",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

func TestASeriesWithATrialThatFailedIsNotSound(t *testing.T) {
	s := newSeries()
	if s.Sound() {
		t.Error("it is")
	}
	s.Runs = s.Runs[:1]
	if !s.Sound() {
		t.Error("what did not fail is not sound either")
	}
}

func TestAScenarioThatNeverEndedWellHasNoFigures(t *testing.T) {
	s := newSeries()
	s.Runs = s.Runs[1:2]
	var b strings.Builder
	s.Write(&b)
	if !strings.Contains(b.String(), "| none | none | 1.5 |") {
		t.Error(b.String())
	}
}

func TestEverythingOfASeriesCanBeAskedFor(t *testing.T) {
	for _, e := range everything() {
		if err := e.scenario.Check(); err != nil || len(e.figures) == 0 {
			t.Errorf("%s: %v, %d figures", e.command, err, len(e.figures))
		}
	}
}
