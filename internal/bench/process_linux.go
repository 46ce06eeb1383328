package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// process is a second process of this program, on a core of its own where
// there are two.
type process struct {
	cmd   *exec.Cmd
	lines *bufio.Reader
}

// stopTime is how long a process may take to stop by itself.
const stopTime = 12 * time.Second

// spawn starts this program with other arguments on one core. The caller is
// bound to its thread, so that the kernel ends the process with it.
func spawn(ctx context.Context, program string, core int, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = withoutSettings(os.Environ())
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGTERM) }
	cmd.WaitDelay = stopTime
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	restore, err := pinThread(core)
	if err != nil {
		return nil, err
	}
	err = errors.Join(cmd.Start(), restore())
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	return &process{cmd, bufio.NewReader(out)}, nil
}

// withoutSettings leaves out the settings of a server that somebody may have
// in the environment for another one.
func withoutSettings(environment []string) []string {
	var kept []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "PARLEY_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// line waits for a line that begins with prefix, and gives the rest of it.
func (p *process) line(prefix string) (string, error) {
	line, err := p.lines.ReadString('\n')
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), prefix)
	if err != nil || !ok {
		return "", fmt.Errorf("bench: %s did not start: %q", p.cmd.Args[1], line)
	}
	return rest, nil
}

// finish waits for the end of a process that ends by itself, and gives the
// rest of what it said.
func (p *process) finish() ([]byte, error) {
	text, err := io.ReadAll(p.lines)
	return text, errors.Join(err, p.cmd.Wait())
}

// stop ends the process and waits for it.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(unix.SIGTERM) // gone already is as good
	late := time.AfterFunc(stopTime, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_, err := p.finish()
	return err
}

// abandon stops the process because of an error.
func (p *process) abandon(why error) error {
	_ = p.stop() // why is what matters
	return why
}

// ticks is how many units of CPU time in /proc make a second: Linux tells
// programs 100 on every architecture that Go knows.
const ticks = 100

// ownCPU is the time that this process has used, in seconds.
func ownCPU() float64 {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// cores are those that this process may use; at most the first two count.
func cores() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	var usable []int
	for core := 0; len(usable) < 2 && core < 1024; core++ {
		if set.IsSet(core) {
			usable = append(usable, core)
		}
	}
	return usable, nil
}

// pinThread puts this thread on some cores, for a process that it starts; the
// result puts it back. A negative core means any.
func pinThread(cores ...int) (restore func() error, err error) {
	if cores[0] < 0 {
		return func() error { return nil }, nil
	}
	var before, wanted unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	for _, core := range cores {
		wanted.Set(core)
	}
	if err := unix.SchedSetaffinity(0, &wanted); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	return func() error { return unix.SchedSetaffinity(0, &before) }, nil
}

// pinSelf puts all threads of this process on one core.
func pinSelf(core int) error {
	var one unix.CPUSet
	one.Set(core)
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			return err
		}
		_ = unix.SchedSetaffinity(id, &one) // the thread may have ended
	}
	runtime.GOMAXPROCS(1)
	return nil
}

// busy is how long a core has worked for any process, in seconds; 0 for no
// core in particular.
func busy(core int) float64 {
	text, _ := os.ReadFile("/proc/stat") // nothing is known then
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[0] != "cpu"+strconv.Itoa(core) {
			continue
		}
		total := 0.0
		for _, field := range fields[1:4] { // user, nice, system
			n, _ := strconv.ParseFloat(field, 64) // the kernel's own numbers
			total += n
		}
		return total / ticks
	}
	return 0
}
