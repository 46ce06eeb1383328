package crashtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/testkit"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

// patience is how long anything that must happen may take.
const patience = 60 * time.Second

// server is a Parley process.
type server struct {
	program string
	data    string
	addr    string
	flags   []string // further ones of serve

	process *exec.Cmd
	began   time.Time // when the process was started
	log     lockedBuffer
}

// lockedBuffer keeps what the processes say on standard error.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// site is the servers that serve the same people, and where those come in.
type site struct {
	nodes  []*server
	tokens []string
}

// layout says how many nodes, people and rooms there are.
type layout struct{ nodes, people, rooms, roomSize int }

// newSite makes the data: people in rooms of a few, all of them empty. One
// node keeps it in SQLite, several in a PostgreSQL of their own, whose fsync
// is on. Nothing runs yet.
func newSite(t *testing.T, l layout) *site {
	t.Helper()
	p, s := testkit.Program(t), &site{}
	folder, flags := t.TempDir(), []string(nil)
	if l.nodes > 1 {
		database := postgrestest.Start(t, "-c", "fsync=on", "-c", "max_connections=200")
		flags = []string{"--database", database.Database(t)}
	}
	for i := range l.nodes {
		s.nodes = append(s.nodes, &server{
			program: p, data: filepath.Join(folder, fmt.Sprint("node", i)), addr: freeAddr(t), flags: flags,
		})
	}
	tokens := filepath.Join(folder, "tokens")
	out, err := exec.Command(p, slices.Concat([]string{
		"demo", "--data", s.nodes[0].data, "--tokens", tokens, "--plain", "--messages", "0",
		"--users", fmt.Sprint(l.people), "--rooms", fmt.Sprint(l.rooms), "--room-size", fmt.Sprint(l.roomSize),
	}, flags)...).CombinedOutput()
	if err != nil {
		t.Fatalf("making the data: %v\n%s", err, out)
	}
	s.tokens = readTokens(t, tokens)
	t.Cleanup(func() { s.end(t) })
	return s
}

// start runs all nodes with further flags.
func (s *site) start(t *testing.T, flags ...string) {
	t.Helper()
	for _, n := range s.nodes {
		n.flags = slices.Concat(n.flags, flags)
		if err := n.start(); err != nil {
			t.Fatal(err)
		}
	}
}

// end kills what still runs, and tells what it said if the test has failed.
func (s *site) end(t *testing.T) {
	for i, n := range s.nodes {
		if n.process != nil {
			n.kill()
		}
		if t.Failed() {
			t.Logf("node %d said:\n%s", i, n.log.String())
		}
	}
}

func readTokens(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tokens []string
	for line := range strings.Lines(string(text)) {
		_, token, _ := strings.Cut(strings.TrimSpace(line), " ")
		tokens = append(tokens, token)
	}
	return tokens
}

// freeAddr finds a port below those that systems hand out by themselves: a
// client that calls while the server is away must not be given its port.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(15000))
		if listener, err := net.Listen("tcp", addr); err == nil {
			listener.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// start runs the server and waits for its ready line.
func (s *server) start() error {
	flags := append([]string{
		"serve", "--addr", s.addr, "--data", s.data, "--log-level", "warn",
		"--limit-messages-per-second", "0", "--limit-handshakes-per-minute", "0",
	}, s.flags...)
	s.process = exec.Command(s.program, flags...)
	s.process.Stderr = &s.log
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	s.began = time.Now()
	if err := s.process.Start(); err != nil {
		return err
	}
	ready := make(chan error, 1)
	go func() { // ends with the line, or the process
		line, err := bufio.NewReader(out).ReadString('\n')
		if err == nil && !strings.HasPrefix(line, "parley ready on ") {
			err = errors.New(line)
		}
		ready <- err
	}()
	select {
	case err := <-ready:
		return err
	case <-time.After(patience):
		return errors.New("no ready line")
	}
}

// kill ends the process at once, and everything that it had in memory.
func (s *server) kill() {
	_ = s.process.Process.Kill() // gone already is as good
	_ = s.process.Wait()         // says that it was killed
	s.process = nil
}
