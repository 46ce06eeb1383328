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
	var standby bool
	if err := conn.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&standby); err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	if standby {
		return ErrStandby
	}
	stored, err := p.storedEpoch(ctx, conn)
	if err != nil {
		return fmt.Errorf("sqlstore: epoch: %w", err)
	}
	timeline, err := p.timeline(ctx, conn)
	if err != nil {
		return fmt.Errorf("sqlstore: timeline: %w", err)
	}
	p.enter(stored + timeline)
	return nil
}

func (p *primary) enter(epoch string) {
	before := p.era.name.Swap(&epoch)
	if before != nil && *before != epoch {
		p.logger.Warn("the database has another history than before: clients will load everything anew", "epoch", epoch, "before", *before)
	}
}

// timeline gives the server's, as a suffix of the epoch. Some services keep
// it from their users; there a fail-over must be followed by our command that
// makes a new epoch.
func (p *primary) timeline(ctx context.Context, conn *pgx.Conn) (string, error) {
	var text string
	err := conn.QueryRow(ctx, "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)").Scan(&text)
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		p.once.Do(func() {
			p.logger.Warn("the server's timeline cannot be read: a fail-over that loses messages is not noticed", "error", err)
		})
		return "", nil
	}
	return "-" + strings.TrimLeft(text, "0"), err
}

// The place of the database: the server's own number, the database's and the
// table's. A copy differs in one of them.
const (
	selectPlace = `SELECT (SELECT oid FROM pg_database WHERE datname = current_database())::text || '/' || 'settings'::regclass::oid::text`
	selectHome  = `SELECT coalesce(max(value) FILTER (WHERE name = $1), ''), coalesce(max(value) FILTER (WHERE name = $2), '') FROM settings`
)

// settingHome is the setting that holds the place: ours alone.
const settingHome = "epoch_home"

// storedEpoch gives the stored part, and makes a new one where the database
// came from elsewhere.
func (p *primary) storedEpoch(ctx context.Context, conn *pgx.Conn) (string, error) {
	place, err := p.place(ctx, conn)
	if err != nil {
		return "", err
	}
	var epoch, home string
	if err := conn.QueryRow(ctx, selectHome, settingEpoch, settingHome).Scan(&epoch, &home); err != nil {
		return "", err
	}
	if epoch != "" && home == place {
		return epoch, nil
	}
	return p.settle(ctx, conn, place)
}

func (p *primary) place(ctx context.Context, conn *pgx.Conn) (string, error) {
	var place, system string
	if err := conn.QueryRow(ctx, selectPlace).Scan(&place); err != nil {
		return "", err
	}
	err := conn.QueryRow(ctx, "SELECT system_identifier::text FROM pg_control_system()").Scan(&system)
	var refused *pgconn.PgError
	if err != nil && !errors.As(err, &refused) {
		return "", err
	}
	return system + "/" + place, nil
}

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
