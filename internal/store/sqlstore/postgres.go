package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/parley-chat/parley/internal/chat"
)

// postgres is a PostgreSQL database that several nodes share.
type postgres struct {
	link    *link
	primary *primary
	readers *sql.DB
	writers *sql.DB  // the connections of the lanes, and those of the jobs
	texts   sync.Map // wording by shared text: as many as the package has
}

// wording is a shared text as PostgreSQL takes it.
type wording struct {
	text string
	log  bool // it is about events, of which a bulk may keep some back
}

var logTables = regexp.MustCompile(`\b(messages|changes|mentions)\b`)

func (d *postgres) wording(query string) wording {
	if known, found := d.texts.Load(query); found {
		return known.(wording)
	}
	text := strings.ReplaceAll(query, "IN ids($1)", "= ANY($1::bigint[])")
	text = strings.ReplaceAll(text, "IN hashes($1)", "= ANY($1::bytea[])")
	w := wording{text, logTables.MatchString(text)}
	d.texts.Store(query, w)
	return w
}

func (d *postgres) rewrite(query string) string { return d.wording(query).text }

func (d *postgres) ids(list []int64) any { return list }

func (d *postgres) hashes(list [][]byte) any { return list }

func (d *postgres) ask(ctx context.Context, tx *sql.Tx) querier {
	if tx != nil {
		return &texts{ctx: ctx, d: d, on: tx}
	}
	return &texts{ctx: ctx, d: d, on: d.readers}
}

func (d *postgres) snapshot(ctx context.Context) (*sql.Tx, error) {
	if err := d.link.away(); err != nil {
		return nil, err
	}
	return d.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
}

func (d *postgres) writer(ctx context.Context) (*tx, error) {
	if err := d.link.away(); err != nil {
		return nil, err
	}
	conn, err := d.writers.Conn(ctx)
	if err != nil {
		return nil, err
	}
	on := &pgConn{ctx: ctx, d: d, conn: conn}
	t := &tx{conn: conn, facts: newFacts(), bulk: newBulk(on), epoch: on.epoch()}
	t.querier = &texts{ctx: ctx, d: d, on: conn, bulk: t.bulk}
	return t, nil
}

func (d *postgres) outlived(t *tx) bool { return t.epoch != d.primary.era.String() }

// begin locks and reads in the same round trip.
func (d *postgres) begin(t *tx, group []work) error {
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	foresee(batch, t, group)
	return t.bulk.on.batch(batch)
}

// commit writes and commits in one round trip, so that other nodes wait no
// longer than that for the rooms. The server skips what follows an error.
func (d *postgres) commit(t *tx) (refused bool, err error) {
	batch := t.bulk.rest(t.facts)
	batch.Queue("COMMIT").Exec(func(done pgconn.CommandTag) error {
		if done.String() != "COMMIT" {
			return fmt.Errorf("%w: the transaction had failed: %s", errDefect, done)
		}
		return nil
	})
	err = t.bulk.send(batch)
	var failure *pgconn.PgError
	return errors.As(err, &failure) && failure.SeverityUnlocalized == "ERROR", err
}

func (d *postgres) shared() bool { return true }

// What the locks of gate and of the migrations are called in the database.
const (
	lockClass      = 0x7061726c // "parl"
	lockAccounts   = 1
	lockMigrations = 2
)

func (d *postgres) gate(t *tx) error {
	return run(t, "SELECT pg_advisory_xact_lock($1, $2)", lockClass, lockAccounts)
}

// Codes of PostgreSQL's errors.
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeDiskFull      = "53100"
	codeUnique        = "23505"
	codeReadOnly      = "25006"
	codeNoRight       = "42501"
)

// Classes of errors, the first two characters of a code, that are mistakes of
// ours: wrong values, broken constraints, wrong statements.
var defectClasses = map[string]bool{"0A": true, "21": true, "22": true, "23": true, "42": true}

func (d *postgres) fault(err error) error {
	var refusal *chat.Error
	var failure *pgconn.PgError
	switch {
	case err == nil, errors.As(err, &refusal):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return chat.ErrNotFound
	case errors.Is(err, errDefect), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &failure):
		return classify(failure)
	}
	return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
}

// IsForbidden reports whether PostgreSQL refused something because the role
// that was given has no right to it. Trying again does not help.
func IsForbidden(err error) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && failure.Code == codeNoRight
}

func classify(err *pgconn.PgError) error {
	switch {
	case err.Code == codeDiskFull:
		return fmt.Errorf("%w: %w", chat.ErrStorageFull, err)
	case defectClasses[err.Code[:min(2, len(err.Code))]]:
		return fmt.Errorf("%w: %w", errDefect, err)
	}
	return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
}

// errStale is met at the beginning of a transaction on a connection that was
// sound before: it had ended, and a new one may do.
var errStale = errors.New("the connection to the database had ended")

func (d *postgres) again(err error) bool {
	if errors.Is(err, errGuess) {
		return true
	}
	var failure *pgconn.PgError
	if errors.As(err, &failure) {
		return failure.Code == codeDeadlock || failure.Code == codeSerialization
	}
	return errors.Is(err, errStale) && !pgconn.Timeout(err) // who waited in vain, for a lock or for a server that is silent, has waited enough
}

// violates reports whether err breaks the unique index of that name.
func violates(err error, index string) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && failure.Code == codeUnique && failure.ConstraintName == index
}

// runner is a pool, a connection or a transaction.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// texts is a querier over the driver, which prepares each text once for a
// connection by itself.
type texts struct {
	ctx  context.Context
	d    *postgres
	on   runner
	bulk *bulk // what must be written before anything is asked
}

func (q *texts) dialect() dialect { return q.d }

// ready gives the text to run; it fails at once while the database is away.
func (q *texts) ready(query string) (string, error) {
	if err := q.d.link.away(); err != nil {
		return "", err
	}
	w := q.d.wording(query)
	if w.log && q.bulk != nil && q.bulk.waits() {
		return w.text, q.bulk.write()
	}
	return w.text, nil
}

func (q *texts) exec(query string, args ...any) (sql.Result, error) {
	text, err := q.ready(query)
	if err != nil {
		return nil, err
	}
	return q.on.ExecContext(q.ctx, text, args...)
}

func (q *texts) rows(query string, args ...any) (*sql.Rows, error) {
	text, err := q.ready(query)
	if err != nil {
		return nil, err
	}
	return q.on.QueryContext(q.ctx, text, args...)
}

func (q *texts) row(query string, args ...any) scanner {
	text, err := q.ready(query)
	if err != nil {
		return failed{err}
	}
	return q.on.QueryRowContext(q.ctx, text, args...)
}

// pgConn is a writing connection, for what database/sql cannot do.
type pgConn struct {
	ctx  context.Context
	d    *postgres
	conn *sql.Conn
}

// epoch is that of the history which the connection found.
func (c *pgConn) epoch() (epoch string) {
	_ = c.conn.Raw(func(driverConn any) error {
		epoch = driverConn.(*stdlib.Conn).Conn().PgConn().CustomData()[sessionKey].(*session).epoch
		return nil
	})
	return epoch
}

// batch runs all statements of the batch in one round trip.
func (c *pgConn) batch(b *pgx.Batch) error {
	if err := c.d.link.away(); err != nil {
		return err
	}
	return c.conn.Raw(func(driverConn any) error {
		return driverConn.(*stdlib.Conn).Conn().SendBatch(c.ctx, b).Close()
	})
}

// callTime is how long one call to the database may take.
const callTime = 5 * time.Second
