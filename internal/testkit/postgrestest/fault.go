package postgrestest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Mode is how a server is stopped.
type Mode = syscall.Signal

// The ways to stop a server.
const (
	Fast      Mode = syscall.SIGINT  // sends connections away and ends in order
	Immediate Mode = syscall.SIGQUIT // ends at once, and recovers at the next start
	Crash     Mode = syscall.SIGKILL // so does the kernel: nobody gets to say anything
)

// Stop stops the server and waits for its end.
func (s *Server) Stop(t testing.TB, mode Mode) {
	t.Helper()
	if err := s.stop(mode); err != nil {
		t.Fatal(err)
	}
}

// Run starts a server that was stopped, on the same port with the same data.
func (s *Server) Run(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

// Restart stops the server and starts it.
func (s *Server) Restart(t testing.TB, mode Mode) {
	t.Helper()
	s.Stop(t, mode)
	s.Run(t)
}

func (s *Server) stop(mode Mode) error {
	if s.child == nil {
		return nil
	}
	processes := s.processes()
	if err := s.child.Process.Signal(mode); err != nil {
		return err
	}
	if mode == Crash {
		signal(processes, mode)
	}
	s.child = nil
	for deadline := time.Now().Add(patience); anyAlive(processes); {
		if time.Now().After(deadline) {
			return fmt.Errorf("postgres does not stop: %s", s.lastLines())
		}
		<-time.After(10 * time.Millisecond)
	}
	return nil
}

// Freeze stops all processes of the server with SIGSTOP: connections stay,
// nothing answers. The first process comes first: it makes the others.
func (s *Server) Freeze(t testing.TB) {
	t.Helper()
	signal([]int{s.child.Process.Pid}, syscall.SIGSTOP)
	signal(s.processes(), syscall.SIGSTOP)
}

// Thaw lets a frozen server go on.
func (s *Server) Thaw(t testing.TB) {
	t.Helper()
	signal(s.processes(), syscall.SIGCONT)
}

// BecomeStandby restarts the server as a standby of nobody: it can be read,
// not written.
func (s *Server) BecomeStandby(t testing.TB) {
	t.Helper()
	s.Stop(t, Fast)
	if err := os.WriteFile(filepath.Join(s.data(), "standby.signal"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s.Run(t)
}

// Keep takes a copy of all that the server has, as a backup of its files does.
func (s *Server) Keep(t testing.TB) {
	t.Helper()
	s.Stop(t, Fast)
	defer s.Run(t)
	if out, err := s.shell(`rm -rf kept && cp -a data kept`).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// PutBack puts what Keep has kept in the place of what the server has, which
// must be stopped, and starts it: the same server, at an earlier time.
func (s *Server) PutBack(t testing.TB) {
	t.Helper()
	if out, err := s.shell(`rm -rf data && cp -a kept data`).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.Run(t)
}

// shell is a command line in the folder of the server.
func (s *Server) shell(line string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", line)
	cmd.SysProcAttr, cmd.Dir = s.account, s.dir
	return cmd
}

// Promote makes a standby the primary of a new timeline.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	s.Exec(t, "SELECT pg_promote()")
}

// processes gives the ids of the server's processes, the first one first.
func (s *Server) processes() []int {
	first := s.child.Process.Pid
	ids := []int{first}
	found, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range found {
		text, _ := os.ReadFile(path)
		// The name in parentheses may hold anything.
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(first) {
			id, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			ids = append(ids, id)
		}
	}
	return ids
}

func signal(ids []int, sig syscall.Signal) {
	for _, id := range ids {
		_ = syscall.Kill(id, sig)
	}
}

// anyAlive reports whether one of the processes has not ended; one whose end
// nobody asked for yet has.
func anyAlive(ids []int) bool {
	for _, id := range ids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
		_, rest, _ := strings.Cut(string(text), ") ")
		if err == nil && !strings.HasPrefix(rest, "Z") {
			return true
		}
	}
	return false
}
