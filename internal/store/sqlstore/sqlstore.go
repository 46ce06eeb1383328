// Package sqlstore keeps the store's contract in a SQL database: SQLite in
// one file, or PostgreSQL, which several nodes may share. It owns the schema,
// the writer that gives numbers and commits in groups, and the statements.
// What is allowed is asked of chat; who is told of a commit is others' work.
//
// The rooms' logs are written by the committer: over one connection in SQLite,
// in PostgreSQL over a few (lanes), each with rooms of its own. Reads go to a
// small pool and see snapshots. Statements are shared by both
// engines but for what stands in dialect.
//
// In PostgreSQL a group of changes locks the rows of its rooms, in order of
// id, until it is committed: so a room's numbers are dense and in the order
// of the commits, whichever nodes write. What is read for a change is read
// after the lock (foresee); who sends meanwhile joins, if nothing more need be
// read for it (tx.admit); the rows of a group are written in one statement
// (bulk), with the commit in the same round trip; other writes have
// connections of their own (jobs), and calls fail at once while the server is
// away (link).
//
// What a deletion leaves: no read gives the text again, and SQLite
// overwrites it in the database file (secure_delete). A copy may stand in
// the write-ahead log until that is overwritten in turn or the program ends;
// PostgreSQL drops its old copy at the next vacuum.
// The SHA-256 of the first text stays, so that a late retry is recognised.
package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Options say where the database lies and what it is built from. Only Path
// or URL must be set. Any number of nodes may open one URL, each with a
// directory of its own or none.
type Options struct {
	Path     string           // the database file; its directory is made and locked
	URL      string           // postgres://…: a PostgreSQL database in its place; of Path only the directory is used
	Clock    func() time.Time // default time.Now
	Random   io.Reader        // for the epoch; default crypto/rand
	Logger   *slog.Logger     // default: none
	MaxGroup int              // changes in one transaction; default 64
	Queue    int              // writes not answered yet; default 4096
	Readers  int              // connections that read; default 4
	// MarkEvery is how often the commit mark is written beside the database
	// while there are commits; default 1 s.
	MarkEvery time.Duration
}

func (o *Options) setDefaults() {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.MaxGroup = orDefault(o.MaxGroup, 64)
	o.Queue = orDefault(o.Queue, 4096)
	o.Readers = orDefault(o.Readers, 4)
	o.MarkEvery = orDefault(o.MarkEvery, time.Second)
}

func orDefault[T int | time.Duration](value, fallback T) T {
	if value <= 0 {
		return fallback
	}
	return value
}

// Store is a store.Store in a SQLite file or a PostgreSQL database. Make it
// with Open.
type Store struct {
	dir       string
	clock     func() time.Time
	logger    *slog.Logger
	d         dialect
	committer *committer
	jobs      *jobs // nil where they go through the committer
	era       *era
	primary   *primary // nil with SQLite
	random    io.Reader

	closeOnce sync.Once
	closeErr  error
	stop      context.CancelFunc // ends the background goroutines
	running   sync.WaitGroup     // the background goroutines
	closers   []func() error     // what Open opened, in order
	purger    *purger
	snapshots chan struct{} // a place for each that may be open at once
}

var _ store.Store = (*Store)(nil)

// Open opens the database, making it and its directory where they are
// missing (files 0600, directory 0700), and brings its schema up to date.
// ErrInUse while another process has the directory, ErrNewerSchema for a
// database of a newer program, ErrUnfinished for a copy that was broken off,
// ErrCopying while one is made, ErrStandby and ErrEncoding for a server that
// cannot do. Close it.
func Open(ctx context.Context, o Options) (*Store, error) {
	o.setDefaults()
	s := &Store{
		dir: filepath.Dir(o.Path), clock: o.Clock, logger: o.Logger, era: &era{}, random: o.Random,
		snapshots: make(chan struct{}, o.Readers),
	}
	open := s.openSQLite
	if o.URL != "" {
		open = s.openPostgres
	}
	if err := open(ctx, o); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Store) openSQLite(ctx context.Context, o Options) error {
	if err := s.claim(o.Path); err != nil {
		return err
	}
	if err := s.connect(ctx, o); err != nil {
		return err
	}
	var err error
	if s.committer, err = startCommitter(s.d, o, 1); err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { s.committer.close(); return nil })
	epoch, err := s.settleEpoch(ctx, o.Random)
	if err != nil {
		return err
	}
	s.era.known.Store(&mark{Epoch: epoch})
	return s.startBackground(ctx, o)
}

// claim makes the directory and an empty file with tight rights, and locks
// the directory. SQLite gives its other files the rights of the first. The
// file must not be opened again by us later: closing it would drop the locks
// that SQLite holds on it in this process.
func (s *Store) claim(path string) error {
	if err := s.claimDirectory(); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("sqlstore: database: %w", err)
	}
	return file.Close()
}

func (s *Store) claimDirectory() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("sqlstore: data directory: %w", err)
	}
	lock, err := lockDirectory(s.dir)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, lock.Close)
	return nil
}

// connect opens the pools and migrates between them: readers must find the
// schema.
func (s *Store) connect(ctx context.Context, o Options) error {
	d, err := newSQLite(o.Path)
	if err != nil {
		return err
	}
	s.d = d
	s.closers = append(s.closers, d.pool.Close)
	if err := migrateSQLite(ctx, d.pool); err != nil {
		return err
	}
	if err := refuseUnfinished(ctx, d.pool); err != nil {
		return err
	}
	if err := d.openReaders(o.Readers + 1); err != nil {
		return err
	}
	s.closers = append(s.closers, d.readers.Close)
	return nil
}

// Close finishes what is queued and closes the database.
func (s *Store) Close() error {
	s.closeOnce.Do(func() { s.closeErr = s.release() })
	return s.closeErr
}

// release closes what was opened, the last first. Background goroutines may
// be waiting for a write, so they end before the committer.
func (s *Store) release() error {
	if s.stop != nil {
		s.stop()
		s.running.Wait()
	}
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	return errors.Join(errs...)
}

// Epoch implements store.Store.
func (s *Store) Epoch() string { return s.era.String() }

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := scanOne[int](s.direct(ctx).row("SELECT 1")); err != nil {
		return s.d.fault(err)
	}
	idle := job{keepsFacts: true, run: func(*tx) error { return nil }}
	if s.jobs != nil {
		return s.jobs.run(ctx, &idle)
	}
	done, err := s.submit(ctx, idle)
	if err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write runs a job and waits for its outcome. A job that has not begun when
// ctx ends is not done; one that has is waited for, because its results are
// variables of the caller.
func (s *Store) write(ctx context.Context, j job) error {
	if s.jobs != nil && !j.numbers {
		return s.jobs.run(ctx, &j)
	}
	done, err := s.submit(ctx, j)
	if err != nil {
		return err
	}
	return <-done
}

func (s *Store) submit(ctx context.Context, j job) (<-chan error, error) {
	j.ctx, j.done = ctx, make(chan error, 1)
	return j.done, s.committer.submit(&j)
}

// direct gives a querier for a question that is a single statement.
func (s *Store) direct(ctx context.Context) querier {
	return s.d.ask(ctx, nil)
}

// snapshot runs several reads in one transaction: they see one state.
//
// There are fewer snapshots than connections: one that prepares a statement
// for the first time asks for a second connection, and were all of them
// waiting for that at once, none would ever go on.
func (s *Store) snapshot(ctx context.Context, read func(querier) error) error {
	select {
	case s.snapshots <- struct{}{}:
		defer func() { <-s.snapshots }()
	case <-ctx.Done():
		return s.d.fault(ctx.Err())
	}
	tx, err := s.d.snapshot(ctx)
	if err != nil {
		return s.d.fault(err)
	}
	defer tx.Rollback()
	return s.d.fault(read(s.d.ask(ctx, tx)))
}

// isRefusal reports whether err is an answer for people and no failure.
func isRefusal(err error) bool {
	var refusal *chat.Error
	return errors.As(err, &refusal) && !passing(err)
}
