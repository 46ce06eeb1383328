package sqlstore

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// work is one thing to be written.
type work interface {
	// do writes within the transaction. A refusal is kept for answer and
	// leaves nothing written; an error fails the whole group. It may be
	// called again after the transaction was rolled back.
	do(t *tx) error
	// answer tells the outcome, once. failure is why the group was not
	// committed, nil if it was.
	answer(failure error)
	// alone reports whether it needs a transaction of its own.
	alone() bool
}

// committer takes what is to be written and has its lanes commit it. All
// changes of a room go the same way and keep their order. In SQLite, which
// has one writer, there is one lane; in PostgreSQL there are several, so that
// a room which another node has locked holds up only those that share its
// lane.
type committer struct {
	d        dialect
	clock    func() time.Time
	logger   *slog.Logger
	maxGroup int

	lanes   []*lane
	running sync.WaitGroup // the lanes
	most    int64          // waiting at most
	waiting atomic.Int64   // work not answered yet
	mu      sync.RWMutex
	closed  bool // guarded by mu: no more work is taken

	telling   sync.Mutex // held while the listener is called: it was promised one call at a time, and calls nobody back
	listener  atomic.Pointer[func([]chat.Event)]
	committed atomic.Int64  // events of all rooms ever: the commit mark
	written   chan struct{} // has one when there was a commit since the last look

	// For tests.
	broken   atomic.Pointer[error] // what a COMMIT answers after it was done
	prepared []string              // the texts that the last connection had prepared
}

// laneCount is how many lanes a node has in PostgreSQL.
const laneCount = 4

// maxTries is how often a group is tried that other nodes got in the way of.
const maxTries = 5

// startCommitter connects and starts so many lanes; close ends them. All but
// the first connect when they are needed.
func startCommitter(d dialect, o Options, lanes int) (*committer, error) {
	c := &committer{
		d: d, clock: o.Clock, logger: o.Logger, maxGroup: o.MaxGroup,
		most: int64(o.Queue), written: make(chan struct{}, 1),
	}
	for range lanes {
		c.lanes = append(c.lanes, &lane{c: c, queue: make(chan work, o.Queue)})
	}
	if err := c.lanes[0].connect(); err != nil {
		return nil, err
	}
	for _, l := range c.lanes {
		c.running.Go(l.run)
	}
	return c, nil
}

// submit queues work, or gives the reason why it is not taken.
func (c *committer) submit(w work) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return chat.ErrUnavailable
	}
	if c.waiting.Add(1) > c.most {
		c.waiting.Add(-1)
		return chat.ErrOverloaded
	}
	c.laneOf(w).queue <- w // has room for all that may wait
	return nil
}

// laneOf gives the lane of a change's room. Jobs have the first: a room that
// one of them makes is known to nobody who could write there before it.
func (c *committer) laneOf(w work) *lane {
	if change, ok := w.(*appending); ok {
		return c.lanes[uint64(change.Room)%uint64(len(c.lanes))]
	}
	return c.lanes[0]
}

// tell has the listener hear of a group.
func (c *committer) tell(events []chat.Event) {
	if listen := c.listener.Load(); listen != nil {
		c.telling.Lock()
		defer c.telling.Unlock()
		(*listen)(events)
	}
}

// close ends the lanes after all that is queued was answered.
func (c *committer) close() {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	c.mu.Unlock()
	if first {
		for _, l := range c.lanes {
			close(l.queue)
		}
	}
	c.running.Wait()
}
