package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/parley-chat/parley/internal/transfer"
)

// readSQLite opens a file to read it. The log of a process that was killed
// is read too, and left as it is.
func (b *Bare) readSQLite(ctx context.Context, o Options) error {
	b.engine = bareSQLite{}
	if _, err := os.Stat(o.Path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w at %s", ErrNoDatabase, o.Path)
	}
	if err := b.holdDirectory(filepath.Dir(o.Path)); err != nil {
		return err
	}
	query := url.Values{"mode": {"ro"}, "_pragma": append(append([]string{}, pragmas...), readerPragmas...)}
	location := url.URL{Scheme: "file", Opaque: (&url.URL{Path: o.Path}).EscapedPath(), RawQuery: query.Encode()}
	pool, err := sql.Open("sqlite", location.String())
	if err != nil {
		return fmt.Errorf("sqlstore: open %s: %w", o.Path, err)
	}
	if err := b.use(ctx, pool); err != nil {
		return err
	}
	return b.freeze(ctx, &sql.TxOptions{ReadOnly: true}, sqliteMigrations)
}

// holdDirectory locks the directory if a server ever ran there. In another
// one, such as a backup's, nothing is made for it.
func (b *Bare) holdDirectory(dir string) error {
	file, err := os.Open(filepath.Join(dir, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	b.closers = append(b.closers, file.Close)
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	return err
}

// fillSQLite opens a file to fill it, and makes it where it is missing.
func (b *Bare) fillSQLite(ctx context.Context, o Options) error {
	b.engine = bareSQLite{}
	s := &Store{dir: filepath.Dir(o.Path)}
	err := s.claim(o.Path)
	b.closers = append(b.closers, s.closers...)
	if err != nil {
		return err
	}
	pool, err := openSQLite(o.Path, 1, writerPragmas)
	if err != nil {
		return err
	}
	b.closers = append(b.closers, pool.Close)
	if err := migrateSQLite(ctx, pool); err != nil {
		return err
	}
	return b.use(ctx, pool)
}

type bareSQLite struct{}

func (bareSQLite) add(ctx context.Context, conn *sql.Conn, t transfer.Table, rows []transfer.Row) (err error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+t.Name+" ("+names(t.Columns)+") VALUES ("+places(len(t.Columns))+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, row := range rows {
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return fmt.Errorf("row %v: %w", row[:t.Keys], err)
		}
	}
	return tx.Commit()
}

func (bareSQLite) clear(table string) string { return "DELETE FROM " + table }

func (bareSQLite) lastID(table string) string {
	return "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '" + table + "'"
}

func (bareSQLite) setLastID(table string) []string {
	return []string{
		"UPDATE sqlite_sequence SET seq = $1 WHERE name = '" + table + "'",
		"INSERT INTO sqlite_sequence (name, seq) SELECT '" + table + "', $1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '" + table + "')",
	}
}
