package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// An event is one line of `go test -json`, as `go doc test2json` describes it.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build events
	Test       string
	Output     string
	Elapsed    float64
}

func (e event) name() string { return e.Package + " " + e.Test }

// A goRun gathers the events of one run. A test that has subtests is not
// counted itself: its subtests are.
type goRun struct {
	out     io.Writer
	output  map[string][]string // of tests still running, by event.name
	parents map[string]bool
	outcome map[string]string // pass, fail or skip, by event.name
	broken  int               // packages that failed without a failing test
	failing map[string]bool   // packages with a failing test
}

func goTests(in io.Reader, out io.Writer) (count, error) {
	run := &goRun{
		out: out, output: map[string][]string{}, parents: map[string]bool{},
		outcome: map[string]string{}, failing: map[string]bool{},
	}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			run.take(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return count{}, err
		}
	}
	total := run.total()
	if total == (count{}) {
		return total, fmt.Errorf("no test ran")
	}
	return total, nil
}

// take handles one line. What is no event is passed on: the toolchain's own
// complaints arrive that way.
func (r *goRun) take(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		fmt.Fprintf(r.out, "%s", line)
		return
	}
	switch e.Action {
	case "output":
		r.output[e.name()] = append(r.output[e.name()], e.Output)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "pass", "fail", "skip":
		r.finish(e)
	}
}

func (r *goRun) finish(e event) {
	output := r.output[e.name()]
	delete(r.output, e.name())
	if e.Test == "" {
		r.finishPackage(e, output)
		return
	}
	r.outcome[e.name()] = e.Action
	if slash := strings.LastIndex(e.Test, "/"); slash > 0 {
		r.parents[e.Package+" "+e.Test[:slash]] = true
	}
	switch e.Action {
	case "fail":
		r.failing[e.Package] = true
		fmt.Fprintf(r.out, "FAIL  %s\n%s\n", e.name(), strings.Join(output, ""))
	case "skip":
		fmt.Fprintf(r.out, "skip  %s: %s\n", e.name(), reason(output))
	}
}

func (r *goRun) finishPackage(e event, output []string) {
	switch {
	case e.Action == "fail" && r.failing[e.Package]:
		fmt.Fprintf(r.out, "FAIL  %s  %.1fs\n", e.Package, e.Elapsed)
	case e.Action == "fail":
		r.broken++
		fmt.Fprintf(r.out, "FAIL  %s\n%s\n", e.Package, strings.Join(r.rest(e.Package, output), ""))
	case e.Action == "pass":
		fmt.Fprintf(r.out, "ok    %s  %.1fs\n", e.Package, e.Elapsed)
	}
}

// rest is all output that no result followed: when a package dies, by panic
// or by its time limit, the tests that ran leave it behind.
func (r *goRun) rest(pkg string, output []string) []string {
	for name, lines := range r.output {
		if strings.HasPrefix(name, pkg+" ") {
			output = append(output, lines...)
			delete(r.output, name)
		}
	}
	return output
}

// A line that a test itself wrote, such as "    room_test.go:12: no compiler".
var testLine = regexp.MustCompile(`^ +\w+\.go:\d+: `)

// reason is what a test said last: the text that it gave to Skip.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		if testLine.MatchString(line) {
			return strings.TrimSpace(line)
		}
	}
	return "no reason given"
}

func (r *goRun) total() count {
	total := count{failed: r.broken}
	for name, outcome := range r.outcome {
		if r.parents[name] {
			continue
		}
		switch outcome {
		case "pass":
			total.passed++
		case "fail":
			total.failed++
		case "skip":
			total.skipped++
		}
	}
	return total
}
