package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// tx is the writer's transaction, one after the other on one connection.
// Only the committing goroutine uses it.
type tx struct {
	bound
	conn  *sql.Conn
	facts *facts

	now      int64        // the time of the transaction
	events   []chat.Event // numbered in it, for the listener
	numbered int64        // how many, with those that nobody hears of
}

func newTx(ctx context.Context, d dialect, conn *sql.Conn) *tx {
	stmts := &statements{d: d, from: conn, byText: map[string]*sql.Stmt{}}
	return &tx{bound: bound{ctx: ctx, stmts: stmts}, conn: conn, facts: newFacts()}
}

// start resets what belongs to one transaction.
func (t *tx) start(now time.Time) {
	t.now = millis(now)
	t.events, t.numbered = nil, 0
	t.facts.bound()
}

// close gives up the connection. It is not reused: after a failed commit
// nobody knows what it holds.
func (t *tx) close() error {
	var errs []error
	for _, stmt := range t.stmts.byText {
		errs = append(errs, stmt.Close())
	}
	_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
	if err := t.conn.Close(); !errors.Is(err, sql.ErrConnDone) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// number makes ev, whose row was written, the room's newest event.
func (t *tx) number(room *roomFacts, ev chat.Event) {
	room.LastSeq = ev.Seq
	room.lastAt = millis(ev.At)
	t.facts.touch(room)
	t.events = append(t.events, ev)
	t.numbered++
}

// job is a write that is no change of a room's log. It runs under a
// savepoint, so that it can fail midway by itself.
type job struct {
	ctx  context.Context
	run  func(*tx) error
	done chan error // of capacity 1
	err  error
	// keepsFacts: it alters no user, room or membership.
	keepsFacts bool
	// exclusive: a transaction of its own; its error is given back as is.
	exclusive bool
}

func (j *job) alone() bool { return j.exclusive }

func (j *job) answer(failure error) {
	if failure == nil {
		failure = j.err
	}
	j.done <- failure
}

func (j *job) do(t *tx) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil
	}
	if err := t.facts.flush(t); err != nil {
		return t.dialect().fault(err)
	}
	if j.exclusive {
		defer t.facts.forget()
		return j.run(t)
	}
	return t.dialect().fault(j.guarded(t))
}

// guarded runs the job between two savepoints; its own error is kept in err.
func (j *job) guarded(t *tx) error {
	if err := run(t, "SAVEPOINT job"); err != nil {
		return err
	}
	events, numbered := len(t.events), t.numbered
	err := j.run(t)
	if err == nil {
		err = t.facts.flush(t)
	}
	j.err = t.dialect().fault(err)
	if passing(j.err) {
		return j.err
	}
	if j.err != nil {
		t.events, t.numbered = t.events[:events], numbered
		if err := run(t, "ROLLBACK TO job"); err != nil {
			return err
		}
	}
	if j.err != nil || !j.keepsFacts {
		t.facts.forget()
	}
	return run(t, "RELEASE job")
}
