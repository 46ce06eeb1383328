package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/bench"
	"github.com/parley-chat/parley/internal/config"
)

type benchCommand struct {
	FanOut benchFanOutCommand `cmd:"" default:"withargs" help:"Measure a server on this machine, which is started for that: everybody in one room gets every message."`
	Server benchServerCommand `cmd:"" hidden:"" help:"The server with a profiler, which bench starts."`
	Floor  benchFloorCommand  `cmd:"" hidden:"" help:"Plain writes, which bench starts."`
}

type benchFanOutCommand struct {
	Members  int           `default:"1000" placeholder:"N" help:"People in the room, each with one connection."`
	For      time.Duration `default:"5s" placeholder:"TIME" help:"How long each part is measured."`
	InFlight int           `name:"inflight" default:"32" placeholder:"N" help:"Messages on their way at a time in the closed loop; 0 leaves it out."`
	Rate     float64       `default:"10" placeholder:"N" help:"Messages in a second in the paced part; 0 leaves it out."`
	Text     int           `default:"200" placeholder:"BYTES" help:"Length of each message."`
	JSON     bool          `name:"json" help:"Print JSON."`
	Profile  string        `placeholder:"FOLDER" help:"Write cpu.pprof of the server in the closed loop and heap.pprof with everybody connected into this folder, for go tool pprof."`
}

// Run starts a server on a temporary folder, measures it and prints what
// came out. It fails when a message was lost, doubled or out of order.
func (c *benchFanOutCommand) Run(ctx context.Context, sh *shell) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	o := bench.Options{
		Program: program, Members: c.Members, For: c.For, InFlight: c.InFlight, Rate: c.Rate,
		TextBytes: c.Text, Profile: c.Profile, Progress: sh.progress(),
	}
	var wrong *bench.OptionError
	if errors.As(o.Check(), &wrong) {
		return config.Wrong(wrong.Flag, wrong.Detail)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := bench.Run(ctx, o)
	o.Progress("")
	if ctx.Err() != nil {
		return errors.New("stopped before the end; nothing was left behind")
	}
	if err != nil {
		return err
	}
	if err := sh.show(report, c.JSON); err != nil {
		return err
	}
	if !report.Sound() {
		return errors.New("messages were lost, doubled or out of order, or connections were closed: see above")
	}
	return nil
}

// progress gives a line of its own to what is done now, on a terminal only.
func (sh *shell) progress() func(string) {
	file, ok := sh.errs.(*os.File)
	if !ok {
		return func(string) {}
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(string) {}
	}
	return func(what string) { fmt.Fprint(sh.errs, "\r\x1b[K"+what) }
}

func (sh *shell) show(report bench.Report, asJSON bool) error {
	if !asJSON {
		report.Write(sh.out)
		return nil
	}
	encoder := json.NewEncoder(sh.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

type benchFloorCommand struct {
	Sockets    int
	FrameBytes int
	Batch      float64
	Rounds     float64
	For        time.Duration
}

// Run writes to all sockets that connect.
func (c *benchFloorCommand) Run(ctx context.Context, sh *shell) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return bench.Floor(ctx, bench.FloorOptions(*c), sh.out)
}

type benchServerCommand struct {
	serveCommand
}

// Run serves, with a profiler on a loopback address of its own.
func (c *benchServerCommand) Run(ctx context.Context, sh *shell) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/free", func(http.ResponseWriter, *http.Request) { debug.FreeOSMemory() })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	defer server.Close()
	go func() { _ = server.Serve(listener) }() // ends with Close
	fmt.Fprintln(sh.out, "debug on http://"+listener.Addr().String())
	return c.serveCommand.Run(ctx, sh)
}
