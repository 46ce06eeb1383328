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
	"strings"
	"sync"
	"testing"
	"time"
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

// program gives the server: the one that PARLEY_PROGRAM names,
// or one built from this tree.
func program(t *testing.T) string {
	t.Helper()
	if named := os.Getenv("PARLEY_PROGRAM"); named != "" {
		return named
	}
	path := filepath.Join(t.TempDir(), "parley")
	out, err := exec.Command("go", "build", "-o", path, "../../cmd/parley").CombinedOutput()
	if err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	return path
}

// newServer makes the data: people in rooms of a few, all of them empty.
// It gives the people's tokens. Nothing runs yet.
func newServer(t *testing.T, people, rooms, roomSize int) (*server, []string) {
	t.Helper()
	s := &server{program: program(t), data: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t)}
	tokens := filepath.Join(t.TempDir(), "tokens")
	out, err := exec.Command(s.program, "demo", "--data", s.data, "--tokens", tokens, "--plain", "--messages", "0",
		"--users", fmt.Sprint(people), "--rooms", fmt.Sprint(rooms), "--room-size", fmt.Sprint(roomSize)).CombinedOutput()
	if err != nil {
		t.Fatalf("making the data: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if s.process != nil {
			s.kill()
		}
		if t.Failed() {
			t.Logf("the server said:\n%s", s.log.String())
		}
	})
	return s, readTokens(t, tokens)
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
