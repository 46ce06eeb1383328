package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/parley-chat/parley/internal/transfer"
)

// readPostgres reads a database of which no server has a connection.
func (b *Bare) readPostgres(ctx context.Context, o Options) error {
	if err := b.connectPostgres(ctx, o, "on"); err != nil {
		return err
	}
	return b.freeze(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}, postgresMigrations)
}

// fillPostgres fills a database of which no server has a connection.
func (b *Bare) fillPostgres(ctx context.Context, o Options) error {
	if err := b.connectPostgres(ctx, o, "off"); err != nil {
		return err
	}
	config, err := postgresConfig(o.URL)
	if err != nil {
		return err
	}
	return (&Store{}).preparePostgres(ctx, config)
}

// connectPostgres takes a connection and the database for itself. The lock
// lasts as long as the connection, and so does not outlive this process.
func (b *Bare) connectPostgres(ctx context.Context, o Options, readOnly string) error {
	b.engine = barePostgres{}
	config, err := postgresConfig(o.URL)
	if err != nil {
		return err
	}
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	config.RuntimeParams["default_transaction_read_only"] = readOnly
	config.RuntimeParams["application_name"] = "parley copy"
	reach, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	if err := b.use(reach, stdlib.OpenDB(*config)); err != nil {
		return err
	}
	if err := checkServer(reach, b.conn); err != nil {
		return err
	}
	return b.exclude(reach)
}

// How long exclude tries, and how often: the server may take a moment to
// notice that the copy before this one was killed.
const (
	excludeTime  = time.Second
	excludeEvery = 100 * time.Millisecond
)

// exclude keeps servers away; ErrServed where there is one.
func (b *Bare) exclude(ctx context.Context) error {
	for end := time.Now().Add(excludeTime); ; {
		var alone bool
		err := b.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, $2)", lockClass, lockServing).Scan(&alone)
		switch {
		case err != nil:
			return fmt.Errorf("sqlstore: %w", err)
		case alone:
			return nil
		case time.Now().After(end):
			return ErrServed
		}
		<-time.After(excludeEvery)
	}
}

type barePostgres struct{}

func (barePostgres) add(ctx context.Context, conn *sql.Conn, t transfer.Table, rows []transfer.Row) error {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name
	}
	return conn.Raw(func(driverConn any) error {
		_, err := driverConn.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{t.Name}, columns,
			pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) { return rows[i], nil }))
		return err
	})
}

// clear also empties what refers to the table by a foreign key: that is
// empty already.
func (barePostgres) clear(table string) string { return "TRUNCATE " + table + " CASCADE" }

func sequence(table string) string { return "pg_get_serial_sequence('" + table + "', 'id')::regclass" }

func (barePostgres) lastID(table string) string {
	return "SELECT coalesce(pg_sequence_last_value(" + sequence(table) + "), 0)"
}

func (barePostgres) setLastID(table string) []string {
	return []string{"SELECT setval(" + sequence(table) + ", greatest($1::bigint, 1), $1::bigint > 0)"}
}
