// Package redistest runs real redis-servers for tests: on free loopback ports,
// without persistence, ended with the test. It does to them what happens to
// servers: they are killed, come back empty, hang, and lose connections.
//
// Without redis-server installed a test is skipped, unless the environment
// variable PARLEY_TEST_REQUIRE (a comma list) has "redis"; then it fails.
package redistest

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/internal/testkit"
)

// patience is how long a server may take to start.
const patience = 20 * time.Second

// Server is a redis-server process.
type Server struct {
	// Password is what Do authenticates with. The server is told by arguments.
	Password string

	t    testing.TB
	port int
	args []string
	// config is a configuration file, or "".
	config string
	child  *exec.Cmd // nil while killed
}

// Start starts an empty server. Further arguments are passed to redis-server.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, port: freePort(t), args: args}
	s.start()
	t.Cleanup(s.Kill)
	return s
}

func (s *Server) start() {
	s.t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		testkit.Missing(s.t, "redis", "redis-server is not installed")
	}
	args := []string{"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.t.TempDir(), "--logfile", "redis.log"}
	if s.config != "" {
		args = append([]string{s.config}, args...)
	} else {
		args = append(args, "--save", "", "--appendonly", "no")
	}
	s.child = exec.Command(binary, append(args, s.args...)...)
	if err := s.child.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.awaitAnswer()
}

func (s *Server) awaitAnswer() {
	s.t.Helper()
	poll(s.t, fmt.Sprintf("redis-server answers on port %d", s.port), s.answers)
}

// poll waits for a condition.
func poll(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("in vain waited until %s", what)
		}
	}
}

// hasLine tells whether a section of INFO has a text.
func (s *Server) hasLine(section, text string) bool {
	reply := s.Do("INFO", section)
	info, _ := reply.ToString()
	return strings.Contains(info, text)
}

// answers tells whether the server replies to an inline PING, be it with an
// error for want of a password.
func (s *Server) answers() bool {
	conn, err := net.DialTimeout("tcp", s.Addr(), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	var reply [5]byte
	n, err := conn.Read(reply[:])
	return err == nil && n > 0 && !strings.HasPrefix(string(reply[:n]), "-LOAD")
}

// Addr is host:port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is redis://host:port.
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Kill ends the process with SIGKILL and waits for it. A killed server stays so.
func (s *Server) Kill() {
	if s.child == nil {
		return
	}
	_ = s.child.Process.Kill()
	_ = s.child.Wait()
	s.child = nil
}

// RestartEmpty kills the server if it runs and starts an empty one on the same
// port.
func (s *Server) RestartEmpty() {
	s.t.Helper()
	s.Kill()
	s.start()
}

// Freeze stops the process with SIGSTOP: connections stay, nothing answers.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.child.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// Wipe runs FLUSHALL.
func (s *Server) Wipe() { s.t.Helper(); s.Do("FLUSHALL") }

// Cut closes all connections of clients, subscribers too.
func (s *Server) Cut() {
	s.t.Helper()
	s.Do("CLIENT", "KILL", "TYPE", "pubsub")
	s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
}

// CutSubscribers closes the connections that have subscribed to something.
func (s *Server) CutSubscribers() { s.t.Helper(); s.Do("CLIENT", "KILL", "TYPE", "pubsub") }

// Do runs one command on a connection of its own and fails the test on an
// error. A nil reply is a message that IsNil.
func (s *Server) Do(args ...string) rueidis.RedisMessage {
	s.t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{s.Addr()}, ForceSingleClient: true, DisableCache: true, PipelineMultiplex: -1, Password: s.Password,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	reply, err := client.Do(ctx, client.B().Arbitrary(args...).Build()).ToMessage()
	if err != nil && !rueidis.IsRedisNil(err) {
		s.t.Fatal(fmt.Errorf("%s: %w", args[0], err))
	}
	return reply
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
