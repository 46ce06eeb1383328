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
	Faults   []string      `default:"all" placeholder:"NAME" help:"What happens to them: kill, stop, drain (nodes), clock (of a node), cut, slow (connections of clients), redis, postgres; all is what fits."`
	Database string        `placeholder:"URL" help:"An empty PostgreSQL database in place of SQLite, which is filled; or own to start a server for the run (with several nodes it is, if it is installed)."`
	Redis    string        `placeholder:"URL" help:"A Redis for the nodes, or own to start one for the run (with several nodes it is, if it is installed)."`
	Seed     uint64        `placeholder:"N" help:"Repeats who does what and which faults come, of a run that printed it."`
	JSON     bool          `name:"json" help:"Print JSON."`
}

// Run lets people chat through nodes that are killed, stopped and cut off,
// and prints what became of the promise. It fails when it was broken. A signal
// ends the faults and has what was done until then judged, a second one ends
// it all.
func (c *proveCommand) Run(ctx context.Context, sh *shell) error {
	o, err := c.options(sh)
	if err != nil {
		return err
	}
	if o.Folder, err = os.MkdirTemp("", "parley-prove-"); err != nil {
		return err
	}
	ctx, enough, done := untilSignals(ctx)
	defer done()
	defer context.AfterFunc(enough, func() { o.Progress("stopping: once more drops it") })()
	report, err := prove.Run(ctx, enough, o)
	o.Progress("")
	if err != nil {
		return failure(ctx, err, o)
	}
	if err := c.show(sh, report); err != nil {
		return err
	}
	if !report.Sound() {
		return errors.New("the promise was broken: see above")
	}
	if err := os.RemoveAll(o.Folder); err != nil || !report.Stopped {
		return err
	}
	return errors.New("stopped before the end")
}

// untilSignals gives two contexts: enough ends with the first signal that asks
// the program to stop, all with the second.
func untilSignals(parent context.Context) (all, enough context.Context, done func()) {
	all, endAll := context.WithCancel(parent)
	enough, end := context.WithCancel(all)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() { // ends with all
		for _, cancel := range []func(){end, endAll} {
			select {
			case <-signals:
				cancel()
			case <-all.Done():
			}
		}
	}()
	return all, enough, func() { signal.Stop(signals); end(); endAll() }
}

// failure says why there is no report. The folder stays if it may tell more.
func failure(ctx context.Context, err error, o prove.Options) error {
	var wrong *prove.OptionError
	switch {
	case ctx.Err() != nil || errors.Is(err, prove.ErrStopped):
		return errors.Join(errors.New("stopped before there was anything to judge; nothing was left behind"), os.RemoveAll(o.Folder))
	case errors.As(err, &wrong):
		return errors.Join(config.Wrong(wrong.Flag, wrong.Detail), os.RemoveAll(o.Folder))
	}
	return fmt.Errorf("%w (seed %d; what the nodes said is in %s)", err, o.Seed, o.Folder)
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
