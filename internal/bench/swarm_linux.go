package bench

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// stage is how far a socket has got.
type stage uint8

const (
	absent    stage = iota // not connected
	upgrading              // the handshake was sent
	greeted                // the handshake was answered, and no more is wanted yet
	resuming               // the resume was sent
	joined                 // gets messages
)

type socket struct {
	fd     int
	stage  stage
	room   int // index in the swarm's rooms; -1 before it is known
	walker walker
	got    int64 // messages
}

// gathering is a room that clients are in.
type gathering struct {
	id      int64
	head    int64 // number of its last message when the load began
	members perNode
}

// maxNodes is how many servers clients are spread over at most.
const maxNodes = 2

// perNode counts something for each of the servers.
type perNode [maxNodes]int32

func (p perNode) sum() (all int) {
	for _, n := range p {
		all += int(n)
	}
	return all
}

// swarm is many light clients in one goroutine: bare sockets in one epoll
// set, which read into one buffer and only count what comes, except for
// those whose walkers keep the frames.
type swarm struct {
	epoll   int
	buf     []byte
	events  []unix.EpollEvent
	sockets []socket
	rooms   []gathering
	tokens  []string
	hosts   []string             // clients take turns
	each    func(i int, f frame) // text frames of those who have joined
	reads   func(i int) bool     // whose frames are kept once they have joined; nil: nobody's

	bare     bool  // a handshake is enough for now
	atOnce   int   // sockets that may be on their way at a time
	todo     []int // those that are to be connected
	waiting  int   // those that are on their way
	lost     int   // closed by the server
	lastWord error // why the last of them was
	bytes    int64 // received
}

// Sizes of the swarm's parts.
const (
	readBytes   = 256 << 10
	epollEvents = 512
	fewAtOnce   = 64
	manyAtOnce  = 2000 // fits into the queue of a listener, which commonly holds 4,096
	perAddress  = 1000
)

func newSwarm() (*swarm, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("bench: epoll: %w", err)
	}
	return &swarm{
		epoll: epoll, buf: make([]byte, readBytes), events: make([]unix.EpollEvent, epollEvents),
		each: func(int, frame) {}, atOnce: fewAtOnce,
	}, nil
}

func (s *swarm) roomOf(i int) *gathering { return &s.rooms[s.sockets[i].room] }

// nodeOf is the index of the host that a client is connected to.
func (s *swarm) nodeOf(i int) int { return i % len(s.hosts) }

// connect opens one bare socket for each of n clients.
func (s *swarm) connect(host string, n int) error {
	s.hosts = []string{host}
	for range n {
		s.sockets = append(s.sockets, socket{room: -1})
		if err := s.dial(len(s.sockets) - 1); err != nil {
			return err
		}
	}
	return nil
}

// dial connects a socket. Sources are spread over the loopback's addresses,
// since one has no more than some 28,000 ports.
func (s *swarm) dial(i int) error {
	to, err := netip.ParseAddrPort(s.hosts[s.nodeOf(i)])
	if err != nil || !to.Addr().Is4() {
		return fmt.Errorf("bench: %q is no IPv4 address with a port", s.hosts)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bench: socket %d: %w", i+1, err)
	}
	s.sockets[i].fd, s.sockets[i].stage = fd, greeted
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

// poll lets in who is to come, waits for at most that long, and reads once
// from every socket that has something.
func (s *swarm) poll(timeout time.Duration) error {
	if err := s.admit(); err != nil {
		return err
	}
	if timeout > 0 { // epoll_wait itself counts in milliseconds
		patience := unix.NsecToTimespec(timeout.Nanoseconds())
		if _, err := unix.Ppoll([]unix.PollFd{{Fd: int32(s.epoll), Events: unix.POLLIN}}, &patience, nil); err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("bench: poll: %w", err)
		}
	}
	n, err := unix.EpollWait(s.epoll, s.events, 0)
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
		err := s.readResumed(i, f.text)
		k.walker = walker{keep: s.reads != nil && s.reads(i)}
		return err
	}
	return nil
}

// leave notes that the server closed a socket.
func (s *swarm) leave(i int, why error) error {
	s.lost++
	s.lastWord = fmt.Errorf("bench: client %d: %w", i+1, why)
	return s.drop(i)
}

// drop ends a client's connection without a word. It is reset: ports that wait
// out the end of a connection would make the kernel look long for others.
func (s *swarm) drop(i int) error {
	s.sockets[i].stage = absent
	_ = unix.SetsockoptLinger(s.sockets[i].fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // a matter of speed
	return unix.Close(s.sockets[i].fd)
}

// close ends all connections.
func (s *swarm) close() error {
	var errs []error
	for i := range s.sockets {
		if s.sockets[i].stage != absent {
			errs = append(errs, s.drop(i))
		}
	}
	return errors.Join(append(errs, unix.Close(s.epoll))...)
}
