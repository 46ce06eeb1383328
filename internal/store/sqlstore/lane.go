package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
)

// lane is one goroutine of the committer, with a connection that writes. It
// takes whatever waits (it never waits for more) and commits it in one
// transaction: one sync of the disk for a group. It answers the group itself,
// right after those who listen have heard of it: then a connection has its
// answer and its event to write at the same time.
type lane struct {
	c     *committer
	queue chan work
	next  work // taken from the queue and not for the group at hand; or nil
	t     *tx  // nil: not connected
}

func (l *lane) run() {
	group := make([]work, 0, l.c.maxGroup)
	for first, open := l.take(); open; first, open = l.take() {
		group = append(group[:0], first)
		if !first.alone() {
			group = l.gather(group, together)
		}
		l.commit(group, !first.alone())
		clear(group[:cap(group)])
	}
	l.disconnect()
}

// take waits for the first of a group.
func (l *lane) take() (first work, open bool) {
	if l.next != nil {
		first, l.next = l.next, nil
		return first, true
	}
	first, open = <-l.queue
	return first, open
}

// gather adds what waits already, up to the first that does not fit.
func (l *lane) gather(group []work, fits func(work) bool) []work {
	for len(group) < l.c.maxGroup && l.next == nil {
		select {
		case next, open := <-l.queue:
			if !open {
				return group
			}
			if fits(next) {
				group = append(group, next)
			} else {
				l.next = next
			}
		default:
			return group
		}
	}
	return group
}

// together reports whether w may share a transaction.
func together(w work) bool { return !w.alone() }

// commit writes the group and answers it. While it waits for the
// transaction, others may join. If one of several meets an error that is a
// defect and no state of the disk, each is tried by itself: only the one that
// cannot be stored fails.
func (l *lane) commit(group []work, others bool) {
	group, failure := l.attempt(group, others)
	for tries := 1; failure != nil && tries < maxTries && l.c.d.again(failure); tries++ {
		group, failure = l.attempt(group, false)
	}
	if failure != nil && len(group) > 1 && !passing(failure) {
		for i := range group {
			l.commit(group[i:i+1], false)
		}
		return
	}
	for _, w := range group {
		w.answer(failure)
		l.c.waiting.Add(-1)
	}
}

// answerTooEarly is a bug that is planted on purpose: it answers changes, and
// leaves work in their place that nobody waits for.
func (l *lane) answerTooEarly(group []work) {
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

// attempt runs the group in one transaction, and gives it with those who
// joined: to wait for another node's lock of a room may take longer than all
// that the group itself does.
func (l *lane) attempt(group []work, others bool) ([]work, error) {
	if err := l.begin(group); err != nil {
		return group, err
	}
	if others {
		group = l.gather(group, l.t.admit)
	}
	l.t.now = millis(l.c.clock()) // none of them was sent later
	return group, l.write(group)
}

// write does the work of the group and commits it.
func (l *lane) write(group []work) error {
	for _, w := range group {
		if err := w.do(l.t); err != nil {
			l.rollback(err)
			return err
		}
	}
	if planted.Bug == planted.AnswerFirst {
		l.answerTooEarly(group)
	}
	if err := l.finish(len(group)); err != nil {
		return err
	}
	l.publish()
	return nil
}

// begin starts a transaction, connecting first where an earlier commit
// failed.
func (l *lane) begin(group []work) error {
	if l.t != nil && l.c.d.outlived(l.t) {
		l.disconnect()
	}
	used := l.t != nil
	if !used {
		if err := l.connect(); err != nil {
			l.report("the database cannot be opened", err)
			return err
		}
	}
	l.t.start(l.c.clock())
	if err := l.c.d.begin(l.t, group); err != nil {
		err = l.c.d.fault(err)
		l.report("no transaction could be started", err)
		l.disconnect()
		if used {
			err = fmt.Errorf("%w: %w", errStale, err)
		}
		return err
	}
	return nil
}

// report logs an error, unless it was logged when the database was lost.
func (l *lane) report(what string, err error) {
	if !errors.Is(err, errAway) {
		l.c.logger.Error(what, "error", err)
	}
}

// finish commits so many changes. After an error that is passing their
// outcome may not be known.
func (l *lane) finish(changes int) error {
	refused, err := l.c.d.commit(l.t)
	err = l.c.d.fault(err)
	if broken := l.c.broken.Load(); err == nil && broken != nil {
		err = *broken
	}
	if err == nil {
		return nil
	}
	if refused {
		l.rollback(err)
		return err
	}
	l.c.logger.Error("commit failed", "changes", changes, "error", err)
	l.disconnect()
	if !passing(err) {
		err = errors.Join(chat.ErrUnavailable, err)
	}
	return err
}

// rollback ends a transaction in which err was met.
func (l *lane) rollback(err error) {
	var refusal *chat.Error
	switch {
	case errors.Is(err, errGuess):
		l.c.logger.Debug("a group of changes begins again", "error", err)
	case !errors.As(err, &refusal) || passing(err):
		l.report("a group of changes was rolled back", err)
	}
	l.t.forget()
	if err := run(l.t, "ROLLBACK"); err != nil {
		l.disconnect() // it was rolled back already, or the connection is bad
	}
}

// publish tells what was committed.
func (l *lane) publish() {
	l.c.committed.Add(l.t.numbered)
	select {
	case l.c.written <- struct{}{}:
	default:
	}
	if events := l.t.events; len(events) > 0 {
		l.t.events = nil
		l.c.tell(events)
	}
}

// connect opens the writer's connection and reads the commit mark anew.
func (l *lane) connect() error {
	t, err := l.c.d.writer(context.Background())
	if err != nil {
		return l.c.d.fault(err)
	}
	l.t = t
	if l.c.d.shared() {
		return nil // the mark would be that of all nodes
	}
	mark, err := scanOne[int64](t.row("SELECT coalesce(sum(last_seq), 0) FROM rooms"))
	if err != nil {
		l.disconnect()
		return l.c.d.fault(err)
	}
	l.c.committed.Store(mark)
	return nil
}

// disconnect forgets the connection with all that was known through it.
func (l *lane) disconnect() {
	if l.t == nil {
		return
	}
	if l.t.stmts != nil {
		l.c.prepared = slices.Collect(maps.Keys(l.t.stmts.byText))
	}
	if err := l.t.close(); err != nil {
		l.c.logger.Warn("closing the writer's connection", "error", err)
	}
	l.t = nil
}
