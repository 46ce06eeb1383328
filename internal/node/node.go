// Package node is one running Parley: it builds every part from the settings,
// starts them, and stops them in order. It is the only package that knows all
// of them, and does none of their work.
package node

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/bridge"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/window"
	windowredis "github.com/parley-chat/parley/internal/window/redis"
)

// How long the parts of a stop may take; together they stay below 10 s.
const (
	drainTime = 7 * time.Second // for answers that are on their way, and for closing sockets
	flushTime = time.Second
)

// Options say what a Node is made of.
type Options struct {
	Settings config.Settings
	Version  string
	Logger   *slog.Logger
	Clock    func() time.Time // of everything that is a date; nil: time.Now. Pauses and deadlines do not follow it
}

// Node is one running server. Make it by Open, then call Run, once.
type Node struct {
	settings   config.Settings
	log        *slog.Logger
	clock      func() time.Time
	version    string
	setupToken string // empty: not asked for

	store     store.Store
	service   *service.Service
	layer     channellayer.Layer
	window    window.Window
	hub       *realtime.Hub
	listening atomic.Pointer[realtime.Hub]  // hub, once it is there
	bridge    atomic.Pointer[bridge.Bridge] // nil: off
	listener  net.Listener
	web       *http.Server
	control   *controlSocket
	events    atomic.Int64 // committed
	stopping  atomic.Bool

	seal        seal.Key            // nodes know each other by it; only with Redis
	redisWindow *windowredis.Window // nil without Redis

	closers []func() error // what was opened, in order
	running sync.WaitGroup // goroutines that Run starts and ends
}

// Open takes the data directory and the address, and builds the parts. What
// is wrong with a setting is a *config.Error, and nothing is left open then.
func Open(ctx context.Context, o Options) (*Node, error) {
	n := &Node{settings: o.Settings, log: o.Logger, clock: o.Clock, version: o.Version}
	if n.clock == nil {
		n.clock = time.Now
	}
	if err := n.open(ctx); err != nil {
		return nil, errors.Join(err, n.close())
	}
	n.warnOfPlainHTTP()
	return n, nil
}

func (n *Node) open(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		n.openStore, n.openSetup, n.openService, n.openLayer, n.openHub, n.openDjango, n.openListener, n.openControl, n.openWeb,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// close closes what is open, the last first.
func (n *Node) close() error {
	var errs []error
	for i := len(n.closers) - 1; i >= 0; i-- {
		errs = append(errs, n.closers[i]())
	}
	n.closers = nil
	return errors.Join(errs...)
}

func (n *Node) warnOfPlainHTTP() {
	if !n.settings.Addr.Loopback() && !n.settings.PublicURL.Secure() {
		n.log.Warn("people reach this server over plain HTTP: passwords and messages can be read on the way. " +
			"Put a reverse proxy with TLS in front and name its address with --public-url")
	}
}

// URL is where the server listens.
func (n *Node) URL() string {
	_, port, _ := net.SplitHostPort(n.listener.Addr().String()) // our own listener's
	host := n.settings.Addr.Host
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// base is the address that people type.
func (n *Node) base() string {
	if n.settings.PublicURL.IsSet() {
		return n.settings.PublicURL.String()
	}
	return n.URL()
}

// Run serves until ctx ends, then answers what is in flight, sends sockets
// away to come back, and closes everything. An error is why it ended by
// itself, or what could not be closed.
func (n *Node) Run(ctx context.Context) error {
	failed := make(chan error, 2)
	n.running.Go(func() { failed <- n.web.Serve(n.listener) })
	n.running.Go(func() { failed <- n.control.serve() })
	background, stop := context.WithCancel(context.Background())
	n.running.Go(func() { n.flushEvery(background, time.Minute) })
	var cause error
	select {
	case <-ctx.Done():
		n.log.Info("stopping")
	case cause = <-failed:
	}
	n.drain()
	stop()
	n.running.Wait()
	n.flush()
	return errors.Join(cause, n.close())
}

// drain stops taking requests, and answers those that are there.
func (n *Node) drain() {
	n.stopping.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var parts sync.WaitGroup
	parts.Go(func() {
		if err := n.hub.Drain(ctx); err != nil {
			n.log.Warn("some sockets were cut off", "error", err)
		}
	})
	parts.Go(func() { n.stopServer(ctx, n.control.server) })
	n.stopServer(ctx, n.web)
	parts.Wait()
}

func (n *Node) stopServer(ctx context.Context, server *http.Server) {
	if err := server.Shutdown(ctx); err != nil {
		n.log.Warn("some requests were cut off", "error", err)
		server.Close()
	}
}

// flushEvery notes from time to time which sessions are in use. Run starts
// it and ends it.
func (n *Node) flushEvery(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			n.flush()
		case <-ctx.Done():
			return
		}
	}
}

func (n *Node) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := n.service.Flush(ctx); err != nil {
		n.log.Warn("could not note which sessions are in use", "error", err)
	}
}

// ready answers nil while requests can be served.
func (n *Node) ready(ctx context.Context) error {
	if n.stopping.Load() {
		return errors.New("the server is stopping")
	}
	return n.store.Ping(ctx)
}

// portOf writes a port for people.
func portOf(port uint16) string { return strconv.Itoa(int(port)) }

// quiet takes what net/http says about connections that break.
func quiet(logger *slog.Logger) *log.Logger {
	return slog.NewLogLogger(logger.Handler(), slog.LevelDebug)
}

// controlSocket is the server behind DATA/control.sock.
type controlSocket struct {
	server   *http.Server
	listener net.Listener
}

func (c *controlSocket) serve() error { return c.server.Serve(c.listener) }

func newControlSocket(listener net.Listener, admin control.Admin, logger *slog.Logger) *controlSocket {
	return &controlSocket{
		server: &http.Server{
			Handler: control.Handler(admin, logger), ReadHeaderTimeout: headerTime, ErrorLog: quiet(logger),
		},
		listener: listener,
	}
}
