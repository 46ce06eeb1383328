package simulate

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// socket is one end of a connection in memory. It implements net.Conn, and
// TryWrite for writers that do not wait.
type socket struct {
	in, out *flow
	labour  func() // what a write that does not wait takes before; nil: nothing
}

// newSockets gives the two ends of a connection that holds at most limit
// bytes in each direction.
func newSockets(limit int) (near, far *socket) {
	a, b := newFlow(limit), newFlow(limit)
	return &socket{in: a, out: b}, &socket{in: b, out: a}
}

func (s *socket) Read(b []byte) (int, error)         { return s.in.read(b) }
func (s *socket) Write(b []byte) (int, error)        { return s.out.write(b) }
func (s *socket) LocalAddr() net.Addr                { return &net.TCPAddr{} }
func (s *socket) RemoteAddr() net.Addr               { return &net.TCPAddr{} }
func (s *socket) SetReadDeadline(t time.Time) error  { s.in.setEnd(&s.in.readEnd, t); return nil }
func (s *socket) SetWriteDeadline(t time.Time) error { s.out.setEnd(&s.out.writeEnd, t); return nil }

func (s *socket) TryWrite(b []byte) (int, error) {
	if s.labour != nil {
		s.labour()
	}
	return s.out.tryWrite(b)
}

func (s *socket) SetDeadline(t time.Time) error {
	_ = s.SetReadDeadline(t)
	return s.SetWriteDeadline(t)
}

// CloseWrite lets the peer read what is on its way, and then the end.
func (s *socket) CloseWrite() error {
	s.out.stop(false)
	return nil
}

// Close is the same, and nothing more is read here.
func (s *socket) Close() error {
	s.out.stop(false)
	s.in.stop(true)
	return nil
}

// sever loses all that is on its way, in both directions.
func (s *socket) sever() {
	s.out.stop(true)
	s.in.stop(true)
}

// flow is one direction of a connection.
type flow struct {
	limit int

	mu       sync.Mutex
	moved    sync.Cond
	buf      []byte // guarded by mu
	ended    bool   // guarded by mu; nothing more comes
	cut      bool   // guarded by mu; and what was on its way is lost
	readEnd  deadline
	writeEnd deadline
}

// deadline is guarded by the lock of its flow.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func newFlow(limit int) *flow {
	f := &flow{limit: limit}
	f.moved.L = &f.mu
	return f
}

func (f *flow) setEnd(d *deadline, t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.at = t
	if !t.IsZero() {
		d.timer = time.AfterFunc(time.Until(t), f.moved.Broadcast)
	}
	f.moved.Broadcast()
}

func (f *flow) stop(cut bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	if cut {
		f.cut, f.buf = true, nil
	}
	f.moved.Broadcast()
}

// latency is what bytes take to get here. Whatever is written in one moment is
// therefore read together, however its goroutines take turns.
const latency = 7 * time.Microsecond

func (f *flow) read(b []byte) (int, error) {
	if err := f.await(); err != nil {
		return 0, err
	}
	time.Sleep(latency)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cut {
		return 0, net.ErrClosed
	}
	n := copy(b, f.buf)
	f.buf = f.buf[n:]
	f.moved.Broadcast()
	return n, nil
}

// await returns when there is something to read.
func (f *flow) await() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.buf) == 0 {
		switch {
		case f.cut:
			return net.ErrClosed
		case f.ended:
			return io.EOF
		case f.readEnd.passed():
			return os.ErrDeadlineExceeded
		}
		f.moved.Wait()
	}
	return nil
}

func (f *flow) write(b []byte) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		some, err := f.put(b[n:])
		n += some
		switch {
		case err != nil || n == len(b):
			return n, err
		case f.writeEnd.passed():
			return n, os.ErrDeadlineExceeded
		}
		f.moved.Wait()
	}
}

func (f *flow) tryWrite(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.put(b)
}

// put takes what there is space for. Caller holds f.mu.
func (f *flow) put(b []byte) (int, error) {
	if f.ended {
		return 0, io.ErrClosedPipe
	}
	n := min(len(b), f.limit-len(f.buf))
	if n > 0 {
		f.buf = append(f.buf, b[:n]...)
		f.moved.Broadcast()
	}
	return n, nil
}
