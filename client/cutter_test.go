package client_test

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
)

// cutter is a network that cuts every connection after a random number of
// bytes, in either direction.
type cutter struct {
	url    string
	target string

	mu   sync.Mutex
	rnd  *rand.Rand // guarded by mu
	cut  int        // guarded by mu; connections so far
	kind bool       // guarded by mu; new connections live
}

func startCutter(t *testing.T, url string, seed uint64) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	c := &cutter{
		url: "http://" + listener.Addr().String(), target: strings.TrimPrefix(url, "http://"),
		rnd: rand.New(rand.NewPCG(seed, 0)),
	}
	go c.run(listener) // ends with the listener
	return c
}

func (c *cutter) run(listener net.Listener) {
	for {
		in, err := listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", c.target)
		if err != nil {
			in.Close()
			continue
		}
		cut := func() { in.Close(); out.Close() }
		up, down := c.lengths()
		go func() { defer cut(); io.CopyN(out, in, up) }()   // ends with either end
		go func() { defer cut(); io.CopyN(in, out, down) }() // ends with either end
	}
}

// lengths draws what a connection carries: sometimes not even a handshake.
func (c *cutter) lengths() (up, down int64) {
	const forever = 1 << 40
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kind {
		return forever, forever
	}
	c.cut++
	return c.rnd.Int64N(6000), c.rnd.Int64N(30_000)
}

// stop lets new connections live.
func (c *cutter) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kind = true
}

func (c *cutter) cuts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}
