package channelsredis_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/testkit"
)

// python is where Debian's packages are; PARLEY_TEST_PYTHON names another one
// that has channels_redis.
func python() string {
	if path := os.Getenv("PARLEY_TEST_PYTHON"); path != "" {
		return path
	}
	return "/usr/bin/python3"
}

// peer is a Python process with a channel layer; see testdata/peer.py.
type peer struct {
	t     testing.TB
	stdin io.WriteCloser

	mu      sync.Mutex
	last    int                    // guarded by mu
	answers map[int]chan peerReply // guarded by mu; requests under way
}

type peerReply struct {
	ID     int
	Result json.RawMessage
	Raised string
}

// startPeer starts a Python process. Without the packages the test is skipped,
// or fails if "django" is required.
func startPeer(t testing.TB, layer string, config map[string]any) *peer {
	t.Helper()
	if out, err := exec.Command(python(), "-c", "import channels_redis, channels").CombinedOutput(); err != nil {
		testkit.Missing(t, "django", fmt.Sprintf("channels_redis of %s: %v %s", python(), err, out))
	}
	settings, err := json.Marshal(map[string]any{"layer": layer, "config": config})
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(python(), "testdata/peer.py", string(settings))
	p := &peer{t: t, answers: make(map[int]chan peerReply)}
	if p.stdin, err = child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = t.Output()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.read(stdout)
	}()
	t.Cleanup(func() {
		_ = p.stdin.Close()
		<-read
		_ = child.Wait()
	})
	return p
}

// read hands answers on until the process ends. Started by startPeer.
func (p *peer) read(stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var reply peerReply
		if err := json.Unmarshal(lines.Bytes(), &reply); err != nil {
			p.t.Errorf("python said %s", lines.Bytes())
			continue
		}
		p.mu.Lock()
		answer := p.answers[reply.ID]
		delete(p.answers, reply.ID)
		p.mu.Unlock()
		answer <- reply
	}
}

// begin asks for something and returns where the answer will be.
func (p *peer) begin(op string, arguments map[string]any) <-chan peerReply {
	p.t.Helper()
	answer := make(chan peerReply, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	p.answers[p.last] = answer
	request := map[string]any{"id": p.last, "op": op}
	for key, value := range arguments {
		request[key] = value
	}
	line, err := json.Marshal(request)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		p.t.Fatal("python has ended:", err)
	}
	return answer
}

// await waits for an answer and decodes it into result unless that is nil. It
// returns the name of the exception that was raised, or "".
func (p *peer) await(answer <-chan peerReply, result any) string {
	p.t.Helper()
	select {
	case reply := <-answer:
		if reply.Raised == "" && result != nil {
			if err := json.Unmarshal(reply.Result, result); err != nil {
				p.t.Fatal(err)
			}
		}
		return reply.Raised
	case <-time.After(4 * patience):
		p.t.Fatal("python does not answer")
	}
	return ""
}

// must asks and fails the test on an exception.
func (p *peer) must(op string, arguments map[string]any, result any) {
	p.t.Helper()
	if raised := p.await(p.begin(op, arguments), result); raised != "" {
		p.t.Fatalf("%s raised %s", op, raised)
	}
}

func (p *peer) newChannel() string {
	p.t.Helper()
	var name string
	p.must("new_channel", nil, &name)
	return name
}
