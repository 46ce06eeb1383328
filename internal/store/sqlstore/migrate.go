package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*/*.sql
var migrations embed.FS

// ErrNewerSchema is Open's answer to a database of a newer Parley.
var ErrNewerSchema = errors.New("the database was written by a newer version of parley: use that version, or restore an older backup")

// Where the engines' migrations lie.
const (
	sqliteMigrations   = "migrations/sqlite"
	postgresMigrations = "migrations/postgres"
)

func migrateSQLite(ctx context.Context, db *sql.DB) error {
	return migrate(ctx, db, goose.DialectSQLite3, sqliteMigrations)
}

func migratePostgres(ctx context.Context, db *sql.DB) error {
	return migrate(ctx, db, goose.DialectPostgres, postgresMigrations)
}

// migrate brings the database to the newest schema. It refuses one that is
// newer than this program before anything is written to it.
func migrate(ctx context.Context, db *sql.DB, engine goose.Dialect, folder string) error {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	provider, err := goose.NewProvider(engine, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("sqlstore: migrations: %w", err)
	}
	have, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("sqlstore: schema version: %w", err)
	}
	if have > newest {
		return fmt.Errorf("%w (schema %d, this program knows %d)", ErrNewerSchema, have, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("sqlstore: migrate: %w", err)
	}
	return nil
}
