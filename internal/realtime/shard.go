package realtime

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// shard is one of the goroutines that write: it alone touches the write
// side of its connections and its parts of the rooms' memberships. Others
// reach it through its inbox.
type shard struct {
	hub    *Hub
	number int
	bell   chan struct{}

	mu    sync.Mutex
	space sync.Cond // for readers that wait until the inbox is shorter
	inbox []mail    // guarded by mu
	ready []*part   // guarded by mu; parts that have work, each once

	// The goroutine's own.
	wheel wheel
	later []*part // parts whose next pass is not due
	timer *time.Timer
	flush []*conn  // connections with something in out
	spare [][]byte // buffers for out
	mails []mail   // the last inbox, to be used again
	parts []*part  // the last ready, to be used again

	// What write works on: one closure for all writes instead of one each.
	write   func(fd uintptr) bool
	writing []byte
	written int
	failed  error
}

// mail is a private frame for a connection, or a command.
type mail struct {
	conn  *conn
	frame []byte
	do    func()
}

// Bounds of an inbox. Readers wait when it is half full; others, who cannot,
// are refused when it is full. Commands are never refused: each is bounded
// by the number of connections and rooms.
const (
	inboxFull     = 64 << 10
	inboxHalfFull = inboxFull / 2
)

func newShard(h *Hub, number int) *shard {
	s := &shard{hub: h, number: number, bell: make(chan struct{}, 1)}
	s.space.L = &s.mu
	s.write = func(fd uintptr) bool {
		s.written, s.failed = writeOnce(int(fd), s.writing)
		return true
	}
	s.wheel.init(h.timing)
	return s
}

// writeOnce is one write that does not wait: how much was taken, and an
// error only if the socket is dead.
func writeOnce(fd int, b []byte) (int, error) {
	for {
		n, err := unix.Write(fd, b)
		switch err {
		case nil:
			return n, nil
		case unix.EAGAIN:
			return 0, nil
		case unix.EINTR:
		default:
			return 0, err
		}
	}
}

// post queues a private frame; false if the inbox is full.
func (s *shard) post(c *conn, frame []byte) bool {
	s.mu.Lock()
	if len(s.inbox) >= inboxFull {
		s.mu.Unlock()
		s.hub.stats.refused.Add(1)
		return false
	}
	s.inbox = append(s.inbox, mail{conn: c, frame: frame})
	s.mu.Unlock()
	s.ring()
	return true
}

// postWaiting is post for readers: it waits for space, so that a flood of
// small requests is slowed down where it comes from.
func (s *shard) postWaiting(c *conn, frame []byte) {
	s.mu.Lock()
	for len(s.inbox) >= inboxHalfFull && s.hub.ctx.Err() == nil {
		s.space.Wait()
	}
	s.inbox = append(s.inbox, mail{conn: c, frame: frame})
	s.mu.Unlock()
	s.ring()
}

// command has the shard's goroutine do something.
func (s *shard) command(do func()) {
	s.mu.Lock()
	s.inbox = append(s.inbox, mail{do: do})
	s.mu.Unlock()
	s.ring()
}

// rouse tells the shard that a part has work; its queued mark is set.
func (s *shard) rouse(p *part) {
	s.mu.Lock()
	s.ready = append(s.ready, p)
	s.mu.Unlock()
	s.ring()
}

func (s *shard) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// run is the shard's goroutine. Started by New, ends with the hub.
func (s *shard) run() {
	s.timer = time.NewTimer(time.Hour)
	ticker := time.NewTicker(s.wheel.step)
	defer ticker.Stop()
	defer s.timer.Stop()
	for {
		select {
		case <-s.bell:
		case <-s.timer.C:
		case <-ticker.C:
			s.beat()
		case <-s.hub.ctx.Done():
			s.mu.Lock()
			s.space.Broadcast()
			s.mu.Unlock()
			return
		}
		s.turn()
	}
}

// turn does all that waits: mail and the rooms. Where there is little to do
// for the rooms it goes first: who sent a message gets the answer and the
// message in one write then.
func (s *shard) turn() {
	s.mu.Lock()
	s.inbox, s.mails = s.mails[:0], s.inbox
	s.ready, s.parts = s.parts[:0], s.ready
	s.mu.Unlock()
	s.space.Broadcast()
	for i := range s.mails {
		s.open(&s.mails[i])
	}
	clear(s.mails)
	if !s.brief() {
		s.flushAll()
	}
	s.passes()
	s.flushAll()
}

// fewMembers are written to in less time than an answer may be late.
const fewMembers = 128

// brief reports whether the passes of this turn take little time.
func (s *shard) brief() bool {
	members := 0
	for _, parts := range [][]*part{s.parts, s.later} {
		for _, p := range parts {
			members += len(p.members)
		}
		if members > fewMembers {
			return false
		}
	}
	return true
}

func (s *shard) open(m *mail) {
	if m.do != nil {
		m.do()
		return
	}
	s.queue(m.conn, m.frame)
}
