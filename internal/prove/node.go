package prove

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// node is one server, always on the same port and data however often it is
// started. Its faults come one after the other, from one goroutine.
type node struct {
	number int // from 1
	args   []string
	log    string
	gate   *gate  // what clients go through
	clock  string // file that says by how much the clock is wrong

	wrongBy time.Duration // only whoever sets clocks knows

	process *process
	program string

	mu     sync.Mutex
	began  time.Time       // guarded by mu; when the process was started
	first  time.Duration   // guarded by mu; from there to the first acknowledgement; 0: none yet
	firsts []time.Duration // guarded by mu; of all starts after the first
	acked  chan struct{}   // guarded by mu; closed with the first acknowledgement after the start
}

func newNode(number int, program, folder, addr string, flags []string) (*node, error) {
	gate, err := newGate(addr, false)
	if err != nil {
		return nil, err
	}
	own := func(suffix string) string { return filepath.Join(folder, fmt.Sprintf("node-%d%s", number, suffix)) }
	args := append([]string{
		"serve", "--addr", addr, "--data", own(""), "--log-level", "warn", "--wrong-clock", own(".clock"),
		"--limit-messages-per-second", messageLimit, "--limit-handshakes-per-minute", "0", "--limit-connections-per-user", "0",
		"--limit-logins-per-minute", "0",
	}, flags...)
	return &node{number: number, args: args, log: own(".log"), clock: own(".clock"), gate: gate, program: program}, nil
}

// messageLimit is what nobody here reaches in a second, so that it refuses
// only those whom a jump of the clock locks out.
const messageLimit = "10000"

// setClock lets the node's clock jump to where it is wrong by so much.
func (n *node) setClock(by time.Duration) error {
	n.wrongBy = by
	next := n.clock + ".next"
	if err := os.WriteFile(next, []byte(by.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(next, n.clock)
}

// start runs the node and waits for its ready line. One that ends before, as
// when its database is away, is started again until patience ends.
func (n *node) start(ctx context.Context) error {
	n.mu.Lock()
	n.began, n.first, n.acked = time.Now(), 0, make(chan struct{})
	n.mu.Unlock()
	for deadline := time.Now().Add(patience); ; {
		err := n.tryStart(ctx)
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		pause(ctx, 200*time.Millisecond)
	}
}

func (n *node) tryStart(ctx context.Context) error {
	cmd := exec.Command(n.program, n.args...)
	cmd.Env = withoutSettings(os.Environ())
	ready := make(chan struct{})
	p, err := startProcess(cmd, n.log, func(line string) {
		if strings.HasPrefix(line, "parley ready on ") {
			close(ready)
		}
	})
	if err != nil {
		return err
	}
	n.process = p
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-ready:
		return nil
	case <-p.ended:
		return fmt.Errorf("prove: node %d ended: %w; it said: %s", n.number, errors.Join(p.err), lastLine(n.log))
	case <-timer.C:
	case <-ctx.Done():
	}
	p.kill()
	return errors.Join(ctx.Err(), fmt.Errorf("prove: node %d was not ready within %v", n.number, patience))
}

// says tells whether a page of the node's has a text in it.
func (n *node) says(ctx context.Context, path, text string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.gate.target+path, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return err == nil && strings.Contains(string(body), text)
}

// lastLine gives the end of a log.
func lastLine(path string) string {
	text, _ := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

// acknowledged notes that the node has acknowledged a change.
func (n *node) acknowledged() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.first == 0 {
		n.first = time.Since(n.began)
		n.firsts = append(n.firsts, n.first)
		close(n.acked)
	}
}

// awaitAck waits until the node has acknowledged something since its start.
func (n *node) awaitAck(ctx context.Context) error {
	n.mu.Lock()
	acked := n.acked
	n.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-acked:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("prove: node %d acknowledged nothing within %v of its start", n.number, patience)
	}
}

// restarts gives the times to the first acknowledgement, of all starts but
// the first.
func (n *node) restarts() []time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.firsts[min(1, len(n.firsts)):]
}

// drainTime is how long a node may take to stop by itself.
const drainTime = 15 * time.Second

// stop asks the node to end and waits for it; one that ends in another way
// than it should is an error.
func (n *node) stop() error {
	if n.process == nil {
		return nil
	}
	n.process.signal(syscall.SIGTERM)
	err := n.process.await(drainTime)
	n.process = nil
	if err != nil {
		return fmt.Errorf("node %d, asked to stop: %w", n.number, err)
	}
	return nil
}

// kill ends the node at once, and everything that it had in memory.
func (n *node) kill() {
	if n.process != nil {
		n.process.kill()
		n.process = nil
	}
}

// pause passes time unless ctx ends before.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
