package prove

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// gate is a TCP proxy of ours in front of a node or an engine: a network that
// can be made to fail. It is safe for concurrent use.
type gate struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup // accept, and two goroutines for each connection
	commits  atomic.Int64   // answers to COMMIT that are still to be cut off; only where postgres
	postgres bool           // what the target says is read frame by frame

	mu    sync.Mutex
	conns []*passage // guarded by mu
	shut  bool       // guarded by mu
}

// unlimited is what a connection may carry in one direction.
const unlimited = 1 << 60

// passage is one connection through a gate.
type passage struct {
	in, out  net.Conn
	up, down atomic.Int64 // bytes that still go through
	held     atomic.Int64 // no byte goes down before this time, in Unix nanoseconds
}

func newGate(target string, postgres bool) (*gate, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gate{target: target, listener: listener, postgres: postgres}
	g.running.Go(g.accept)
	return g, nil
}

// addr is host:port of the gate.
func (g *gate) addr() string { return g.listener.Addr().String() }

func (g *gate) close() {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	g.listener.Close()
	g.cutAll()
	g.running.Wait()
}

// accept ends with the listener.
func (g *gate) accept() {
	for {
		in, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.running.Go(func() { g.pass(in) })
	}
}

func (g *gate) pass(in net.Conn) {
	out, err := net.DialTimeout("tcp", g.target, time.Second)
	if err != nil {
		in.Close()
		return
	}
	p := &passage{in: in, out: out}
	p.up.Store(unlimited)
	p.down.Store(unlimited)
	if !g.enter(p) {
		p.cut()
		return
	}
	defer g.leave(p)
	g.running.Go(func() { defer p.cut(); carry(out, in, &p.up, nil) })
	defer p.cut()
	if g.postgres {
		g.carryFrames(p)
		return
	}
	carry(in, out, &p.down, &p.held)
}

func (g *gate) enter(p *passage) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return false
	}
	g.conns = append(g.conns, p)
	return true
}

func (g *gate) leave(p *passage) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.conns {
		if other == p {
			last := len(g.conns) - 1
			g.conns[i] = g.conns[last]
			g.conns = g.conns[:last]
			return
		}
	}
}

func (p *passage) cut() {
	p.in.Close()
	p.out.Close()
}

// carry copies until an end is closed or no more may go through.
func carry(to, from net.Conn, left, held *atomic.Int64) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if held != nil {
			awaitRelease(held)
		}
		rest := left.Add(-int64(n))
		if rest < 0 {
			n = max(0, n+int(rest))
		}
		if _, e := to.Write(buffer[:n]); e != nil || err != nil || rest <= 0 {
			return
		}
	}
}

// awaitRelease waits until a held connection may go on.
func awaitRelease(held *atomic.Int64) {
	const look = 50 * time.Millisecond // it may be released before its time
	for left := held.Load() - time.Now().UnixNano(); left > 0; left = held.Load() - time.Now().UnixNano() {
		time.Sleep(min(look, time.Duration(left)))
	}
}

// carryFrames copies what PostgreSQL says and cuts off answers to COMMIT: a
// frame is a type, a length that counts itself, and the rest.
func (g *gate) carryFrames(p *passage) {
	in, out := bufio.NewReader(p.out), bufio.NewWriter(p.in)
	for {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		length := int64(binary.BigEndian.Uint32(head[1:])) - 4
		const longest = 256 // of the frames that are looked at
		body := make([]byte, min(max(length, 0), longest))
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if head[0] == 'C' && string(body) == "COMMIT\x00" && g.commits.Load() > 0 && g.commits.Add(-1) >= 0 {
			return
		}
		awaitRelease(&p.held)
		_, _ = out.Write(head[:]) // Flush tells
		_, _ = out.Write(body)
		if _, err := io.CopyN(out, in, length-int64(len(body))); err != nil {
			return
		}
		if in.Buffered() == 0 && out.Flush() != nil || p.down.Load() <= 0 {
			return
		}
	}
}

// cutAll cuts every connection and tells how many.
func (g *gate) cutAll() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.conns {
		p.cut()
	}
	return len(g.conns)
}

// harm does something to a connection that chance chooses; false if there is
// none.
func (g *gate) harm(chance *rand.Rand, what func(*passage)) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	draw := chance.Uint64()
	if len(g.conns) == 0 {
		return false
	}
	what(g.conns[draw%uint64(len(g.conns))])
	return true
}

// holdAll lets no connection be answered for some time: a frozen network.
func (g *gate) holdAll(d time.Duration) {
	g.hold(time.Now().Add(d).UnixNano())
}

// releaseAll ends all holding.
func (g *gate) releaseAll() { g.hold(0) }

func (g *gate) hold(until int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.conns {
		p.held.Store(until)
	}
}
