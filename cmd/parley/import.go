package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/djangochat"
	"github.com/parley-chat/parley/internal/node"
	"github.com/parley-chat/parley/internal/store"
)

type importCommand struct {
	DjangoChat importDjangoChat `cmd:"" name:"django-chat" help:"Bring in the people, rooms and messages of a Django-Chat database. Old passwords go on working. It can be repeated: what is there already is passed over."`
}

type importDjangoChat struct {
	config.Storage
	File   string `arg:"" help:"The SQLite file of Django-Chat, db.sqlite3. It is only read."`
	DryRun bool   `help:"Show what would be brought in, and keep nothing."`
}

// Run imports and prints the report.
func (c *importDjangoChat) Run(ctx context.Context, sh *shell) error {
	return sh.fill(ctx, c.Storage, func(s store.Store) error {
		report, err := djangochat.Import(ctx, s, c.File, c.DryRun)
		if err != nil {
			return err
		}
		if c.DryRun {
			fmt.Fprintln(sh.out, "This is what an import would do; nothing was kept.")
		}
		_, err = report.WriteTo(sh.out)
		return err
	})
}

// fill runs do on a data directory that no server runs on.
func (sh *shell) fill(ctx context.Context, where config.Storage, do func(store.Store) error) error {
	if node.Running(where) {
		return config.Wrong("data", where.Data+" has a running server. Stop it first, then try again.")
	}
	s, err := node.OpenStore(ctx, where, sh.warnings())
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}
