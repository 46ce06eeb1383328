package node

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/httpapi"
	"github.com/parley-chat/parley/internal/metrics"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/usage"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/web"
)

// Bounds of a connection of HTTP. Each request has further ones of its own.
const (
	headerTime     = 5 * time.Second
	idleTime       = 2 * time.Minute
	maxHeaderBytes = 32 << 10
	frameBytes     = 64 << 10 // of a socket, told to clients
)

// databaseName is the file in the data directory.
const databaseName = "parley.db"

// openStore opens the database that the settings name. A server keeps the
// data directory for itself in either case.
func openStore(ctx context.Context, where config.Storage, serves bool, o sqlstore.Options) (*sqlstore.Store, error) {
	o.Path, o.URL = filepath.Join(where.Data, databaseName), string(where.Database)
	if o.URL != "" && !serves {
		o.Path = ""
	}
	s, err := sqlstore.Open(ctx, o)
	switch {
	case err == nil:
		return s, nil
	case o.URL != "" && !errors.Is(err, sqlstore.ErrInUse) && !isFileError(err):
		return nil, wrongDatabase(err)
	}
	return nil, wrongData(where.Data, err)
}

func isFileError(err error) bool {
	var failure *fs.PathError
	return errors.As(err, &failure)
}

// wrongDatabase says what is the matter with a PostgreSQL database. The
// driver's errors name its host and user and never the password.
func wrongDatabase(err error) *config.Error {
	detail := "the database cannot be used: " + err.Error()
	switch {
	case errors.Is(err, sqlstore.ErrNewerSchema):
		detail = "the database was written by a newer parley. Run that version, or name another database."
	case errors.Is(err, sqlstore.ErrStandby), errors.Is(err, sqlstore.ErrEncoding):
		detail = err.Error() + "."
	case sqlstore.IsForbidden(err):
		detail += ". Let the role own the database and the tables in it, or name the one that does."
	}
	return &config.Error{Setting: "database", Detail: detail, Err: err}
}

// wrongData says what is the matter with a data directory.
func wrongData(data string, err error) *config.Error {
	detail := data + " cannot be used: " + err.Error()
	switch {
	case errors.Is(err, sqlstore.ErrInUse):
		detail = data + " is in use by another parley process. Stop that one, or name another folder."
	case errors.Is(err, sqlstore.ErrNewerSchema):
		detail = data + " was written by a newer parley. Run that version, or name another folder."
	case errors.Is(err, fs.ErrPermission):
		detail = data + " may not be written by this user. Change its owner, or name another folder."
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		detail = data + " is not a folder. Name another one."
	}
	return &config.Error{Setting: "data", Detail: detail, Err: err}
}

func (n *Node) openStore(ctx context.Context) error {
	s, err := openStore(ctx, n.settings.Storage, true, sqlstore.Options{Clock: n.clock, Logger: n.log})
	if err != nil {
		return err
	}
	n.store = s
	n.closers = append(n.closers, s.Close)
	return nil
}

func (n *Node) openService(context.Context) error {
	n.service = service.New(service.Options{
		Store: n.store, Passwords: password.New(password.Options{}), Logger: n.log, Clock: n.clock,
		Signup: service.Signup(n.settings.Signup), SetupToken: n.setupToken,
		PasswordMin:       n.settings.PasswordMin,
		MessagesPerSecond: float64(n.settings.MessagesPerSecond),
	})
	return nil
}

func (n *Node) openHub(context.Context) error {
	var err error
	n.hub, err = realtime.New(realtime.Options{
		Chat: n.service, Layer: n.layer, Window: n.window, Seal: n.seal, Logger: n.log, Now: n.clock, Told: n.limits(),
		SingleNode: n.redisWindow == nil && n.settings.Database == "", Timing: n.timing(),
		Limits: realtime.Limits{
			Connections: int(n.settings.Connections),
			PerUser:     int(n.settings.ConnectionsPerUser),
		},
	})
	if err != nil {
		return err
	}
	n.closers = append(n.closers, func() error { n.hub.Close(); return nil })
	n.listening.Store(n.hub)
	n.service.Announce(n.hub)
	n.store.OnCommit(n.committed)
	return nil
}

// timing is the usual one, unless other nodes may be there that only the
// database tells of.
func (n *Node) timing() (t realtime.Timing) {
	if n.redisWindow == nil && n.settings.Database != "" {
		t.Sweep = 500 * time.Millisecond
	}
	return t
}

func (n *Node) committed(events []chat.Event) {
	n.events.Add(int64(len(events)))
	n.hub.Committed(events)
	if b := n.bridge.Load(); b != nil {
		b.Committed(events)
	}
}

// limits are what clients are told.
func (n *Node) limits() wire.Limits {
	return wire.Limits{
		MessageCharacters:    chat.MaxMessageCharacters,
		MessageBytes:         chat.MaxMessageBytes,
		MessagesPerSecond:    float64(n.settings.MessagesPerSecond),
		PasswordCharacters:   n.settings.PasswordMin,
		FrameBytes:           frameBytes,
		Page:                 chat.MaxPage,
		ConnectionsPerPerson: int(n.settings.ConnectionsPerUser),
	}
}

func (n *Node) openListener(ctx context.Context) error {
	addr := n.settings.Addr
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr.String())
	if err != nil {
		return wrongAddr(addr, err)
	}
	n.listener = listener
	n.closers = append(n.closers, func() error {
		if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return nil
}

func wrongAddr(addr config.Addr, err error) *config.Error {
	detail := "cannot listen on " + addr.String() + ": " + err.Error()
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		detail = "port " + portOf(addr.Port) + " is in use. Stop the other program, or choose another port."
	case errors.Is(err, fs.ErrPermission):
		detail = "port " + portOf(addr.Port) + " may not be used by this user. Choose one above 1023."
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		detail = addr.Host + " is not an address of this machine."
	}
	return &config.Error{Setting: "addr", Detail: detail, Err: err}
}

func (n *Node) openControl(context.Context) error {
	data := n.settings.Data
	listener, err := control.Listen(data)
	if err != nil {
		return &config.Error{Setting: "data", Detail: data + " cannot hold the control socket: " + err.Error() + ".", Err: err}
	}
	n.control = newControlSocket(listener, control.NewShell(n.service, n.base()), n.log)
	n.closers = append(n.closers, func() error {
		listener.Close() // Shutdown closes it too
		return control.Remove(data)
	})
	return nil
}

func (n *Node) openWeb(ctx context.Context) error {
	client, err := web.Handler(web.Assets())
	if err != nil {
		return err
	}
	numbers := metrics.New(prometheus.NewRegistry())
	n.measure(numbers)
	api := httpapi.New(httpapi.Options{
		Service: n.service, Sockets: n.hub, Client: client, Metrics: numbers.Handler(), Observe: numbers,
		Logger: n.log, Clock: n.clock, Version: n.version, Limits: n.limits(),
		PublicURL: n.settings.PublicURL.String(), Hosts: n.hosts(), Trusted: n.trusted, Ready: n.ready, Parts: n.parts,
		SignupsPerHour:      int(n.settings.SignupsPerHour),
		LoginsPerMinute:     int(n.settings.LoginsPerMinute),
		HandshakesPerMinute: int(n.settings.HandshakesPerMinute),
		Connections:         int(n.settings.ConnectionsPerAddress),
	})
	if err := n.shareLimits(ctx, api, numbers); err != nil {
		return err
	}
	n.web = &http.Server{
		Handler: api, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: quiet(n.log),
	}
	return nil
}

// shareLimits has the nodes of one database count together what people do,
// where there is a Redis to tell each other of it. One node alone notes nothing.
func (n *Node) shareLimits(ctx context.Context, api *httpapi.Server, numbers *metrics.Metrics) error {
	if n.redisWindow == nil || n.settings.Database == "" {
		return nil
	}
	limits := api.SharedLimits()
	maps.Copy(limits, n.service.SharedLimits())
	sharer, err := usage.Start(ctx, usage.Options{Layer: n.layer, Seal: n.seal, Limits: limits, Clock: n.clock, Logger: n.log})
	if err != nil {
		return err
	}
	n.closers = append(n.closers, func() error { sharer.Close(); return nil })
	numbers.Counter("parley_limits_forged_total", "Messages about limits that no other node has sent, or not just now.",
		func() float64 { return float64(sharer.Forged()) })
	return nil
}

// hosts are the names that this server answers to.
func (n *Node) hosts() []string {
	var hosts []string
	for _, host := range []string{n.settings.PublicURL.Hostname(), n.settings.Addr.Host} {
		if host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func (n *Node) trusted(ip netip.Addr) bool { return n.settings.TrustedProxies.Contains(ip) }
