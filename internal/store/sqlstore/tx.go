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
	querier
	conn   *sql.Conn
	stmts  *statements // prepared over conn; nil where the driver keeps them
	facts  *facts
	lately lately
	bulk   *bulk // what is written together; nil where each row is written at once

	epoch    string       // of the history that its connection found; empty where there is only one
	now      int64        // the time of the transaction
	events   []chat.Event // numbered in it, for the listener
	numbered int64        // how many, with those that nobody hears of
}

// start resets what belongs to one transaction.
func (t *tx) start(now time.Time) {
	t.now = millis(now)
	t.events, t.numbered = nil, 0
	if t.dialect().shared() {
		t.forget()
	}
	t.facts.bound()
}

// flush writes what was kept back: events, and the heads of the rooms.
func (t *tx) flush() error {
	if t.bulk != nil {
		return t.bulk.flush(t.facts)
	}
	return t.facts.flush(t)
}

// forget drops what is known of the database, and what was kept back.
func (t *tx) forget() {
	t.facts.forget()
	if t.bulk != nil {
		t.bulk.forget()
	}
}

// close gives up the connection. It is not reused: after a failed commit
// nobody knows what it holds.
func (t *tx) close() error {
	var errs []error
	if t.stmts != nil {
		errs = append(errs, t.stmts.close())
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
	ev.Epoch = t.epoch
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
	// numbers: it makes events, which must be told in their order.
	numbers bool
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
	if err := t.flush(); err != nil {
		return t.dialect().fault(err)
	}
	if j.exclusive {
		defer t.forget()
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
		err = t.flush()
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
		t.forget()
	}
	return run(t, "RELEASE job")
}
