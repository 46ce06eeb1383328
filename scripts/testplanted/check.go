package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/planted"
)

// patience is after what time a check is taken to hang, which also shows that
// something is wrong.
const patience = 3 * time.Minute

func (h *hunt) toolchain(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// command gives a program in which the bug is.
func (h *hunt) command(ctx context.Context, bug planted.Name, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "PLANTED_BUG="+string(bug), "TMPDIR="+h.folder)
	cmd.Dir = h.folder
	return cmd
}

// simulate plays seeds until one of them shows the bug.
func (h *hunt) simulate(ctx context.Context, bug planted.Name) (by []string, first string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	seeds := h.seeds
	if bug == planted.None {
		seeds /= 10
	}
	cmd := h.command(ctx, bug, h.simulation(), "-test.run", "^TestEveryPromise", "-test.timeout", patience.String(),
		"-seeds", fmt.Sprint(seeds), "-upto", "1", "-aloud")
	output := &listener{found: func() { time.AfterFunc(enough, cancel) }}
	cmd.Stdout, cmd.Stderr = output, output
	err = cmd.Run()
	by, first = findings(output.String())
	return by, first, unlessFailed(err, len(by) > 0, output.Bytes())
}

// enough is how long a simulation may go on that has found something: with a
// bug in it, it may never come to an end.
const enough = 3 * time.Second

// listener keeps what a program prints and tells of the first finding.
type listener struct {
	bytes.Buffer
	found func() // nil when it was called
}

func (l *listener) Write(b []byte) (int, error) {
	n, err := l.Buffer.Write(b)
	if l.found != nil && aFinding.Match(l.Bytes()) {
		l.found()
		l.found = nil
	}
	return n, err
}

// A finding of the simulation, as its test prints it, and what the toolchain
// prints of a program that cannot go on.
var (
	aFinding = regexp.MustCompile(`(?m)^seed \d+: ([a-z]+): .*$`)
	anEnd    = regexp.MustCompile(`(?m)^(?:panic|fatal error): .*$`)
)

// findings reads what the simulation has printed: the promises that were
// broken, and the first finding. A crash is one too; that time was up is not.
func findings(output string) (by []string, first string) {
	for _, match := range aFinding.FindAllStringSubmatch(output, -1) {
		if first == "" {
			first = match[0]
		}
		if !slices.Contains(by, match[1]) {
			by = append(by, match[1])
		}
	}
	if end := anEnd.FindString(output); end != "" && !strings.Contains(end, "timed out") {
		by = append(by, "crash")
		if first == "" {
			first = end
		}
	}
	return by, first
}

// unlessFailed gives the error of a program that failed without having found
// anything: then it was not the bug that made it fail.
func unlessFailed(err error, found bool, output []byte) error {
	if err == nil || found {
		return nil
	}
	return fmt.Errorf("%w: %s", err, bytes.TrimSpace(output))
}

// standstill is how long parley prove may take beyond its faults. A run that
// has not come to its end by then has caught something: it waits in vain.
const standstill = time.Minute

// prove puts a node on SQLite, which is killed again and again, to the proof.
func (h *hunt) prove(ctx context.Context, bug planted.Name) (by []string, first string, err error) {
	ctx, cancel := context.WithTimeout(ctx, h.proving+standstill)
	defer cancel()
	cmd := h.command(ctx, bug, h.parley(), "prove", "--json", "--clients", "16", "--faults", "kill,cut", "--for", h.proving.String())
	var said strings.Builder
	cmd.Stderr = &said
	output, err := cmd.Output()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return []string{"standstill"}, fmt.Sprintf("not at its end %v after the last fault", standstill), nil
	}
	by, first, wrong := harm(output)
	if wrong != nil {
		return nil, "", errors.Join(err, wrong, errors.New(said.String()))
	}
	return by, first, unlessFailed(err, len(by) > 0, []byte(said.String()))
}

// harm reads the report of parley prove: the kinds of harm, and the first
// finding.
func harm(output []byte) (by []string, first string, err error) {
	var report struct {
		Verdict  string
		Harm     map[string]int64
		Findings []struct{ Kind, What string }
	}
	if err := json.Unmarshal(output, &report); err != nil {
		return nil, "", fmt.Errorf("this is no report: %w", err)
	}
	if report.Verdict == "" {
		return nil, "", errors.New("this report has no verdict")
	}
	for kind, n := range report.Harm {
		if n > 0 {
			by = append(by, kind)
		}
	}
	slices.Sort(by)
	if len(report.Findings) > 0 {
		first = report.Findings[0].Kind + ": " + report.Findings[0].What
	}
	return by, first, nil
}

// nameOf is the bug's name for people.
func nameOf(p planted.Planting) string {
	if p.Name == planted.None {
		return "(none)"
	}
	return string(p.Name)
}

// write prints a line of the table.
func (c catch) write(out io.Writer) {
	found := strings.Join(c.by, ", ")
	if found == "" {
		found = "nothing"
	}
	first := []rune(c.first)
	if len(first) > 90 {
		first = append(first[:90], '…')
	}
	fmt.Fprintf(out, "%-16s %-10s %6.1f  %-28s %s\n", nameOf(c.Planting), c.By, c.took.Seconds(), found, string(first))
}
