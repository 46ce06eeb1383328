package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/node"
)

type serveCommand struct {
	config.Settings
}

// Run serves until a signal asks it to stop. It drains then; a second signal
// ends the process at once.
func (s *serveCommand) Run(ctx context.Context, sh *shell) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal does what it does to any program
	n, err := node.Open(ctx, node.Options{
		Settings: s.Settings,
		Version:  versionName(),
		Logger:   newLogger(sh, s.Settings),
	})
	if err != nil {
		return err
	}
	sh.announce(n)
	return n.Run(ctx)
}

// announce prints the lines that scripts and people wait for.
func (sh *shell) announce(n *node.Node) {
	fmt.Fprintln(sh.out, "parley ready on "+n.URL())
	if address := n.SetupURL(); address != "" {
		fmt.Fprintln(sh.out, "set it up at "+address)
	}
}

func newLogger(sh *shell, s config.Settings) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // one of the four names
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(sh.errs, options))
	}
	return slog.New(slog.NewTextHandler(sh.errs, options))
}
