package client

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// Handler hears what happens. Its methods are called one at a time, and must
// not wait for a Send of the same Live: nothing is heard while they run.
type Handler interface {
	// Event is the next event of a room's log; every one comes exactly once
	// and in order.
	Event(Frame)
	// Reload: the events up to seq were not handed over, since they are too
	// many or the history was replaced; fetch them with Client.Messages if
	// they matter. Later events follow.
	Reload(room, seq int64)
}

// Live is a connection that comes back. Make it by Client.Live.
type Live struct {
	client  *Client
	handler Handler
	ended   chan struct{} // closed by run, after err is set
	err     error

	mu      sync.Mutex
	conn    *Conn            // nil while away; guarded by mu
	changed chan struct{}    // closed when conn changes; guarded by mu
	cursors map[int64]Cursor // guarded by mu
}

// Live keeps a connection until ctx ends or the server wants this client no
// more. Cursors say where to go on, nil for wherever the rooms are now.
func (c *Client) Live(ctx context.Context, cursors map[int64]Cursor, h Handler) *Live {
	l := &Live{client: c, handler: h, ended: make(chan struct{}), changed: make(chan struct{}), cursors: map[int64]Cursor{}}
	maps.Copy(l.cursors, cursors)
	go l.run(ctx) // ends with ctx, or when there is no use in coming back
	return l
}

// Ended is closed when it is over: no Handler runs any more.
func (l *Live) Ended() <-chan struct{} { return l.ended }

// Err tells why it is over: the ctx's error, or the server's last word, an
// *Error or a *Closed. It is nil before.
func (l *Live) Err() error {
	select {
	case <-l.ended:
		return l.err
	default:
		return nil
	}
}

// Cursors gives how far each room has been handled: what a program keeps
// across its own restarts.
func (l *Live) Cursors() map[int64]Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.cursors)
}

// Send posts a message and tries again, with the same key, until the server
// has it, refuses it for good, or ctx ends. For one's own order, have one
// send under way in a room at a time.
func (l *Live) Send(ctx context.Context, room int64, key, text string) (Sent, error) {
	for {
		conn, err := l.connected(ctx)
		if err != nil {
			return Sent{}, err
		}
		sent, err := conn.Send(ctx, room, key, text)
		var refused *Error
		switch {
		case errors.Is(err, ErrClosed):
			err = ended(ctx, conn)
		case errors.As(err, &refused) && refused.Temporary():
			err = wait(ctx, max(time.Duration(refused.RetryAfter)*time.Second, shortPause))
		default:
			return sent, err
		}
		if err != nil {
			return Sent{}, err
		}
	}
}

// connected waits for a connection.
func (l *Live) connected(ctx context.Context) (*Conn, error) {
	for {
		l.mu.Lock()
		conn, changed := l.conn, l.changed
		l.mu.Unlock()
		if conn != nil && conn.Err() == nil {
			return conn, nil
		}
		select {
		case <-changed:
		case <-l.ended:
			return nil, l.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ended waits until a connection that failed is done with.
func ended(ctx context.Context, conn *Conn) error {
	select {
	case <-conn.Ended():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Drop cuts the present connection, as a lost network would.
func (l *Live) Drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.conn.net.Close()
	}
}

// run connects again and again.
func (l *Live) run(ctx context.Context) {
	defer close(l.ended)
	pause := shortPause
	for {
		resumed, err := l.session(ctx)
		if resumed {
			pause = shortPause
		}
		if l.err = final(err); l.err != nil {
			return
		}
		// With jitter, so that a thousand clients do not come back at once.
		d := time.Duration(float64(max(pause, askedPause(err))) * (0.7 + 0.6*rand.Float64()))
		if l.err = wait(ctx, d); l.err != nil {
			return
		}
		pause = min(2*pause, longPause)
	}
}

// session lives for one connection, and tells whether it was one that could
// be used and why it ended.
func (l *Live) session(ctx context.Context) (resumed bool, err error) {
	dialing, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	settled := false // of the goroutine that reads
	conn, err := l.client.Dial(dialing, func(f Frame) error {
		if !settled {
			return nil
		}
		return l.handle(f)
	})
	if err != nil {
		return false, err
	}
	// After this no handler runs, so that the next connection's may.
	defer func() { conn.Close(); <-conn.Ended() }()
	err = conn.resume(dialing, l.Cursors(), func(r Resumed) { l.settle(r); settled = true })
	if err != nil {
		return false, err
	}
	l.use(conn)
	defer l.use(nil)
	select {
	case <-conn.Ended():
		return true, conn.Err()
	case <-ctx.Done():
		return true, ctx.Err()
	}
}

// settle sets the cursors of the rooms that begin anew, and forgets those
// that one is not in any more.
func (l *Live) settle(resumed Resumed) {
	known := l.Cursors()
	cursors := make(map[int64]Cursor, len(resumed.Rooms))
	for name, room := range resumed.Rooms {
		id, _ := strconv.ParseInt(name, 10, 64) // the server's keys are ids
		cursor, heard := known[id]
		if !heard || room.Reload {
			cursor = Cursor{room.Epoch, room.Seq}
		}
		if heard && room.Reload {
			l.handler.Reload(id, room.Seq)
		}
		cursors[id] = cursor
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursors = cursors
}

func (l *Live) use(conn *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = conn
	close(l.changed)
	l.changed = make(chan struct{})
}

// errHole ends a connection that left an event out; the next one resumes.
var errHole = errors.New("client: an event is missing")

// handle applies one frame: only the next number of its room counts. The
// cursor moves when the handler is done.
func (l *Live) handle(f Frame) error {
	if f.Type == "reload" {
		l.handler.Reload(f.Room, f.Seq)
		l.move(f.Room, Cursor{f.Epoch, f.Seq})
		return nil
	}
	if f.Type == "room.removed" {
		l.leave(f.Room)
		return nil
	}
	from, to, numbered := f.span()
	if !numbered {
		return nil
	}
	cursor, heard := l.cursor(f.Room)
	switch {
	case !heard: // I have just joined: this is my own joining
		cursor = Cursor{f.Epoch, from - 1}
	case to <= cursor.Seq:
		return nil
	case from > cursor.Seq+1:
		return errHole
	}
	if f.Type != "skip" {
		l.handler.Event(f)
	}
	l.move(f.Room, Cursor{cursor.Epoch, to})
	return nil
}

func (l *Live) cursor(room int64) (Cursor, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	cursor, heard := l.cursors[room]
	return cursor, heard
}

func (l *Live) move(room int64, to Cursor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursors[room] = to
}

func (l *Live) leave(room int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.cursors, room)
}
