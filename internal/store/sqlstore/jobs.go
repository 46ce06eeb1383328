package sqlstore

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// jobSlots is how many jobs a node runs at once in PostgreSQL.
const jobSlots = 4

// jobs runs writes that are no changes of a room's log, each in a
// transaction and on a connection of its own: the rows of rooms that a group
// of messages has locked must not wait for them. SQLite has one writer only;
// there they go through the committer.
type jobs struct {
	d      *postgres
	clock  func() time.Time
	logger *slog.Logger

	slots   chan struct{} // full: jobSlots of them run
	waiting atomic.Int64  // jobs not answered yet
	most    int64         // waiting at most
	mu      sync.RWMutex
	closed  bool // guarded by mu: no more jobs are taken
	running sync.WaitGroup
}

func newJobs(d *postgres, o Options) *jobs {
	return &jobs{d: d, clock: o.Clock, logger: o.Logger, slots: make(chan struct{}, jobSlots), most: int64(o.Queue)}
}

// run runs the job and gives its outcome.
func (s *jobs) run(ctx context.Context, j *job) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.running.Done()
	defer s.waiting.Add(-1)
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.slots }()
	// Once begun, a job is not given up: who asked for it waits.
	j.ctx = context.WithoutCancel(ctx)
	err := s.attempt(j)
	for tries := 1; err != nil && tries < maxTries && !j.exclusive && s.d.again(err); tries++ {
		err = s.attempt(j)
	}
	return err
}

func (s *jobs) enter() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return chat.ErrUnavailable
	}
	if s.waiting.Add(1) > s.most {
		s.waiting.Add(-1)
		return chat.ErrOverloaded
	}
	s.running.Add(1)
	return nil
}

// close waits for the jobs that were taken.
func (s *jobs) close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// attempt runs the job in one transaction.
func (s *jobs) attempt(j *job) error {
	t, err := s.d.writer(j.ctx)
	if err != nil {
		return s.d.fault(err)
	}
	defer t.conn.Close() // back to the pool, which looks at its state
	t.start(s.clock())
	if err := s.d.begin(t, nil); err != nil {
		return s.d.fault(err)
	}
	if err := s.fill(t, j); err != nil {
		s.rollback(t)
		return err
	}
	return s.finish(t)
}

func (s *jobs) fill(t *tx, j *job) error {
	err := j.run(t)
	if err == nil {
		err = t.flush()
	}
	if j.exclusive {
		return err // its own, as it is
	}
	return s.d.fault(err)
}

// rollback leaves the connection to the pool; one that is bad is not used
// again, and its transaction ends with it.
func (s *jobs) rollback(t *tx) {
	t.forget()
	if err := run(t, "ROLLBACK"); err != nil {
		s.logger.Debug("rolling back", "error", err)
	}
}

// finish commits. After an error the outcome is not known.
func (s *jobs) finish(t *tx) error {
	_, err := s.d.commit(t) // nothing is kept back any more that could be refused
	if err = s.d.fault(err); err != nil && !passing(err) {
		err = errors.Join(chat.ErrUnavailable, err)
	}
	return err
}
