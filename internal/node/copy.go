package node

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/transfer"
)

// The settings that errors of a copy are about.
const (
	copyFrom = "from"
	copyTo   = "to"
)

// Copy copies all that one place holds into another, or goes on with a copy
// that was broken off; no server may run on either. The report tells whether
// both hold the same. A *config.Error names "from" or "to".
func Copy(ctx context.Context, from, to config.Storage, progress transfer.Progress) (transfer.Report, error) {
	return between(ctx, from, to, sqlstore.OpenDestination, func(a, b *sqlstore.Bare) (transfer.Report, error) {
		return transfer.Copy(ctx, a, b, progress)
	})
}

// Compare tells what two places hold, and changes neither. Errors are those
// of Copy.
func Compare(ctx context.Context, from, to config.Storage, progress transfer.Progress) (transfer.Report, error) {
	return between(ctx, from, to, sqlstore.OpenSource, func(a, b *sqlstore.Bare) (transfer.Report, error) {
		return transfer.Compare(ctx, a, b, progress)
	})
}

type bareOpener func(context.Context, sqlstore.Options) (*sqlstore.Bare, error)

// between opens two databases for do.
func between(ctx context.Context, from, to config.Storage, opens bareOpener, do func(a, b *sqlstore.Bare) (transfer.Report, error)) (report transfer.Report, err error) {
	if samePlace(from, to) {
		return report, config.Wrong(copyTo, "is the source itself. Name another place.")
	}
	a, err := sqlstore.OpenSource(ctx, bareOptions(from))
	if err != nil {
		return report, wrongEnd(copyFrom, from, err)
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	b, err := opens(ctx, bareOptions(to))
	if err != nil {
		return report, wrongEnd(copyTo, to, err)
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	report, err = do(a, b)
	switch {
	case errors.Is(err, sqlstore.ErrNoDatabase):
		err = wrongEnd(copyFrom, from, err)
	case errors.Is(err, transfer.ErrNotEmpty), errors.Is(err, transfer.ErrOtherSource):
		err = wrongEnd(copyTo, to, err)
	}
	return report, err
}

func bareOptions(where config.Storage) sqlstore.Options {
	return sqlstore.Options{Path: filepath.Join(where.Data, databaseName), URL: string(where.Database)}
}

// samePlace reports whether both are surely one; the locks find out the rest.
func samePlace(a, b config.Storage) bool {
	if a.Database != "" || b.Database != "" {
		return a.Database == b.Database
	}
	x, err := filepath.EvalSymlinks(a.Data)
	y, failure := filepath.EvalSymlinks(b.Data)
	if err != nil || failure != nil {
		return a.Data == b.Data
	}
	x, err = filepath.Abs(x)
	y, failure = filepath.Abs(y)
	return err == nil && failure == nil && x == y
}

// wrongEnd says what is the matter with one end of a copy, and what to do.
func wrongEnd(flag string, where config.Storage, err error) *config.Error {
	name, detail := where.Data, wrongData(where.Data, err).Detail
	if where.Database != "" {
		name, detail = "the PostgreSQL database", wrongDatabase(err).Detail
	}
	switch {
	case errors.Is(err, sqlstore.ErrServed):
		detail = name + " is in use by a running server, or by another copy. Stop all servers that use it, and try again."
	case errors.Is(err, sqlstore.ErrNoDatabase):
		detail = "no server of parley ever kept anything in " + name + ". Name the folder or the database that the server used."
	case errors.Is(err, sqlstore.ErrOlderSchema), errors.Is(err, sqlstore.ErrUnfinished):
		detail = name + ": " + err.Error() + "."
	case errors.Is(err, transfer.ErrNotEmpty):
		detail = name + " holds people, rooms or messages already, and is no copy that could go on. Name an empty database or a new folder; add --compare to look again at a copy that is complete."
	case errors.Is(err, transfer.ErrOtherSource):
		detail = name + " is the unfinished copy of another database, or of this one before it was restored. Name an empty database or a new folder."
	}
	return &config.Error{Setting: flag, Detail: detail, Err: err}
}
