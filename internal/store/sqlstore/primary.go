package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// epochEvery is how often a node looks whether the database has another
// epoch, as after a restore. After a lost connection it looks at once.
const epochEvery = 5 * time.Second

// era is the history of the database as it is known now.
type era struct{ known atomic.Pointer[mark] }

func (e *era) String() string {
	if known := e.known.Load(); known != nil {
		return known.Epoch
	}
	return ""
}

// primary is the server that has the database: it knows which history of the
// database is there. An epoch is made of three parts. A random name is
// stored in the database. It is made anew when the database is in another
// place than the one noted beside it, as after a restore from a dump. The
// server's timeline follows it, which is a new one after the promotion of a
// standby or a restore to a point in time: both may lose what was
// acknowledged. And a database with fewer events than it had before, as after
// a restore of the server's files, is another one too.
type primary struct {
	config   *pgx.ConnConfig
	random   io.Reader
	logger   *slog.Logger
	replaced func() // called just before another epoch is known
	era      era
	once     sync.Once // for the warning that no timeline can be read
}

// look connects anew and reads the epoch.
func (p *primary) look(ctx context.Context) error { return p.renew(ctx, "") }

// renew is look, and gives the history another name if it is still called
// gone.
func (p *primary) renew(ctx context.Context, gone string) error {
	conn, err := pgx.ConnectConfig(ctx, p.config.Copy())
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	defer conn.Close(ctx)
	_, err = p.recognise(ctx, conn, gone)
	return err
}

// keepEpoch looks for another epoch until ctx ends, and saves what it finds.
func (p *primary) keepEpoch(ctx context.Context, save func(mark) bool) {
	var saved mark
	keep := func() {
		if now := p.era.known.Load(); now != nil && *now != saved && save(*now) {
			saved = *now
		}
	}
	defer keep()
	tick := time.NewTicker(epochEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		look, cancel := context.WithTimeout(ctx, lookTime)
		if err := p.look(look); err != nil && ctx.Err() == nil {
			p.logger.Debug("the epoch could not be read", "error", err)
		}
		cancel()
		keep()
	}
}

// recognise reads the epoch over a new connection, before anything else is
// asked there, and refuses a standby. A history called gone, or one that has
// lost events, gets another name.
func (p *primary) recognise(ctx context.Context, conn *pgx.Conn, gone string) (epoch string, err error) {
	before := p.era.known.Load() // others may find more while we look
	found, err := p.see(ctx, conn)
	if err != nil {
		return "", fmt.Errorf("sqlstore: epoch: %w", err)
	}
	if found.standby {
		return "", ErrStandby
	}
	switch {
	case found.name() == gone || before != nil && found.isBehind(*before):
		found.epoch, err = p.settle(ctx, conn, &found, found.epoch)
	case found.epoch == "" || !found.isPlace(found.home):
		found.epoch, err = p.settle(ctx, conn, &found, "")
	}
	if err != nil {
		return "", fmt.Errorf("sqlstore: epoch: %w", err)
	}
	p.enter(mark{found.name(), found.committed})
	return found.name(), nil
}

// enter makes a history the known one. What is told of one that has gone on
// meanwhile changes nothing.
func (p *primary) enter(now mark) {
	for {
		before := p.era.known.Load()
		other := before != nil && before.Epoch != now.Epoch
		if before != nil && !other && before.Committed >= now.Committed {
			return
		}
		if other {
			p.replaced()
		}
		if !p.era.known.CompareAndSwap(before, &now) {
			continue
		}
		if other {
			p.logger.Warn("the database has another history than before: clients will load everything anew",
				"epoch", now.Epoch, "before", before.Epoch, "events", now.Committed, "events before", before.Committed)
		}
		return
	}
}

// sight is what one look shows.
type sight struct {
	standby     bool
	epoch, home string // as they are stored
	committed   int64  // events of all rooms ever, deleted ones too
	// place is where the database is: the server's own number, the
	// database's and the table's. A copy differs in one of them.
	place    string
	blind    bool   // the server's number is not in place: it cannot be read
	timeline string // as a suffix of the epoch; empty if it cannot be read
}

// name is the epoch as others know it.
func (s *sight) name() string { return s.epoch + s.timeline }

// isBehind reports whether events are missing that there were before.
func (s *sight) isBehind(before mark) bool {
	return s.name() == before.Epoch && s.committed < before.Committed
}

// isPlace reports whether the database is at home, as far as can be seen. Nodes
// whose accounts may read more and less would else take each other's place for
// another one, and make new epochs for ever.
func (s *sight) isPlace(home string) bool {
	return home == s.place || s.blind && strings.HasSuffix(home, "/"+s.place)
}

const (
	selectSight = `SELECT pg_is_in_recovery(), coalesce(max(value) FILTER (WHERE name = $1), ''), coalesce(max(value) FILTER (WHERE name = $2), ''),
		(SELECT coalesce(sum(last_seq), 0)::bigint FROM rooms),
		(SELECT oid FROM pg_database WHERE datname = current_database())::text || '/' || 'settings'::regclass::oid::text`
	selectMore = `, (SELECT system_identifier FROM pg_control_system())::text || '/',
		CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END`
)

// see looks once. Some services keep the server's number and timeline from
// their users; there a fail-over must be followed by our command that makes
// a new epoch.
func (p *primary) see(ctx context.Context, conn *pgx.Conn) (found sight, err error) {
	var system string
	into := []any{&found.standby, &found.epoch, &found.home, &found.committed, &found.place, &system, &found.timeline}
	err = conn.QueryRow(ctx, selectSight+selectMore+" FROM settings", settingEpoch, settingHome).Scan(into...)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && defectClasses[refused.Code[:2]] {
		p.once.Do(func() {
			p.logger.Warn("the server's timeline cannot be read: a fail-over that loses messages is not noticed", "error", err)
		})
		err = conn.QueryRow(ctx, selectSight+" FROM settings", settingEpoch, settingHome).Scan(into[:5]...)
	}
	found.place, found.blind = system+found.place, system == ""
	if found.timeline != "" {
		found.timeline = "-" + strings.TrimLeft(found.timeline, "0")
	}
	return found, err
}

const selectHome = `SELECT coalesce(max(value) FILTER (WHERE name = $1), ''), coalesce(max(value) FILTER (WHERE name = $2), '') FROM settings`

// settingHome is the setting that holds the place: ours alone.
const settingHome = "epoch_home"

// settle makes a new epoch, unless another node was faster: then the one that
// is stored is neither gone nor of another place.
func (p *primary) settle(ctx context.Context, conn *pgx.Conn, here *sight, gone string) (epoch string, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, $2)", lockClass, lockAccounts); err != nil {
			return err
		}
		var home string
		if err := tx.QueryRow(ctx, selectHome, settingEpoch, settingHome).Scan(&epoch, &home); err != nil {
			return err
		}
		if epoch != "" && epoch != gone && here.isPlace(home) {
			return nil
		}
		if !here.isPlace(home) {
			home = here.place
		}
		if epoch, err = newEpoch(p.random); err != nil {
			return err
		}
		for name, value := range map[string]string{settingEpoch: epoch, settingHome: home} {
			if _, err := tx.Exec(ctx, upsertSetting, name, value); err != nil {
				return err
			}
		}
		return nil
	})
	return epoch, err
}
