package postgrestest

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy forwards connections to a server and cuts them at moments that
// matter. It reads the frames that the server sends.
type Proxy struct {
	listener net.Listener
	target   string

	cutCommits atomic.Int64 // how many answers to COMMIT are still to be cut off

	mu    sync.Mutex
	conns map[net.Conn]bool // guarded by mu
}

// NewProxy starts a proxy in front of the server. It ends with the test.
func (s *Server) NewProxy(t testing.TB) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, target: s.Addr(), conns: map[net.Conn]bool{}}
	go p.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		p.Cut()
	})
	return p
}

// URL gives the address of a database of the server through the proxy.
func (p *Proxy) URL(url string) string {
	return strings.Replace(url, p.target, p.listener.Addr().String(), 1)
}

// Cut closes all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// CutCommits makes the proxy close the connections of the next n commits,
// after the server has committed and before its answer goes through.
func (p *Proxy) CutCommits(n int) { p.cutCommits.Store(int64(n)) }

// CommitsToCut gives how many are still to be cut.
func (p *Proxy) CommitsToCut() int { return int(max(0, p.cutCommits.Load())) }

// accept is started by NewProxy and ends when the listener is closed; the
// goroutines it starts end with their connections.
func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns[client] = true
		p.mu.Unlock()
		go func() {
			_, _ = io.Copy(server, client)
			_ = server.Close()
		}()
		go p.answer(client, server)
	}
}

// answer copies what the server says, frame by frame: a type, a length that
// counts itself, and the rest.
func (p *Proxy) answer(client, server net.Conn) {
	defer p.forget(client, server)
	in := bufio.NewReader(server)
	out := bufio.NewWriter(client)
	for {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if head[0] == 'C' && string(body) == "COMMIT\x00" && p.cutCommits.Add(-1) >= 0 {
			return
		}
		_, _ = out.Write(head[:])
		_, _ = out.Write(body)
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

func (p *Proxy) forget(client, server net.Conn) {
	_ = client.Close()
	_ = server.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
}
