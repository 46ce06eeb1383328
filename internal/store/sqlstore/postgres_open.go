package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
)

// Errors of Open on PostgreSQL.
var (
	// ErrStandby: what a standby shows may be older than what was
	// acknowledged.
	ErrStandby = errors.New("this PostgreSQL server is a standby: name the primary")
	// ErrEncoding: the database cannot keep every text.
	ErrEncoding = errors.New("the PostgreSQL database is not in UTF8: create one WITH ENCODING 'UTF8'")
)

// What a connection asks of the server. A transaction whose node hangs is
// ended before the others, who wait for its locks, give up. All statements
// look up a few rows by an index; for a list of them the planner, who does
// not know its length, would rather read a whole table.
var sessionSettings = map[string]string{
	"enable_hashjoin":                     "off",
	"enable_mergejoin":                    "off",
	"jit":                                 "off",
	"statement_timeout":                   "5s",
	"idle_in_transaction_session_timeout": "3s",
	"default_transaction_isolation":       "read committed",
	"default_transaction_read_only":       "off",
}

// How long Open waits for the database.
const openTime = 4 * time.Second

// openPostgres connects, brings the schema up to date and starts what runs
// in the background.
func (s *Store) openPostgres(ctx context.Context, o Options) error {
	config, err := postgresConfig(o.URL)
	if err != nil {
		return err
	}
	if o.Path != "" {
		if err := s.claimDirectory(); err != nil {
			return err
		}
	}
	if err := s.preparePostgres(ctx, config.Copy()); err != nil {
		return err
	}
	p := &primary{config: config, random: o.Random, logger: o.Logger}
	save := s.recall(p, o)
	s.era, s.primary = &p.era, p // read by the first connection
	d := &postgres{link: newLink(p.look, o.Logger), primary: p}
	p.replaced = d.link.renounce
	s.d = d
	d.open(p, o.Readers)
	s.closers = append(s.closers, d.writers.Close, d.readers.Close)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.running.Go(func() { d.link.run(background) })
	s.running.Go(func() { p.keepEpoch(background, save) })
	return s.startWriting(background, d, o)
}

// startWriting starts the committer, the jobs, and the purger.
func (s *Store) startWriting(background context.Context, d *postgres, o Options) (err error) {
	if s.committer, err = startCommitter(d, o, laneCount); err != nil {
		return err
	}
	s.jobs = newJobs(d, o)
	s.closers = append(s.closers, func() error { s.committer.close(); return nil }, s.jobs.close)
	s.purger = newPurger(s)
	s.purger.wake() // what a killed node left
	s.running.Go(func() { s.purger.run(background) })
	return nil
}

// postgresConfig reads the address. What it says itself wins over our
// settings.
func postgresConfig(url string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 3 * time.Second
	}
	for name, value := range sessionSettings {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "parley"
	}
	// A call that is given up is cancelled in the server and leaves its
	// connection sound, unless the server does not answer that either.
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Second}
	}
	return config, nil
}

// preparePostgres brings the schema up to date, one node at a time.
func (s *Store) preparePostgres(ctx context.Context, config *pgx.ConnConfig) error {
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	db := stdlib.OpenDB(*config)
	defer db.Close()
	db.SetMaxOpenConns(2) // one holds the lock
	reach, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	lock, err := db.Conn(reach)
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	defer lock.Close()
	if err := checkServer(reach, lock); err != nil {
		return err
	}
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock($1, $2)", lockClass, lockMigrations); err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	return migratePostgres(ctx, db) // the lock ends with its connection
}

// checkServer refuses a server that cannot do.
func checkServer(ctx context.Context, conn *sql.Conn) error {
	var standby bool
	var encoding string
	err := conn.QueryRowContext(ctx, "SELECT pg_is_in_recovery(), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()").
		Scan(&standby, &encoding)
	switch {
	case err != nil:
		return fmt.Errorf("sqlstore: %w", err)
	case standby:
		return ErrStandby
	case encoding != "UTF8":
		return fmt.Errorf("%w (it is in %s)", ErrEncoding, encoding)
	}
	return nil
}

// open makes the pools. Their connections are made when they are needed.
func (d *postgres) open(p *primary, readers int) {
	config := p.config.Copy()
	config.Tracer = d.link
	connector := stdlib.GetConnector(*config,
		stdlib.OptionBeforeConnect(func(context.Context, *pgx.ConnConfig) error { return d.link.away() }),
		stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
			err := d.welcome(ctx, conn, p)
			if err != nil {
				_ = conn.Close(ctx) // the driver forgets it
			}
			return err
		}),
		stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return false }),
		stdlib.OptionResetSession(func(ctx context.Context, conn *pgx.Conn) error {
			if d.link.sound(ctx, conn) {
				return nil
			}
			return driver.ErrBadConn
		}))
	d.readers, d.writers = pool(connector, readers), pool(connector, laneCount+jobSlots)
}

// welcome takes a new connection into use.
func (d *postgres) welcome(ctx context.Context, conn *pgx.Conn, p *primary) error {
	d.link.greet(conn, "")
	if err := join(ctx, conn); err != nil {
		return err
	}
	epoch, err := p.recognise(ctx, conn, "")
	d.link.greet(conn, epoch)
	return err
}

func pool(connector driver.Connector, n int) *sql.DB {
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}
