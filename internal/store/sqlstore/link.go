package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/parley-chat/parley/internal/chat"
)

// How long between two looks for a database that is away, and how long each
// may take.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = time.Second
	quickLook = 500 * time.Millisecond
	lookTime  = 2 * time.Second
)

// link knows whether the database can be reached. It gives every call a
// deadline and looks at how each ended: after one that lost its connection
// all others fail at once, until a look at the database succeeds. Connections
// made before that are not used again.
type link struct {
	look   func(context.Context) error // connects and asks something
	logger *slog.Logger

	down       atomic.Bool
	generation atomic.Int64  // of connections; those of older ones may be dead
	lost       chan struct{} // has one when a look is wanted
}

func newLink(look func(context.Context) error, logger *slog.Logger) *link {
	return &link{look: look, logger: logger, lost: make(chan struct{}, 1)}
}

var errAway = fmt.Errorf("%w: the connection was lost", chat.ErrUnavailable)

// away gives an error while the database cannot be reached.
func (l *link) away() error {
	if l.down.Load() {
		return errAway
	}
	return nil
}

// broke notes that a connection of the generation was lost, or could not be
// made. It may be this one alone: that is for the look to find out.
func (l *link) broke(generation int64, cause error) {
	if !l.generation.CompareAndSwap(generation, generation+1) {
		return // an old connection: known already
	}
	l.logger.Warn("a connection to the database was lost", "error", cause)
	select {
	case l.lost <- struct{}{}:
	default:
	}
}

// run looks for the database whenever it was lost, until ctx ends.
func (l *link) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.lost:
			l.find(ctx)
		}
	}
}

// find looks until the database is there. The first look must be quick, or
// all calls fail from then on.
func (l *link) find(ctx context.Context) {
	if l.lookFor(ctx, quickLook) == nil {
		return
	}
	l.down.Store(true)
	began := time.Now()
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := l.lookFor(ctx, lookTime)
		if err == nil {
			l.down.Store(false)
			l.logger.Info("the database is back", "after", time.Since(began).Round(time.Millisecond))
			return
		}
		l.logger.Debug("the database is away", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (l *link) lookFor(ctx context.Context, atMost time.Duration) error {
	look, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	return l.look(look)
}

// session is what is known of one connection.
type session struct {
	generation int64
	epoch      string // of the history that it found
	used       time.Time
}

// sessionKey finds a session in its connection.
const sessionKey = "parley"

// greet marks a new connection; epoch is that of the history which it found,
// once that is known.
func (l *link) greet(conn *pgx.Conn, epoch string) {
	conn.PgConn().CustomData()[sessionKey] = &session{generation: l.generation.Load(), epoch: epoch, used: time.Now()}
}

// renounce has all connections given up that there are now: they may lead to
// another history than the next.
func (l *link) renounce() { l.generation.Add(1) }

// sound reports whether a connection of the pool may be used again.
func (l *link) sound(ctx context.Context, conn *pgx.Conn) bool {
	s := conn.PgConn().CustomData()[sessionKey].(*session)
	if s.generation != l.generation.Load() {
		return false
	}
	idle := time.Since(s.used)
	s.used = time.Now()
	if idle < time.Second {
		return true
	}
	_, err := conn.Exec(ctx, "SELECT 1") // not Ping: that one has no deadline
	return err == nil
}

// errLate is the cause of the end of a call that took too long.
var errLate = errors.New("the database did not answer in time")

type callKey struct{}

// begin gives a call its deadline.
func (l *link) begin(ctx context.Context) context.Context {
	limited, cancel := context.WithTimeoutCause(ctx, callTime, errLate)
	return context.WithValue(limited, callKey{}, cancel)
}

// end looks at how a call ended. What its caller gave up says nothing.
func (l *link) end(ctx context.Context, conn *pgx.Conn, err error) {
	cause := context.Cause(ctx)
	ctx.Value(callKey{}).(context.CancelFunc)()
	if err == nil || cause != nil && !errors.Is(cause, errLate) {
		return
	}
	// A server that was demoted refuses to write and lets us stay.
	var failure *pgconn.PgError
	useless := conn.IsClosed() || errors.As(err, &failure) && failure.Code == codeReadOnly
	if s, ok := conn.PgConn().CustomData()[sessionKey].(*session); ok && useless {
		l.broke(s.generation, err)
	}
}

// The driver calls these around each call.

func (l *link) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return l.begin(ctx)
}

func (l *link) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	l.end(ctx, conn, data.Err)
}

func (l *link) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return ctx
}

func (l *link) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	if data.Err != nil && ctx.Err() == nil {
		l.broke(l.generation.Load(), data.Err)
	}
}

func (l *link) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return l.begin(ctx)
}

func (l *link) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (l *link) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	l.end(ctx, conn, data.Err)
}
