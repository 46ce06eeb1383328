package client

import (
	"strconv"
	"sync"
)

// hold keeps the frames that come before the answer to resume is understood:
// only then is it known which numbers they follow on.
type hold struct {
	conn chan *Conn // filled once the connection is known

	mu   sync.Mutex
	self *Conn   // guarded by mu
	kept []Frame // guarded by mu
	done bool    // guarded by mu
}

func newHold() *hold { return &hold{conn: make(chan *Conn, 1)} }

// handle keeps a frame, or passes it on once open.
func (h *hold) handle(f Frame, pass func(*Conn, Frame)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.done {
		h.kept = append(h.kept, f)
		return
	}
	pass(h.self, f)
}

// open passes on what was kept. A frame that comes meanwhile waits, so that
// the order stays.
func (h *hold) open(pass func(*Conn, Frame)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.self = <-h.conn
	for _, f := range h.kept {
		pass(h.self, f)
	}
	h.kept, h.done = nil, true
}

func roomID(name string) int64 {
	id, _ := strconv.ParseInt(name, 10, 64) // the server's keys are ids
	return id
}
