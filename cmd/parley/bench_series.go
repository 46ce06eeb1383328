package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/bench"
	"github.com/parley-chat/parley/internal/config"
)

// maxRuns bounds a series: nobody waits for more.
const maxRuns = 50

type benchSeriesCommand struct {
	Runs   int           `default:"3" placeholder:"N" help:"How many runs."`
	For    time.Duration `default:"3s" placeholder:"TIME" help:"How long each part is measured."`
	Text   int           `default:"200" placeholder:"BYTES" help:"Length of each message."`
	JSON   bool          `name:"json" help:"Print the reports of all runs as JSON."`
	Images string        `placeholder:"FOLDER" help:"Draw the growth of the quietest run as SVG in this folder."`
}

// makeFolder makes the folder that a flag names, before anything is measured
// for it.
func makeFolder(flag, folder string) error {
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return config.Wrong(flag, "must be a folder that can be written: "+err.Error())
	}
	return nil
}

// Run measures everything again and again. It fails when a message was lost,
// doubled or out of order, or a scenario could not be measured.
func (c *benchSeriesCommand) Run(ctx context.Context, sh *shell) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	o := bench.Options{Program: program, For: c.For, TextBytes: c.Text, Progress: sh.progress()}
	if c.Runs < 1 || c.Runs > maxRuns {
		return config.Wrong("runs", "must be from 1 to 50.")
	}
	if err := o.Check(); err != nil {
		return usage(err)
	}
	if err := makeFolder("images", c.Images); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	series, err := bench.Series(ctx, o, c.Runs, c.Images)
	sh.progress()("")
	if series == nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(sh.out)
		encoder.SetIndent("", "  ")
		err = errors.Join(err, encoder.Encode(series))
	} else {
		series.Write(sh.out)
	}
	if err == nil && !series.Sound() {
		err = errors.New("messages were lost, doubled or out of order, connections were closed, or something was not measured: see above")
	}
	return err
}
