package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/node"
	"github.com/parley-chat/parley/internal/planted"
)

type serveCommand struct {
	config.Settings
	WrongClock string `hidden:"" placeholder:"FILE" help:"For parley prove: a file that says by how much the clock is wrong."`
}

// clockFlag is no setting: neither the environment nor the configuration file
// can give it.
const clockFlag = "wrong-clock"

// Run serves until a signal asks it to stop. It drains then; a second signal
// ends the process at once.
func (s *serveCommand) Run(ctx context.Context, sh *shell) error {
	spareProcessor()
	boundMemory(os.DirFS("/"))
	if planted.Bug != planted.None && !s.private() {
		return config.Wrong("addr", fmt.Sprintf("this program has the bug %s on purpose: let only this machine reach it.", planted.Bug))
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal does what it does to any program
	stopProfiler, err := startProfiler(ctx, s.Pprof)
	if err != nil {
		return err
	}
	defer stopProfiler()
	logger := newLogger(sh, s.Settings)
	clock, err := s.clock(ctx, logger)
	if err != nil {
		return err
	}
	n, err := node.Open(ctx, node.Options{
		Settings: s.Settings,
		Version:  versionName(),
		Logger:   logger,
		Clock:    clock,
	})
	if err != nil {
		return err
	}
	sh.announce(n)
	return n.Run(ctx)
}

// clock is this machine's, unless the server is one of those that parley prove
// runs. Nobody else may reach it then.
func (s *serveCommand) clock(ctx context.Context, logger *slog.Logger) (func() time.Time, error) {
	if s.WrongClock == "" {
		return time.Now, nil
	}
	if !s.private() {
		return nil, config.Wrong(clockFlag, "is for servers that only this machine can reach.")
	}
	clock := &wrongClock{}
	if err := clock.follow(ctx, s.WrongClock); err != nil {
		return nil, err
	}
	logger.Warn("the clock of this server is wrong on purpose", "file", s.WrongClock)
	return clock.now, nil
}

// private reports whether only this machine can reach the server.
func (s *serveCommand) private() bool { return s.Addr.Loopback() && !s.PublicURL.IsSet() }

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
