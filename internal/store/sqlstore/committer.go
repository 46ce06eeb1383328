package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
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

// committer owns the writer's connection. All writes pass its one goroutine,
// which takes whatever waits (it never waits for more) and commits it in one
// transaction: one sync of the disk for a group. It answers them itself, right
// after those who listen have heard of the group: then a connection has its
// answer and its event to write at the same time.
type committer struct {
	d        dialect
	clock    func() time.Time
	logger   *slog.Logger
	maxGroup int

	queue    chan work
	answered chan struct{} // closed when the last answer was given
	waiting  atomic.Int64  // work not answered yet, at most cap(queue)
	mu       sync.RWMutex
	closed   bool // guarded by mu: no more work is taken

	listener  atomic.Pointer[func([]chat.Event)]
	committed atomic.Int64  // events of all rooms ever: the commit mark
	written   chan struct{} // has one when there was a commit since the last look

	t *tx // of the committing goroutine; nil: not connected

	// For tests.
	broken   atomic.Pointer[error] // what a COMMIT answers after it was done
	prepared []string              // the texts that the last connection had prepared
}

// maxTries is how often a group is tried that other nodes got in the way of.
const maxTries = 5

// startCommitter connects and starts the goroutine; close ends it.
func startCommitter(d dialect, o Options) (*committer, error) {
	c := &committer{
		d: d, clock: o.Clock, logger: o.Logger, maxGroup: o.MaxGroup,
		queue: make(chan work, o.Queue), answered: make(chan struct{}), written: make(chan struct{}, 1),
	}
	if err := c.connect(); err != nil {
		return nil, err
	}
	go c.run()
	return c, nil
}

// submit queues work, or gives the reason why it is not taken.
func (c *committer) submit(w work) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return chat.ErrUnavailable
	}
	if c.waiting.Add(1) > int64(cap(c.queue)) {
		c.waiting.Add(-1)
		return chat.ErrOverloaded
	}
	c.queue <- w // has room: waiting is at most its capacity
	return nil
}

// close ends the goroutine after all that is queued was answered.
func (c *committer) close() {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	c.mu.Unlock()
	if first {
		close(c.queue)
	}
	<-c.answered
}

func (c *committer) run() {
	defer close(c.answered)
	group := make([]work, 0, c.maxGroup)
	for first := range c.queue {
		group = c.gather(append(group[:0], first))
		for rest := group; len(rest) > 0; {
			n := together(rest)
			c.commit(rest[:n])
			rest = rest[n:]
		}
		clear(group)
	}
	c.disconnect()
}

// gather adds what waits already.
func (c *committer) gather(group []work) []work {
	for len(group) < c.maxGroup {
		select {
		case next, open := <-c.queue:
			if !open {
				return group
			}
			group = append(group, next)
		default:
			return group
		}
	}
	return group
}

// together tells how much of the front of group shares a transaction.
func together(group []work) int {
	for i, w := range group {
		if w.alone() {
			return max(i, 1)
		}
	}
	return len(group)
}

// commit writes the group and answers it. If one of several meets an error
// that is a defect and no state of the disk, each is tried by itself: only
// the one that cannot be stored fails.
func (c *committer) commit(group []work) {
	failure := c.attempt(group)
	for tries := 1; failure != nil && tries < maxTries && c.d.again(failure); tries++ {
		failure = c.attempt(group)
	}
	if failure != nil && len(group) > 1 && !passing(failure) {
		for i := range group {
			c.commit(group[i : i+1])
		}
		return
	}
	for _, w := range group {
		w.answer(failure)
		c.waiting.Add(-1)
	}
}

// answerTooEarly is a bug that is planted on purpose: it answers changes, and
// leaves work in their place that nobody waits for.
func (c *committer) answerTooEarly(group []work) {
	for i, w := range group {
		if change, ok := w.(*appending); ok {
			change.answer(nil)
			group[i] = &job{done: make(chan error, 1)}
		}
	}
}

// passing reports whether the error is about the state of the database and
// would meet any other work too.
func passing(err error) bool {
	return errors.Is(err, chat.ErrUnavailable) || errors.Is(err, chat.ErrStorageFull)
}

// attempt runs the group in one transaction.
func (c *committer) attempt(group []work) error {
	if err := c.begin(); err != nil {
		return err
	}
	if err := c.d.fault(c.d.foresee(c.t, group)); err != nil {
		c.rollback(err)
		return err
	}
	for _, w := range group {
		if err := w.do(c.t); err != nil {
			c.rollback(err)
			return err
		}
	}
	if err := c.t.flush(); err != nil {
		err = c.d.fault(err)
		c.rollback(err)
		return err
	}
	if planted.Bug == planted.AnswerFirst {
		c.answerTooEarly(group)
	}
	if err := c.finish(); err != nil {
		c.logger.Error("commit failed", "changes", len(group), "error", err)
		c.disconnect()
		return err
	}
	c.publish()
	return nil
}

// begin starts a transaction, connecting first where an earlier commit
// failed.
func (c *committer) begin() error {
	if c.t != nil && c.d.outlived(c.t) {
		c.disconnect()
	}
	used := c.t != nil
	if !used {
		if err := c.connect(); err != nil {
			c.report("the database cannot be opened", err)
			return err
		}
	}
	if err := run(c.t, c.d.begin()); err != nil {
		err = c.d.fault(err)
		c.report("no transaction could be started", err)
		c.disconnect()
		if used {
			err = fmt.Errorf("%w: %w", errStale, err)
		}
		return err
	}
	c.t.start(c.clock())
	return nil
}

// report logs an error, unless it was logged when the database was lost.
func (c *committer) report(what string, err error) {
	if !errors.Is(err, errAway) {
		c.logger.Error(what, "error", err)
	}
}

// finish commits. After an error the outcome is not known.
func (c *committer) finish() error {
	err := c.d.fault(run(c.t, "COMMIT"))
	if broken := c.broken.Load(); err == nil && broken != nil {
		err = *broken
	}
	if err != nil && !passing(err) {
		err = errors.Join(chat.ErrUnavailable, err)
	}
	return err
}

// rollback ends a transaction in which err was met.
func (c *committer) rollback(err error) {
	var refusal *chat.Error
	if !errors.As(err, &refusal) || passing(err) {
		c.report("a group of changes was rolled back", err)
	}
	c.t.forget()
	if err := run(c.t, "ROLLBACK"); err != nil {
		c.disconnect() // it was rolled back already, or the connection is bad
	}
}

// publish tells the listener what was committed.
func (c *committer) publish() {
	c.committed.Add(c.t.numbered)
	select {
	case c.written <- struct{}{}:
	default:
	}
	listen := c.listener.Load()
	if events := c.t.events; listen != nil && len(events) > 0 {
		c.t.events = nil
		(*listen)(events)
	}
}

// connect opens the writer's connection and reads the commit mark anew.
func (c *committer) connect() error {
	t, err := c.d.writer(context.Background())
	if err != nil {
		return c.d.fault(err)
	}
	c.t = t
	if c.d.shared() {
		return nil // the mark would be that of all nodes
	}
	mark, err := scanOne[int64](t.row("SELECT coalesce(sum(last_seq), 0) FROM rooms"))
	if err != nil {
		c.disconnect()
		return c.d.fault(err)
	}
	c.committed.Store(mark)
	return nil
}

// disconnect forgets the connection with all that was known through it.
func (c *committer) disconnect() {
	if c.t == nil {
		return
	}
	if c.t.stmts != nil {
		c.prepared = slices.Collect(maps.Keys(c.t.stmts.byText))
	}
	if err := c.t.close(); err != nil {
		c.logger.Warn("closing the writer's connection", "error", err)
	}
	c.t = nil
}
