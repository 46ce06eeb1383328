package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// stage is how far a socket has got.
type stage uint8

const (
	unconnected stage = iota
	upgrading         // the handshake was sent
	resuming          // the resume was sent
	joined            // gets messages
	gone              // closed by the server
)

type socket struct {
	fd     int
	stage  stage
	walker walker
	got    int64 // messages
}

// swarm is many light clients in one goroutine: bare sockets in one epoll
// set, which read into one buffer and only count what comes, except for
// those whose walkers keep the frames.
type swarm struct {
	epoll   int
	buf     []byte
	events  []unix.EpollEvent
	sockets []socket
	tokens  []string
	host    string
	each    func(i int, f frame) // text frames of those who have joined

	waiting  int   // connected and not joined yet
	lost     int   // closed by the server
	lastWord error // why the last of them was
	bytes    int64 // received
	head     int64 // number of the room's last message when the swarm joined
	room     int64
}

// Sizes of the swarm's parts.
const (
	readBytes   = 256 << 10
	epollEvents = 512
	connecting  = 64 // sockets that are on their way at a time
	perAddress  = 1000
)

func newSwarm() (*swarm, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("bench: epoll: %w", err)
	}
	return &swarm{
		epoll: epoll, buf: make([]byte, readBytes), events: make([]unix.EpollEvent, epollEvents),
		each: func(int, frame) {},
	}, nil
}

// connect opens one bare socket for each of n clients.
func (s *swarm) connect(host string, n int) error {
	addr, err := netip.ParseAddrPort(host)
	if err != nil || !addr.Addr().Is4() {
		return fmt.Errorf("bench: %q is no IPv4 address with a port", host)
	}
	s.host = host
	for range n {
		if err := s.dial(addr); err != nil {
			return err
		}
	}
	return nil
}

// dial adds a socket. Sources are spread over the loopback's addresses, since
// one has no more than some 28,000 ports.
func (s *swarm) dial(to netip.AddrPort) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bench: socket %d: %w", len(s.sockets)+1, err)
	}
	i := len(s.sockets)
	s.sockets = append(s.sockets, socket{fd: fd})
	if to.Addr().IsLoopback() {
		from := unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(1 + i/perAddress)}}
		if err := unix.Bind(fd, &from); err != nil {
			return fmt.Errorf("bench: bind: %w", err)
		}
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		return fmt.Errorf("bench: connect: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // a matter of speed
	return unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)})
}

// join signs a client in for each token and waits until all get what is said.
func (s *swarm) join(ctx context.Context, host string, tokens []string) error {
	s.tokens = tokens
	for next := len(s.sockets); next < len(tokens) || s.waiting > 0; {
		for next < len(tokens) && s.waiting < connecting {
			if err := s.connect(host, 1); err != nil {
				return err
			}
			if err := s.upgrade(next); err != nil {
				return err
			}
			next++
		}
		if err := s.poll(time.Second); err != nil {
			return err
		}
		if err := errors.Join(ctx.Err(), s.lastWord); err != nil {
			return err
		}
	}
	return nil
}

func (s *swarm) upgrade(i int) error {
	k := &s.sockets[i]
	k.stage = upgrading
	s.waiting++
	request := "GET /api/v1/ws HTTP/1.1\r\nHost: " + s.host + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGFybGV5IGJlbmNobWFyaw==\r\nSec-WebSocket-Protocol: parley.v1\r\n" +
		"Authorization: Bearer " + s.tokens[i] + "\r\n\r\n"
	return s.write(i, []byte(request))
}

// write sends at once or fails: what clients send is small.
func (s *swarm) write(i int, b []byte) error {
	n, err := unix.Write(s.sockets[i].fd, b)
	if err == nil && n < len(b) {
		err = unix.EAGAIN
	}
	if err != nil {
		return fmt.Errorf("bench: write: %w", err)
	}
	return nil
}

func (s *swarm) writeText(i int, text []byte) error {
	return s.write(i, appendMasked(nil, opText, text))
}

// poll waits for at most that long, and reads once from every socket that
// has something.
func (s *swarm) poll(timeout time.Duration) error {
	n, err := unix.EpollWait(s.epoll, s.events, int(timeout.Milliseconds()))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("bench: epoll: %w", err)
	}
	for _, event := range s.events[:max(n, 0)] {
		if err := s.read(int(event.Fd)); err != nil {
			return err
		}
	}
	return nil
}

func (s *swarm) read(i int) error {
	n, err := unix.Read(s.sockets[i].fd, s.buf)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return nil
	case err != nil:
		return s.leave(i, err)
	case n == 0:
		return s.leave(i, errors.New("the connection ended"))
	}
	s.bytes += int64(n)
	return s.feed(i, s.buf[:n])
}

func (s *swarm) feed(i int, b []byte) error {
	k := &s.sockets[i]
	if k.stage == upgrading {
		var err error
		if b, err = s.readHandshake(i, b); err != nil || b == nil {
			return err
		}
	}
	for {
		f, rest, ok := k.walker.next(b)
		if !ok {
			return nil
		}
		if b = rest; f.op == opText && k.stage == joined {
			s.each(i, f)
			continue
		}
		if err := s.control(i, f); err != nil {
			return err
		}
	}
}

// readHandshake gives what follows the answer to the handshake, nil while
// that is not complete.
func (s *swarm) readHandshake(i int, b []byte) ([]byte, error) {
	k := &s.sockets[i]
	k.walker.text = append(k.walker.text, b...)
	head, rest, whole := bytes.Cut(k.walker.text, []byte("\r\n\r\n"))
	if !whole {
		return nil, nil
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return nil, fmt.Errorf("bench: the server refused a socket: %s", k.walker.text)
	}
	k.stage, k.walker = resuming, walker{keep: true}
	return append([]byte{}, rest...), s.writeText(i, []byte(`{"id":1,"op":"resume","rooms":{}}`))
}

// control takes the frames that are no messages.
func (s *swarm) control(i int, f frame) error {
	k := &s.sockets[i]
	switch {
	case f.op == opPing:
		return s.write(i, appendMasked(nil, opPong, f.text))
	case f.op == opClose:
		return s.leave(i, fmt.Errorf("closed: %q", f.text))
	case f.op == opText && k.stage == resuming && bytes.HasPrefix(f.text, []byte(`{"re":1,`)):
		k.stage = joined
		s.waiting--
		err := s.readResumed(f.text)
		k.walker = walker{}
		return err
	}
	return nil
}

func (s *swarm) readResumed(text []byte) error {
	var answer struct {
		OK struct {
			Rooms map[string]struct{ Seq int64 }
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.OK.Rooms) != 1 {
		return fmt.Errorf("bench: a member of one room expected, but the server answered %s", text)
	}
	for name, room := range answer.OK.Rooms {
		s.room, _ = strconv.ParseInt(name, 10, 64) // the server's keys are ids
		s.head = room.Seq
	}
	return nil
}

// leave notes that the server closed a socket.
func (s *swarm) leave(i int, why error) error {
	s.lost++
	s.lastWord = fmt.Errorf("bench: client %d: %w", i+1, why)
	return s.drop(i)
}

func (s *swarm) drop(i int) error {
	k := &s.sockets[i]
	k.stage = gone
	return unix.Close(k.fd)
}

// shrink closes all sockets but the first n.
func (s *swarm) shrink(n int) error {
	var errs []error
	for i := n; i < len(s.sockets); i++ {
		if s.sockets[i].stage != gone {
			errs = append(errs, s.drop(i))
		}
	}
	s.sockets = s.sockets[:min(n, len(s.sockets))]
	return errors.Join(errs...)
}

func (s *swarm) close() error { return errors.Join(s.shrink(0), unix.Close(s.epoll)) }
