package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"syscall"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/node"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/transfer"
)

type copyCommand struct {
	From    place `required:"" placeholder:"PLACE" help:"Where everything is: sqlite:FOLDER, the folder that --data names, or a postgres:// address as for --database. It is only read, and no server may run on it."`
	To      place `required:"" placeholder:"PLACE" help:"Where it is copied: an empty place of the same forms, or the copy that was broken off. A password can be kept out of the address: PGPASSWORD and ~/.pgpass count."`
	Compare bool  `help:"Copy nothing, only compare what both hold."`
}

// place is a database: a folder with SQLite in it, or PostgreSQL.
type place config.Storage

// UnmarshalText reads sqlite:FOLDER or postgres://…. What was given is never
// repeated: a password may be in it.
func (p *place) UnmarshalText(text []byte) error {
	if folder, found := strings.CutPrefix(string(text), "sqlite:"); found {
		if rest, found := strings.CutPrefix(folder, "//"); found && strings.HasPrefix(rest, "/") {
			folder = rest
		}
		if folder == "" || strings.HasPrefix(folder, "//") {
			return errors.New("must name a folder, such as sqlite:./parley-data or sqlite:/srv/parley")
		}
		*p = place{Data: folder}
		return nil
	}
	var database config.Postgres
	if database.UnmarshalText(text) != nil {
		return errors.New("must look like sqlite:FOLDER or postgres://USER:PASSWORD@HOST/DATABASE")
	}
	*p = place{Database: database}
	return nil
}

// Run copies, and prints what both places hold. It fails when anything
// differs.
func (c *copyCommand) Run(ctx context.Context, sh *shell) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	run := node.Copy
	if c.Compare {
		run = node.Compare
	}
	progress := sh.progress()
	report, err := run(ctx, config.Storage(c.From), config.Storage(c.To), progress)
	progress("")
	switch {
	case config.IsWrong(err):
		return err
	case ctx.Err() != nil:
		return errors.New("stopped before the end: run the same command again, and it goes on")
	case sqlstore.IsForbidden(err):
		return fmt.Errorf("the copy was broken off: %w. Name the role that owns the database, on either side, and it goes on", err)
	case err != nil:
		return fmt.Errorf("the copy was broken off: %w. Run the same command again, and it goes on", err)
	}
	report.Write(sh.out)
	return c.judge(sh, report)
}

// judge says what the report means.
func (c *copyCommand) judge(sh *shell, report transfer.Report) error {
	if len(report.StartedOver) > 0 {
		fmt.Fprintln(sh.errs, "parley: the source was changed since the copy was broken off; copied anew from table",
			report.StartedOver[0], "on")
	}
	differ := fmt.Sprintf("%d of %d lines differ", report.Differences(), len(report.Tables)+len(report.Rooms))
	switch {
	case report.Same() && c.Compare:
		fmt.Fprintln(sh.out, "\nBoth hold the same.")
	case report.Same():
		fmt.Fprintln(sh.out, "\nThe copy is complete. Start servers on it, and no longer on the source; clients load everything anew.")
	case c.Compare:
		return fmt.Errorf("%s: see above", differ)
	default:
		return fmt.Errorf("%s, so no server will start on the copy: something else writes to it, or it is damaged. "+
			"Empty it, and copy again", differ)
	}
	return nil
}
