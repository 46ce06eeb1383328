package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/prove"
)

type proveCommand struct {
	Nodes    int           `default:"1" placeholder:"N" help:"How many nodes serve together. More than one need PostgreSQL and Redis."`
	Clients  int           `default:"32" placeholder:"N" help:"How many people chat."`
	For      time.Duration `default:"1m" placeholder:"TIME" help:"How long there are faults."`
	Kills    int           `placeholder:"N" help:"In place of --for: until nodes were killed N times."`
	Faults   []string      `default:"all" placeholder:"NAME,…" help:"What happens to them: kill, stop, drain (nodes), clock (of a node), cut, slow (connections of clients), redis, postgres; all is what fits."`
	Database string        `placeholder:"URL" help:"An empty PostgreSQL database in place of SQLite, or own to start a server for the run (with several nodes it is, if it is installed)."`
	Redis    string        `placeholder:"URL" help:"A Redis for the nodes, or own to start one for the run (with several nodes it is, if it is installed)."`
	Seed     uint64        `placeholder:"N" help:"Repeats who does what and which faults come, of a run that printed it."`
	JSON     bool          `name:"json" help:"Print JSON."`
}

// Run lets people chat through nodes that are killed, stopped and cut off,
// and prints what became of the promise. It fails when it was broken.
func (c *proveCommand) Run(ctx context.Context, sh *shell) error {
	o, err := c.options(sh)
	if err != nil {
		return err
	}
	if o.Folder, err = os.MkdirTemp("", "parley-prove-"); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := prove.Run(ctx, o)
	o.Progress("")
	switch {
	case ctx.Err() != nil:
		return errors.Join(errors.New("stopped before the end; nothing was left behind"), os.RemoveAll(o.Folder))
	case err != nil:
		return fmt.Errorf("%w (seed %d; what the nodes said is in %s)", err, o.Seed, o.Folder)
	}
	if err := c.show(sh, report); err != nil {
		return err
	}
	if !report.Sound() {
		return errors.New("the promise was broken: see above")
	}
	return os.RemoveAll(o.Folder)
}

// options checks the flags and fills in what they leave open.
func (c *proveCommand) options(sh *shell) (prove.Options, error) {
	program, err := os.Executable()
	if err != nil {
		return prove.Options{}, err
	}
	o := prove.Options{
		Program: program, Nodes: c.Nodes, Clients: c.Clients, For: c.For, Kills: c.Kills, Seed: c.Seed,
		Database: c.Database, Redis: c.Redis, Progress: sh.progress(),
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64()
	}
	if !slices.Contains(c.Faults, "all") {
		o.Faults = c.Faults
	}
	if o.Nodes > 1 && o.Database == "" && prove.Installed("postgres") {
		o.Database = prove.Own
	}
	if o.Nodes > 1 && o.Redis == "" && prove.Installed("redis") {
		o.Redis = prove.Own
	}
	var wrong *prove.OptionError
	if errors.As(o.Check(), &wrong) {
		return o, config.Wrong(wrong.Flag, strings.TrimSpace(wrong.Detail))
	}
	return o, nil
}

func (c *proveCommand) show(sh *shell, report prove.Report) error {
	if !c.JSON {
		report.Write(sh.out)
		return nil
	}
	encoder := json.NewEncoder(sh.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}
