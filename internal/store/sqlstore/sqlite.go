package sqlstore

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/parley-chat/parley/internal/chat"
)

// Pragmas of every connection. busy_timeout matters only where somebody else
// opens the file, such as an operator's shell or a backup.
var pragmas = []string{
	"busy_timeout(5000)",
	"foreign_keys(1)",
	"temp_store(MEMORY)",
}

// Pragmas of the writer. synchronous=FULL syncs the log at every commit: an
// acknowledged message is on disk. secure_delete overwrites what is deleted; its
// cost for an append is too small to measure. The writer checkpoints by
// itself only when the log has grown to 32 MiB: before that keepCheckpoints
// does it, off the path of a message.
var writerPragmas = []string{
	"journal_mode(WAL)",
	"synchronous(FULL)",
	"secure_delete(1)",
	"wal_autocheckpoint(8192)",
	"journal_size_limit(67108864)",
	"cache_size(-32768)",
}

// Readers keep little for themselves: there are several, the system has the
// file in its own cache, and 8 MiB for each were 0.9 KiB for each of 19,000
// people who had signed in.
var readerPragmas = []string{"query_only(1)", "cache_size(-512)"}

// sqliteDialect is SQLite in one file.
type sqliteDialect struct {
	path    string
	pool    *sql.DB     // of one connection, which writes
	readers *sql.DB     // set once the schema is there
	reading *statements // of readers
}

func newSQLite(path string) (*sqliteDialect, error) {
	pool, err := openSQLite(path, 1, writerPragmas)
	if err != nil {
		return nil, err
	}
	return &sqliteDialect{path: path, pool: pool}, nil
}

// openReaders opens the pool of n connections that read.
func (d *sqliteDialect) openReaders(n int) (err error) {
	if d.readers, err = openSQLite(d.path, n, readerPragmas); err != nil {
		return err
	}
	d.reading = &statements{d: d, from: d.readers, byText: map[string]*sql.Stmt{}}
	return nil
}

// openSQLite opens a pool of at most n connections to the file at path.
func openSQLite(path string, n int, extra []string) (*sql.DB, error) {
	query := url.Values{"_pragma": append(append([]string{}, pragmas...), extra...)}
	location := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}
	pool, err := sql.Open("sqlite", location.String())
	if err != nil {
		return nil, fmt.Errorf("sqlstore: open %s: %w", path, err)
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return pool, nil
}

func (d *sqliteDialect) rewrite(query string) string {
	query = strings.TrimSuffix(query, " FOR NO KEY UPDATE") // the whole file is locked
	query = strings.ReplaceAll(query, "IN hashes($1)", "IN (SELECT unhex(value) FROM json_each($1))")
	return strings.ReplaceAll(query, "IN ids($1)", "IN (SELECT value FROM json_each($1))")
}

// ids gives a JSON array: SQLite has no arrays, but reads those.
func (d *sqliteDialect) ids(list []int64) any {
	text := []byte{'['}
	for i, id := range list {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, id, 10)
	}
	return string(append(text, ']'))
}

func (d *sqliteDialect) hashes(list [][]byte) any {
	text := []byte{'['}
	for i, hash := range list {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(hex.AppendEncode(append(text, '"'), hash), '"')
	}
	return string(append(text, ']'))
}

func (d *sqliteDialect) ask(ctx context.Context, tx *sql.Tx) querier {
	return &bound{ctx: ctx, stmts: d.reading, tx: tx}
}

func (d *sqliteDialect) snapshot(ctx context.Context) (*sql.Tx, error) {
	return d.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
}

func (d *sqliteDialect) outlived(*tx) bool { return false }

func (d *sqliteDialect) writer(ctx context.Context) (*tx, error) {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	stmts := &statements{d: d, from: conn, byText: map[string]*sql.Stmt{}}
	return &tx{querier: &bound{ctx: ctx, stmts: stmts}, conn: conn, stmts: stmts, facts: newFacts()}, nil
}

func (d *sqliteDialect) begin(t *tx, _ []work) error { return run(t, "BEGIN IMMEDIATE") }

func (d *sqliteDialect) commit(t *tx) (refused bool, err error) {
	if err := t.flush(); err != nil {
		return true, err
	}
	return false, run(t, "COMMIT")
}

// One process has the file, and one transaction at a time writes to it.

func (d *sqliteDialect) shared() bool     { return false }
func (d *sqliteDialect) gate(*tx) error   { return nil }
func (d *sqliteDialect) again(error) bool { return false }

func (d *sqliteDialect) fault(err error) error {
	var refusal *chat.Error
	var failure *sqlite.Error
	switch {
	case err == nil, errors.As(err, &refusal):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return chat.ErrNotFound
	case errors.Is(err, errDefect), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &failure):
		return d.classify(failure)
	}
	return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
}

// classify tells a full disk and a defect of ours from a database that is
// away. A sync or a shared-memory call on a full disk fails as any I/O error.
func (d *sqliteDialect) classify(err *sqlite.Error) error {
	switch err.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", chat.ErrStorageFull, err)
	case sqlite3.SQLITE_IOERR:
		if d.diskFull() {
			return fmt.Errorf("%w: %w", chat.ErrStorageFull, err)
		}
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_TOOBIG:
		return fmt.Errorf("%w: %w", errDefect, err)
	}
	return fmt.Errorf("%w: %w", chat.ErrUnavailable, err)
}

// diskFull reports whether less than a mebibyte is free beside the database.
func (d *sqliteDialect) diskFull() bool {
	var disk unix.Statfs_t
	if unix.Statfs(filepath.Dir(d.path), &disk) != nil {
		return false
	}
	return disk.Bavail*uint64(disk.Bsize) < 1<<20
}
