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

// era is the epoch of the database as it is known now.
type era struct{ name atomic.Pointer[string] }

func (e *era) String() string {
	if name := e.name.Load(); name != nil {
		return *name
	}
	return ""
}

// primary is the server that has the database: it knows which history of the
// database is there. An epoch is made of three parts. A random name is
// stored in the database. It is made anew when the database is in another
// place than the one noted beside it, as after a restore from a dump. The
// server's timeline follows it, which is a new one after the promotion of a
// standby or a restore to a point in time: both may lose what was
// acknowledged.
type primary struct {
	config *pgx.ConnConfig
	random io.Reader
	logger *slog.Logger
	era    era
	once   sync.Once // for the warning that no timeline can be read
}

// look connects anew and reads the epoch.
func (p *primary) look(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, p.config.Copy())
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	defer conn.Close(ctx)
	return p.recognise(ctx, conn)
}

// keepEpoch looks for another epoch until ctx ends.
func (p *primary) keepEpoch(ctx context.Context) {
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
	}
}

// recognise reads the epoch over a new connection, before anything else is
// asked there, and refuses a standby.
func (p *primary) recognise(ctx context.Context, conn *pgx.Conn) error {
	found, err := p.see(ctx, conn)
	if err != nil {
		return fmt.Errorf("sqlstore: epoch: %w", err)
	}
	if found.standby {
		return ErrStandby
	}
	if found.epoch == "" || found.home != found.place {
		if found.epoch, err = p.settle(ctx, conn, found.place); err != nil {
			return fmt.Errorf("sqlstore: epoch: %w", err)
		}
	}
	p.enter(found.epoch + found.timeline)
	return nil
}

func (p *primary) enter(epoch string) {
	before := p.era.name.Swap(&epoch)
	if before != nil && *before != epoch {
		p.logger.Warn("the database has another history than before: clients will load everything anew", "epoch", epoch, "before", *before)
	}
}

// sight is what one look shows.
type sight struct {
	standby     bool
	epoch, home string // as they are stored
	// place is where the database is: the server's own number, the
	// database's and the table's. A copy differs in one of them.
	place    string
	timeline string // as a suffix of the epoch; empty if it cannot be read
}

const (
	selectSight = `SELECT pg_is_in_recovery(), coalesce(max(value) FILTER (WHERE name = $1), ''), coalesce(max(value) FILTER (WHERE name = $2), ''),
		(SELECT oid FROM pg_database WHERE datname = current_database())::text || '/' || 'settings'::regclass::oid::text`
	selectMore = `, (SELECT system_identifier FROM pg_control_system())::text || '/',
		CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END`
)

// see looks once. Some services keep the server's number and timeline from
// their users; there a fail-over must be followed by our command that makes
// a new epoch.
func (p *primary) see(ctx context.Context, conn *pgx.Conn) (found sight, err error) {
	var system string
	into := []any{&found.standby, &found.epoch, &found.home, &found.place, &system, &found.timeline}
	err = conn.QueryRow(ctx, selectSight+selectMore+" FROM settings", settingEpoch, settingHome).Scan(into...)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && defectClasses[refused.Code[:2]] {
		p.once.Do(func() {
			p.logger.Warn("the server's timeline cannot be read: a fail-over that loses messages is not noticed", "error", err)
		})
		err = conn.QueryRow(ctx, selectSight+" FROM settings", settingEpoch, settingHome).Scan(into[:4]...)
	}
	found.place = system + found.place
	if found.timeline != "" {
		found.timeline = "-" + strings.TrimLeft(found.timeline, "0")
	}
	return found, err
}

const selectHome = `SELECT coalesce(max(value) FILTER (WHERE name = $1), ''), coalesce(max(value) FILTER (WHERE name = $2), '') FROM settings`

// settingHome is the setting that holds the place: ours alone.
const settingHome = "epoch_home"

// settle makes a new epoch, unless another node was faster.
func (p *primary) settle(ctx context.Context, conn *pgx.Conn, place string) (epoch string, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, $2)", lockClass, lockAccounts); err != nil {
			return err
		}
		var home string
		if err := tx.QueryRow(ctx, selectHome, settingEpoch, settingHome).Scan(&epoch, &home); err != nil {
			return err
		}
		if epoch != "" && home == place {
			return nil
		}
		if epoch, err = newEpoch(p.random); err != nil {
			return err
		}
		for name, value := range map[string]string{settingEpoch: epoch, settingHome: place} {
			if _, err := tx.Exec(ctx, upsertSetting, name, value); err != nil {
				return err
			}
		}
		return nil
	})
	return epoch, err
}
