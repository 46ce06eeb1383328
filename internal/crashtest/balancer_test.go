package crashtest

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// balancer is the reverse proxy that people come in by: each connection goes
// to the next node that answers.
type balancer struct {
	listener net.Listener
	nodes    []*server
	running  sync.WaitGroup // accept, and what it starts

	mu       sync.Mutex
	turn     int          // guarded by mu
	closed   bool         // guarded by mu
	passages map[link]int // guarded by mu; to which node each goes
}

// link is one connection through the balancer.
type link struct{ in, out net.Conn }

func (l link) cut() {
	l.in.Close()
	l.out.Close()
}

func newBalancer(t *testing.T, s *site) *balancer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{listener: listener, nodes: s.nodes, passages: map[link]int{}}
	b.running.Go(b.accept)
	t.Cleanup(b.close)
	return b
}

func (b *balancer) addr() string { return b.listener.Addr().String() }

func (b *balancer) close() {
	b.listener.Close()
	b.mu.Lock()
	b.closed = true
	for l := range b.passages {
		l.cut()
	}
	b.mu.Unlock()
	b.running.Wait()
}

// accept ends with the listener.
func (b *balancer) accept() {
	for {
		in, err := b.listener.Accept()
		if err != nil {
			return
		}
		b.running.Go(func() { b.pass(in) })
	}
}

// pass carries one connection until either end closes it.
func (b *balancer) pass(in net.Conn) {
	out, node := b.dial()
	if out == nil {
		in.Close()
		return
	}
	l := link{in, out}
	defer b.leave(l)
	if !b.enter(l, node) {
		return
	}
	b.running.Go(func() { defer l.cut(); _, _ = io.Copy(out, in) }) // an end is an end
	_, _ = io.Copy(in, out)
}

// dial tries one node after the other; nil if none answers.
func (b *balancer) dial() (out net.Conn, node int) {
	b.mu.Lock()
	first := b.turn
	b.turn++
	b.mu.Unlock()
	for i := range b.nodes {
		node = (first + i) % len(b.nodes)
		if out, err := net.DialTimeout("tcp", b.nodes[node].addr, time.Second); err == nil {
			return out, node
		}
	}
	return nil, 0
}

func (b *balancer) enter(l link, node int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.passages[l] = node
	return !b.closed
}

func (b *balancer) leave(l link) {
	l.cut()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.passages, l)
}

// on counts the connections to a node.
func (b *balancer) on(node int) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, to := range b.passages {
		if to == node {
			n++
		}
	}
	return n
}
