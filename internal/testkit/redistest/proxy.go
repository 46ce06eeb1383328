package redistest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Proxy forwards connections to a server and can spoil them. It understands
// enough of the protocol to swallow what is published while everything else,
// the answers to PING among it, goes through: a half-dead subscriber.
type Proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	conns map[net.Conn]bool // guarded by mu
}

// NewProxy starts a proxy in front of a server. It ends with the test.
func NewProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: s.Addr(), conns: make(map[net.Conn]bool)}
	go p.accept()
	t.Cleanup(func() {
		_ = l.Close()
		p.Cut()
	})
	return p
}

// URL is redis://host:port of the proxy.
func (p *Proxy) URL() string { return "redis://" + p.listener.Addr().String() }

// Deafen makes the connections that exist now swallow published messages. New
// connections are sound.
func (p *Proxy) Deafen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		p.conns[conn] = true
	}
}

// Cut closes all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

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
		p.conns[client] = false
		p.mu.Unlock()
		go func() {
			_, _ = io.Copy(server, client)
			_ = server.Close()
		}()
		go p.answer(client, server)
	}
}

// answer copies what the server says, value by value.
func (p *Proxy) answer(client, server net.Conn) {
	defer p.forget(client, server)
	in := bufio.NewReader(server)
	for {
		value, err := readValue(in, nil)
		if err != nil {
			return
		}
		if p.isDeaf(client) && isPublished(value) {
			continue
		}
		if _, err := client.Write(value); err != nil {
			return
		}
	}
}

func (p *Proxy) isDeaf(client net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conns[client]
}

func (p *Proxy) forget(client, server net.Conn) {
	_ = client.Close()
	_ = server.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
}

func isPublished(value []byte) bool {
	for _, kind := range []string{"message", "smessage"} {
		mark := "3\r\n$" + strconv.Itoa(len(kind)) + "\r\n" + kind + "\r\n"
		if len(value) > 1 && bytes.HasPrefix(value[1:], []byte(mark)) {
			return true
		}
	}
	return false
}

// readValue appends one whole value of the protocol to dst.
func readValue(in *bufio.Reader, dst []byte) ([]byte, error) {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	dst = append(dst, line...)
	n, _ := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	switch line[0] {
	case '$', '=', '!':
		if n < 0 {
			return dst, nil
		}
		body := make([]byte, n+2)
		_, err = io.ReadFull(in, body)
		return append(dst, body...), err
	case '%':
		n *= 2
	case '*', '>', '~':
	default:
		return dst, nil
	}
	for range n {
		if dst, err = readValue(in, dst); err != nil {
			return nil, err
		}
	}
	return dst, nil
}
