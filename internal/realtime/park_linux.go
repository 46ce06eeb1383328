package realtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// parking waits for all connections that say nothing, in one goroutine in
// place of one for each: with it goes the largest part of what an idle
// connection costs, the stack. A connection has a goroutine again as soon as
// something comes.
//
// It is an epoll instance (epoll(7)) that is itself waited for by Go's poller,
// so that no thread is blocked. Each socket is asked for one event
// (EPOLLONESHOT), and by level: what came before it was parked is told at
// once.
type parking struct {
	poll    *os.File
	raw     syscall.RawConn // of poll
	retired atomic.Bool     // nobody is told of anything

	mu   sync.Mutex
	byFD []*conn // guarded by mu; whose descriptor it is
}

// maxParkEvents is how many connections are told of at a time.
const maxParkEvents = 128

func newParking() (*parking, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("realtime: epoll: %w", err)
	}
	_ = unix.SetNonblock(fd, true) // Go's poller takes no others
	poll := os.NewFile(uintptr(fd), "epoll")
	raw, err := poll.SyscallConn()
	if err == nil {
		err = poll.SetReadDeadline(time.Time{}) // os.ErrNoDeadline if Go's poller has not taken it
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("realtime: epoll: %w", err), poll.Close())
	}
	return &parking{poll: poll, raw: raw}, nil
}

// run has connections served that something has come for. It ends with ctx.
func (p *parking) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = p.poll.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	events := make([]unix.EpollEvent, maxParkEvents)
	for {
		n, err := p.wait(events)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		for _, ev := range events[:n] {
			if c := p.at(int(ev.Fd)); c != nil {
				c.wake()
			}
		}
	}
}

// wait gives at least one event.
func (p *parking) wait(events []unix.EpollEvent) (n int, err error) {
	read := p.raw.Read(func(fd uintptr) bool {
		n, err = unix.EpollWait(int(fd), events, 0)
		return n != 0
	})
	if errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	return n, errors.Join(read, err)
}

func (p *parking) close() { _ = p.poll.Close() }

// retire has nobody parked any more. It gives those who may be.
func (p *parking) retire() []*conn {
	p.retired.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.byFD), func(c *conn) bool { return c == nil })
}

// admit makes a connection known, without asking for anything yet. It reports
// false if that failed: the socket is closed, or the kernel watches as many as
// it may (/proc/sys/fs/epoll/max_user_watches).
func (p *parking) admit(c *conn) bool {
	return p.control(c, unix.EPOLL_CTL_ADD, 0)
}

// arm asks for the connection's next event. It reports false if there can be
// none: the socket is closed.
func (p *parking) arm(c *conn) bool {
	return p.control(c, unix.EPOLL_CTL_MOD, unix.EPOLLIN|unix.EPOLLRDHUP) && !p.retired.Load()
}

// control holds both descriptors open meanwhile, so that they are what they
// are taken for.
func (p *parking) control(c *conn, op int, events uint32) (done bool) {
	_ = p.raw.Control(func(poll uintptr) {
		_ = c.raw.Control(func(fd uintptr) {
			ev := unix.EpollEvent{Events: events | unix.EPOLLONESHOT, Fd: int32(fd)}
			done = unix.EpollCtl(int(poll), op, int(fd), &ev) == nil
			if done && op == unix.EPOLL_CTL_ADD {
				p.add(c, int32(fd))
			}
		})
	})
	return done
}

// at gives whose descriptor it is: nil, or a later one's than the event was
// for, who then finds nothing to read and waits for it.
func (p *parking) at(fd int) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if fd < len(p.byFD) {
		return p.byFD[fd]
	}
	return nil // its socket ended while it was admitted
}

func (p *parking) add(c *conn, fd int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for int(fd) >= len(p.byFD) {
		p.byFD = append(p.byFD, nil)
	}
	c.fd, p.byFD[fd] = fd, c
}

// forget lets go of a connection that has ended. Its descriptor may be
// another's by now.
func (p *parking) forget(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byFD[c.fd] == c {
		p.byFD[c.fd] = nil
	}
}
