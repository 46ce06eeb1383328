package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// What keeps servers and copies apart.
var (
	// ErrServed is the answer to a copy when a server uses the PostgreSQL
	// database.
	ErrServed = errors.New("a running server, or another copy, uses the database")
	// ErrCopying is Open's answer while a copy reads or writes the
	// PostgreSQL database.
	ErrCopying = errors.New("`parley copy` is at work on the database: wait until it is done")
	// ErrUnfinished is Open's answer to a database that was not copied to the
	// end, and a copy's where that is to be its source.
	ErrUnfinished = errors.New("the database is a copy that was not finished: run the same `parley copy` again until it says that nothing differs")
)

// Settings of a copy, with the history of its source. Ours alone.
const (
	settingCopy   = "copy"      // it is not finished
	settingCopied = "copy_done" // it was finished
)

// lockServing is the lock in PostgreSQL that servers share and a copy has for
// itself. It lasts as long as the connection that took it.
const lockServing = 3

// join tells the database that a server uses it, over a new connection.
func join(ctx context.Context, conn *pgx.Conn) error {
	var shared, unfinished bool
	err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock_shared($1, $2), EXISTS (SELECT 1 FROM settings WHERE name = $3)",
		lockClass, lockServing, settingCopy).Scan(&shared, &unfinished)
	switch {
	case err != nil:
		return fmt.Errorf("sqlstore: %w", err)
	case !shared:
		return ErrCopying
	case unfinished:
		return ErrUnfinished
	}
	return nil
}

// refuseUnfinished gives ErrUnfinished for the copy that a database is.
func refuseUnfinished(ctx context.Context, db runner) error {
	var history string
	err := db.QueryRowContext(ctx, selectSetting, settingCopy).Scan(&history)
	switch {
	case err == nil:
		return ErrUnfinished
	case errors.Is(err, sql.ErrNoRows):
		return nil
	}
	return fmt.Errorf("sqlstore: %w", err)
}
