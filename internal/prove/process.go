package prove

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience is how long anything that must happen may take.
const patience = 60 * time.Second

// process is a child of ours. Only whoever does something to it at a time
// may call its methods.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has, after err is set
	err   error
}

// startProcess starts a program that dies with us. Lines that it prints to
// standard output are given to hear; standard error goes to the file log.
func startProcess(cmd *exec.Cmd, log string, hear func(line string)) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close() // the child has its own
	cmd.Stderr = file
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true // Ctrl-C is for us
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	var reading sync.WaitGroup
	reading.Go(func() { // ends with the process
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			hear(lines.Text())
		}
		_, _ = io.Copy(io.Discard, out) // what is too long for a line
	})
	go func() { // ends with the process
		reading.Wait()
		p.err = cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// signal sends a signal; a process that is gone does not mind.
func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }

// await waits for its end, and kills it when that takes too long. The error
// is how it ended.
func (p *process) await(limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.ended:
		return p.err
	case <-timer.C:
		p.kill()
		return fmt.Errorf("%s did not end within %v", p.cmd.Args[0], limit)
	}
}

func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
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

// freePort finds a port below those that systems hand out by themselves: a
// client that calls while a server is away must not be given its port.
func freePort(draw func(n int) int) (int, error) {
	for range 1000 {
		port := 15_000 + draw(15_000)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, listener.Close()
		}
	}
	return 0, errors.New("prove: no free port")
}

// eventually asks again and again until something is so.
func eventually(ctx context.Context, what string, so func() bool) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !so(); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("prove: did not happen within %v: %s", patience, what)
		}
	}
	return nil
}
