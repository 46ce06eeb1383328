package sqlstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Served reports whether any process has the PostgreSQL database at url open:
// a server, a command of the shell, or a copy. Each holds a lock in it for as
// long as it is connected.
func Served(ctx context.Context, url string) (bool, error) {
	config, err := postgresConfig(url)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, fmt.Errorf("sqlstore: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var served bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
		WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
		AND l.classid::bigint = $1 AND l.objid::bigint = $2)`, lockClass, lockServing).Scan(&served)
	if err != nil {
		return false, fmt.Errorf("sqlstore: %w", err)
	}
	return served, nil
}
