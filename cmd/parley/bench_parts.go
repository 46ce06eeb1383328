package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/bench"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/store"
)

// The processes that bench starts beside itself.

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
	server := &http.Server{Handler: profiler(), ReadHeaderTimeout: time.Second}
	defer server.Close()
	go func() { _ = server.Serve(listener) }() // ends with Close
	fmt.Fprintln(sh.out, "debug on http://"+listener.Addr().String())
	return c.serveCommand.Run(ctx, sh)
}

// profiler tells what this process uses its time for between /cpu/start and
// /cpu/stop, and what its memory holds. One client asks at a time.
func profiler() http.Handler {
	var cpu bytes.Buffer
	mux := http.NewServeMux()
	mux.HandleFunc("/cpu/start", func(w http.ResponseWriter, _ *http.Request) {
		cpu.Reset()
		if err := pprof.StartCPUProfile(&cpu); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	})
	mux.HandleFunc("/cpu/stop", func(w http.ResponseWriter, _ *http.Request) {
		pprof.StopCPUProfile()
		_, _ = w.Write(cpu.Bytes()) // whoever has gone does not need it
	})
	mux.HandleFunc("/heap", func(w http.ResponseWriter, _ *http.Request) {
		debug.FreeOSMemory()
		_ = pprof.WriteHeapProfile(w) // the same
	})
	return mux
}

type benchCommitsCommand struct {
	config.Storage
	Senders int
	For     time.Duration
	Text    int
}

// Run posts into rooms, one sender in each, as a server would.
func (c *benchCommitsCommand) Run(ctx context.Context, sh *shell) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return sh.fill(ctx, c.Storage, func(s store.Store) error {
		result, err := c.post(ctx, s)
		if err != nil {
			return err
		}
		return json.NewEncoder(sh.out).Encode(result)
	})
}

// posted is what one sender did.
type posted struct {
	times []time.Duration
	err   error
}

// post has a sender in each room.
func (c *benchCommitsCommand) post(ctx context.Context, s store.Store) (bench.Commits, error) {
	rooms, err := s.AllRooms(ctx)
	if err != nil || len(rooms) < c.Senders {
		return bench.Commits{}, errors.Join(err, errors.New("too few rooms"))
	}
	viewer, err := s.Users(ctx, store.Cursor{Limit: 1})
	if err != nil || len(viewer) == 0 {
		return bench.Commits{}, errors.Join(err, errors.New("no people"))
	}
	done := make(chan posted)
	for _, room := range rooms[:c.Senders] {
		visit := store.Visit{Viewer: viewer[0].ID, Room: room.ID}
		go func() { done <- c.postIn(ctx, s, visit) }() // ends with the time
	}
	var all posted
	for range c.Senders {
		p := <-done
		all.times, all.err = append(all.times, p.times...), errors.Join(all.err, p.err)
	}
	return bench.Commits{PerSecond: float64(len(all.times)) / c.For.Seconds(), Times: bench.QuantilesOf(all.times)}, all.err
}

func (c *benchCommitsCommand) postIn(ctx context.Context, s store.Store, room store.Visit) (p posted) {
	members, err := s.Members(ctx, room, store.Cursor{Limit: 1})
	if err != nil || len(members) == 0 {
		return posted{err: errors.Join(err, errors.New("nobody in the room"))}
	}
	text := strings.Repeat("a", c.Text)
	for began := time.Now(); time.Since(began) < c.For; {
		start := time.Now()
		post := chat.PostMessage{Draft: chat.Draft{Key: fmt.Sprintf("commit-%d", start.UnixNano()), Text: text}}
		if _, err := store.AppendWait(ctx, s, members[0].ID, room.Room, post); err != nil {
			return posted{err: err}
		}
		p.times = append(p.times, time.Since(start))
	}
	return p
}
