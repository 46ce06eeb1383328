package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/transfer"
)

// Errors of OpenSource.
var (
	// ErrNoDatabase: nothing that Parley made is there.
	ErrNoDatabase = errors.New("there is no database of parley")
	// ErrOlderSchema: a database that is only read is not brought up to date.
	ErrOlderSchema = errors.New("the database is of an older version of parley: start this version's server on it once, stop it, and try again")
)

// Bare is a database without the writer and the background work of a Store,
// for a copy: nobody else uses it while it is open. Only one goroutine may.
type Bare struct {
	engine  bareEngine
	conn    *sql.Conn
	on      runner // conn, or the transaction on it that sees one state
	random  io.Reader
	closers []func() error
}

var (
	_ transfer.Source      = (*Bare)(nil)
	_ transfer.Destination = (*Bare)(nil)
)

// bareEngine is what differs between the engines in a copy.
type bareEngine interface {
	// add writes rows in a transaction.
	add(ctx context.Context, conn *sql.Conn, t transfer.Table, rows []transfer.Row) error
	// clear is the statement that empties a table, to which none refers.
	clear(table string) string
	// lastID is the question for the highest id that a table ever gave.
	lastID(table string) string
	// setLastID are the statements that make a table go on after $1.
	setLastID(table string) []string
}

// OpenSource opens a database to read it in one state, and changes nothing in
// it. While it is open no server starts on it. ErrInUse (the file) or
// ErrServed (PostgreSQL) where one runs, ErrNoDatabase, ErrOlderSchema,
// ErrNewerSchema, ErrUnfinished, ErrStandby. Close it.
func OpenSource(ctx context.Context, o Options) (*Bare, error) {
	return openBare(ctx, o, (*Bare).readSQLite, (*Bare).readPostgres)
}

// OpenDestination opens a database to fill it, and makes it where it is
// missing. Errors are those of OpenSource and of Open. Close it.
func OpenDestination(ctx context.Context, o Options) (*Bare, error) {
	return openBare(ctx, o, (*Bare).fillSQLite, (*Bare).fillPostgres)
}

func openBare(ctx context.Context, o Options, sqlite, postgres func(*Bare, context.Context, Options) error) (*Bare, error) {
	o.setDefaults()
	b := &Bare{random: o.Random}
	open := sqlite
	if o.URL != "" {
		open = postgres
	}
	if err := open(b, ctx, o); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close lets others use the database.
func (b *Bare) Close() error {
	var errs []error
	for i := len(b.closers) - 1; i >= 0; i-- {
		errs = append(errs, b.closers[i]())
	}
	b.closers = nil
	return errors.Join(errs...)
}

// use takes the connection of a pool that has one.
func (b *Bare) use(ctx context.Context, pool *sql.DB) (err error) {
	b.closers = append(b.closers, pool.Close)
	if b.conn, err = pool.Conn(ctx); err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	b.closers = append(b.closers, b.conn.Close)
	b.on = b.conn
	return nil
}

// freeze shows one state from now on, which must be one that can be copied.
func (b *Bare) freeze(ctx context.Context, o *sql.TxOptions, folder string) error {
	tx, err := b.conn.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	b.on = tx
	b.closers = append(b.closers, func() error { _ = tx.Rollback(); return nil }) // nothing was written
	if err := b.checkSchema(ctx, folder); err != nil {
		return err
	}
	return refuseUnfinished(ctx, b.on)
}

// History implements transfer.Source: it is the stored part of the epoch.
func (b *Bare) History(ctx context.Context) (string, error) {
	history, err := b.setting(ctx, settingEpoch)
	if err == nil && history == "" {
		err = fmt.Errorf("%w: no server ever ran on it", ErrNoDatabase)
	}
	return history, err
}

// setting gives a setting, empty if it is not there.
func (b *Bare) setting(ctx context.Context, name string) (value string, err error) {
	err = b.on.QueryRowContext(ctx, selectSetting, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// local are the settings of one database: they are not copied.
var local = []string{settingEpoch, settingHome, settingCopy, settingCopied, store.SettingSeal}

// copied is the condition for the rows of a table that are.
func copied(t transfer.Table) string {
	if t.Name != "settings" {
		return "TRUE"
	}
	return "name NOT IN ('" + strings.Join(local, "', '") + "')"
}

// Count implements transfer.Source.
func (b *Bare) Count(ctx context.Context, t transfer.Table) (n int64, err error) {
	err = b.on.QueryRowContext(ctx, "SELECT count(*) FROM "+t.Name+" WHERE "+copied(t)).Scan(&n)
	return n, err
}

// LastID implements transfer.Source.
func (b *Bare) LastID(ctx context.Context, t transfer.Table) (id int64, err error) {
	err = b.on.QueryRowContext(ctx, b.engine.lastID(t.Name)).Scan(&id)
	return id, err
}

// checkSchema refuses a database of any other version than this program's.
func (b *Bare) checkSchema(ctx context.Context, folder string) error {
	newest, err := newestMigration(folder)
	if err != nil {
		return err
	}
	var have int64
	err = b.on.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&have)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNoDatabase, err)
	case have > newest:
		return fmt.Errorf("%w (schema %d, this program knows %d)", ErrNewerSchema, have, newest)
	case have < newest:
		return ErrOlderSchema
	}
	return nil
}

func newestMigration(folder string) (newest int64, err error) {
	files, err := migrations.ReadDir(folder)
	if err != nil {
		return 0, fmt.Errorf("sqlstore: %w", err)
	}
	for _, file := range files {
		version, err := goose.NumericComponent(file.Name())
		if err != nil {
			return 0, fmt.Errorf("sqlstore: %w", err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}
