// Package transfer brings everything that one database holds into another
// and shows that both hold the same. It owns the list of what there is to
// copy, the order, how a broken copy goes on, and the comparison. How a
// database is read and written is the business of those who implement Source
// and Destination.
//
// A copy is a history of its own: clients that knew the source load
// everything anew. What belongs to one database only, such as the name of its
// history and the key of its nodes, is neither copied nor compared.
package transfer

import (
	"context"
	"errors"
	"fmt"
)

// Source is a database that nobody writes to, in one state.
type Source interface {
	// History names the history that the database holds; never empty.
	History(ctx context.Context) (string, error)
	// Count tells how many rows a table has.
	Count(ctx context.Context, t Table) (int64, error)
	// Rows gives the first rows, at most limit, whose keys come after a key,
	// in order of the keys. A nil key comes before all.
	Rows(ctx context.Context, t Table, after Row, limit int) ([]Row, error)
	// LastID tells the highest id that a counted table ever gave, which may
	// be that of a row that is gone; 0 if it gave none.
	LastID(ctx context.Context, t Table) (int64, error)
}

// Destination is a database that is being filled. What its methods did when
// they return nil survives the end of the process.
type Destination interface {
	Source
	// Begin makes the database a copy of the named history that is not
	// finished; no server starts on it until Finish. ErrNotEmpty,
	// ErrOtherSource, ErrFinished. It does nothing to one that was begun
	// before.
	Begin(ctx context.Context, history string) error
	// Add writes rows, all or none.
	Add(ctx context.Context, t Table, rows []Row) error
	// Clear empties tables, which others do not refer to, all or none.
	Clear(ctx context.Context, tables []Table) error
	// SetLastID makes a counted table go on after id.
	SetLastID(ctx context.Context, t Table, id int64) error
	// Finish ends the copy and gives the database a history of its own.
	Finish(ctx context.Context) error
}

// What Begin refuses.
var (
	// ErrNotEmpty: the database has people, rooms or messages of its own.
	ErrNotEmpty = errors.New("there are people, rooms or messages in it already, and it is no unfinished copy")
	// ErrOtherSource: another database was being copied there.
	ErrOtherSource = errors.New("it is the unfinished copy of another database")
	// ErrFinished: it was copied to the end before, and may be in use since.
	ErrFinished = errors.New("it is a copy that was finished before")
)

// batch is how many rows are read, written or compared at a time; with the
// longest messages that is a few tens of mebibytes.
const batch = 1000

// Progress is told now and then what is being done: a few words.
type Progress func(what string)

// Copy fills the destination and compares. A copy that was broken off goes on
// where it was, after a look at whether what is there still equals the
// source; a table of which that is not true starts over, with all that
// depend on it. Only when nothing differs is the copy finished; otherwise the
// report tells what does. A copy that was finished before is compared, and
// ErrNotEmpty if it was written to since.
func Copy(ctx context.Context, from Source, to Destination, progress Progress) (Report, error) {
	history, err := from.History(ctx)
	if err != nil {
		return Report{}, err
	}
	switch err := to.Begin(ctx, history); {
	case errors.Is(err, ErrFinished):
		return lookAgain(ctx, from, to, progress)
	case err != nil:
		return Report{}, err
	}
	c := &copying{from: from, to: to, meter: meter{what: "copying", progress: progress}}
	if err := c.run(ctx); err != nil {
		return Report{}, err
	}
	report, err := Compare(ctx, from, to, progress)
	report.StartedOver = c.startedOver
	if err != nil || !report.Same() {
		return report, err
	}
	return report, to.Finish(ctx)
}

// lookAgain compares a copy that was finished before.
func lookAgain(ctx context.Context, from, to Source, progress Progress) (Report, error) {
	report, err := Compare(ctx, from, to, progress)
	if err == nil && !report.Same() {
		err = fmt.Errorf("%w: it was used since it was copied", ErrNotEmpty)
	}
	return report, err
}

// copying is one run of Copy.
type copying struct {
	from        Source
	to          Destination
	meter       meter
	startedOver []string
}

func (c *copying) run(ctx context.Context) error {
	tables := Schema()
	if err := c.meter.measure(ctx, c.from, tables); err != nil {
		return err
	}
	for i, t := range tables {
		if err := c.table(ctx, tables[i:]); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

// table copies the first of the tables. Those behind it may refer to it and
// are cleared with it.
func (c *copying) table(ctx context.Context, tables []Table) error {
	t := tables[0]
	after, same, err := c.there(ctx, t)
	if err != nil {
		return err
	}
	if !same {
		c.startedOver = append(c.startedOver, t.Name)
		if err := c.to.Clear(ctx, tables); err != nil {
			return err
		}
		after = nil
	}
	if err := c.rest(ctx, t, after); err != nil || !t.Counted {
		return err
	}
	id, err := c.from.LastID(ctx, t)
	if err != nil {
		return err
	}
	return c.to.SetLastID(ctx, t, id)
}

// there gives the last key of what is in the destination, and whether all of
// that still stands so in the source.
func (c *copying) there(ctx context.Context, t Table) (last Row, same bool, err error) {
	for {
		there, err := c.to.Rows(ctx, t, last, batch)
		if err != nil || len(there) == 0 {
			return last, true, err
		}
		here, err := c.from.Rows(ctx, t, last, len(there))
		if err != nil || !sameRows(t, here, there) {
			return nil, false, err
		}
		last = t.key(there)
		c.meter.add(t, len(there))
	}
}

// rest copies what comes after a key.
func (c *copying) rest(ctx context.Context, t Table, after Row) error {
	for {
		rows, err := c.from.Rows(ctx, t, after, batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := c.to.Add(ctx, t, rows); err != nil {
			return err
		}
		after = t.key(rows)
		c.meter.add(t, len(rows))
	}
}
