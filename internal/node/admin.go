package node

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

// OpenAdmin gives what commands of the shell act through: the server that
// runs on the data directory, or, where none does, the database itself: the
// one in PostgreSQL, or the directory's, which is made if it is missing. base is the server's address for
// invitations made without it; empty stands for the default address. Call
// done in the end.
func OpenAdmin(ctx context.Context, where config.Storage, base string, log *slog.Logger) (admin control.Admin, done func() error, err error) {
	remote, err := control.Dial(where.Data)
	if err == nil {
		return remote, remote.Close, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, nil, wrongData(where.Data, err)
	}
	s, err := openStore(ctx, where, false, sqlstore.Options{Logger: log})
	if err != nil {
		return nil, nil, err
	}
	if base == "" {
		base = "http://127.0.0.1:8080"
	}
	use := service.New(service.Options{Store: s, Passwords: password.New(password.Options{}), Logger: log})
	return control.NewShell(use, base), s.Close, nil
}

// OpenStore opens the data directory itself, or the database that is named in
// its place, for a command that fills it. While a server runs on it this is
// refused.
func OpenStore(ctx context.Context, where config.Storage, log *slog.Logger) (store.Store, error) {
	if where.Database != "" {
		served, err := sqlstore.Served(ctx, string(where.Database))
		if err != nil {
			return nil, wrongDatabase(err)
		}
		if served {
			return nil, config.Wrong("database", "is used by a running server. Stop every server on it first, then try again.")
		}
	}
	return openStore(ctx, where, false, sqlstore.Options{Logger: log})
}

// Running reports whether a server runs on the data directory.
func Running(where config.Storage) bool {
	if _, err := os.Stat(where.Data); err != nil {
		return false
	}
	remote, err := control.Dial(where.Data)
	if err != nil {
		return false
	}
	remote.Close()
	return true
}
