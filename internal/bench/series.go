package bench

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// entry is one scenario of a series, and what of its report is looked at.
type entry struct {
	command  string // that measures the same
	scenario Scenario
	figures  []figure
}

// figure is one number of a report.
type figure struct {
	what   string
	digits int
	wanted string // in words; empty: nothing in particular
	of     func(*Report) float64
}

// Trial is one run of one scenario in a series.
type Trial struct {
	Command string  `json:"command"`
	Report  *Report `json:"report,omitempty"`
	Fault   string  `json:"fault,omitempty"`     // why there is no report
	Others  float64 `json:"others_cpu_in_cores"` // what other programs used of the machine meanwhile
}

// SeriesResult is every scenario, several times.
type SeriesResult struct {
	Machine string    `json:"machine"`
	Runs    [][]Trial `json:"runs"` // of the same scenarios in the same order
	entries []entry
}

// Sound tells whether every trial came to its end and none had faults.
func (s *SeriesResult) Sound() bool {
	for _, run := range s.Runs {
		for _, t := range run {
			if t.Report == nil || !t.Report.Sound() {
				return false
			}
		}
	}
	return true
}

// Write prints a table in Markdown: for each figure the median of the runs,
// and what it was in the run in which other programs disturbed least.
func (s *SeriesResult) Write(w io.Writer) {
	fmt.Fprintf(w, "%s. %d runs.\n\n", s.Machine, len(s.Runs))
	fmt.Fprintln(w, "| command | figure | median | quietest run | wanted |\n| --- | --- | ---: | ---: | ---: |")
	for i, e := range s.entries {
		quiet := s.quietest(i)
		command := "`parley bench " + e.command + "`"
		for _, f := range e.figures {
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", command, f.what, f.format(s.median(i, f)), f.format(s.value(quiet, i, f)), f.wanted)
			command = ""
		}
	}
	fmt.Fprintln(w)
	for i, e := range s.entries {
		s.writeRemarks(w, i, e.command)
	}
}

// writeRemarks tells what was wrong with a scenario's trials.
func (s *SeriesResult) writeRemarks(w io.Writer, i int, command string) {
	for n, run := range s.Runs {
		t := run[i]
		switch {
		case t.Report == nil:
			fmt.Fprintf(w, "- `%s`, run %d: %s\n", command, n+1, t.Fault)
		case !t.Report.Sound():
			fmt.Fprintf(w, "- `%s`, run %d: messages were lost, doubled or out of order, or connections closed\n", command, n+1)
		case t.Others > disturbed:
			fmt.Fprintf(w, "- `%s`, run %d: other programs used %.2f cores\n", command, n+1, t.Others)
		}
	}
}

// quietest is the number of the run in which a scenario was disturbed least.
func (s *SeriesResult) quietest(i int) int {
	best := 0
	for n, run := range s.Runs {
		if run[i].Report != nil && (s.Runs[best][i].Report == nil || run[i].Others < s.Runs[best][i].Others) {
			best = n
		}
	}
	return best
}

func (s *SeriesResult) value(run, i int, f figure) float64 {
	if s.Runs[run][i].Report == nil {
		return math.NaN()
	}
	return f.of(s.Runs[run][i].Report)
}

func (s *SeriesResult) median(i int, f figure) float64 {
	var all []float64
	for n := range s.Runs {
		if v := s.value(n, i, f); !math.IsNaN(v) {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return math.NaN()
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

func (f figure) format(v float64) string {
	switch {
	case math.IsNaN(v):
		return "none"
	case math.Abs(v) >= 1000:
		return thousands(v)
	}
	return strconv.FormatFloat(v, 'f', f.digits, 64)
}

// drawGrowth draws the growth of the quietest run.
func (s *SeriesResult) drawGrowth(folder string) error {
	for i, e := range s.entries {
		if _, ok := e.scenario.(Growth); !ok {
			continue
		}
		if report := s.Runs[s.quietest(i)][i].Report; report != nil {
			return report.Growth.save(folder)
		}
	}
	return nil
}
