package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// Handler hears what happens. Its methods are called one at a time.
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

	handling sync.Mutex // one frame at a time, also across connections

	mu      sync.Mutex
	conn    *Conn            // nil while away; guarded by mu
	changed chan struct{}    // closed when conn changes; guarded by mu
	cursors map[int64]Cursor // guarded by mu
}

// Live keeps a connection until ctx ends. Cursors say where to go on, nil for
// wherever the rooms are now.
func (c *Client) Live(ctx context.Context, cursors map[int64]Cursor, h Handler) *Live {
	l := &Live{client: c, handler: h, changed: make(chan struct{}), cursors: map[int64]Cursor{}}
	for room, cursor := range cursors {
		l.cursors[room] = cursor
	}
	go l.run(ctx) // ends with ctx
	return l
}

// Cursors gives how far each room has been heard: what a program keeps
// across its own restarts.
func (l *Live) Cursors() map[int64]Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	cursors := make(map[int64]Cursor, len(l.cursors))
	for room, cursor := range l.cursors {
		cursors[room] = cursor
	}
	return cursors
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
		case err == nil:
			return sent, nil
		case errors.As(err, &refused) && !refused.Temporary():
			return Sent{}, err
		case errors.As(err, &refused):
			err = wait(ctx, time.Duration(max(refused.RetryAfter, 1))*time.Second/2)
		default:
			err = wait(ctx, 10*time.Millisecond)
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
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Drop cuts the present connection, as a lost network would.
func (l *Live) Drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.conn.Close()
	}
}

// run connects again and again. The wait between tries grows from 50 ms to
// 5 s, with jitter, so that a thousand clients do not come back at once.
func (l *Live) run(ctx context.Context) {
	const shortest, longest = 50 * time.Millisecond, 5 * time.Second
	pause := shortest
	for ctx.Err() == nil {
		began := time.Now()
		l.session(ctx)
		if time.Since(began) > longest {
			pause = shortest
		}
		if wait(ctx, time.Duration(float64(pause)*(0.7+0.6*rand.Float64()))) != nil {
			return
		}
		pause = min(2*pause, longest)
	}
}

// session lives for one connection.
func (l *Live) session(ctx context.Context) {
	dialing, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	hold := newHold()
	conn, err := l.client.Dial(dialing, func(f Frame) { hold.handle(f, l.handle) })
	if err != nil {
		return
	}
	defer conn.Close()
	hold.conn <- conn
	resumed, err := conn.Resume(dialing, l.Cursors())
	if err != nil {
		return
	}
	l.settle(conn, resumed)
	hold.open(l.handle)
	l.use(conn)
	defer l.use(nil)
	select {
	case <-conn.Ended():
	case <-ctx.Done():
	}
}

// settle sets the cursors of the rooms that begin anew, and forgets those
// that one is not in any more.
func (l *Live) settle(conn *Conn, resumed Resumed) {
	l.handling.Lock()
	defer l.handling.Unlock()
	type begun struct{ room, seq int64 }
	var reloads []begun
	l.mu.Lock()
	known := l.cursors
	l.cursors = map[int64]Cursor{}
	for name, room := range resumed.Rooms {
		id := roomID(name)
		cursor, heard := known[id]
		if !heard || room.Reload {
			cursor = Cursor{room.Epoch, room.Seq}
			if heard {
				reloads = append(reloads, begun{id, room.Seq})
			}
		}
		l.cursors[id] = cursor
	}
	l.mu.Unlock()
	for _, r := range reloads {
		l.handler.Reload(r.room, r.seq)
	}
}

func (l *Live) use(conn *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = conn
	close(l.changed)
	l.changed = make(chan struct{})
}

// handle applies one frame: only the next number of its room counts.
func (l *Live) handle(conn *Conn, f Frame) {
	l.handling.Lock()
	defer l.handling.Unlock()
	switch l.advance(f) {
	case next:
		if f.Type != "skip" {
			l.handler.Event(f)
		}
	case reloaded:
		l.handler.Reload(f.Room, f.Seq)
	case hole:
		conn.Close()
	}
}

// step is what a frame means for the cursor of its room.
type step int

const (
	known    step = iota // nothing new
	next                 // the next event
	reloaded             // the cursor was set anew
	hole                 // something is missing in between
)

func (l *Live) advance(f Frame) step {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch f.Type {
	case "room.removed":
		delete(l.cursors, f.Room)
		return known
	case "reload":
		l.cursors[f.Room] = Cursor{f.Epoch, f.Seq}
		return reloaded
	}
	from, to, numbered := f.span()
	if !numbered {
		return known
	}
	cursor, heard := l.cursors[f.Room]
	switch {
	case !heard: // I have just joined: this is my own joining
		l.cursors[f.Room] = Cursor{f.Epoch, to}
		return next
	case to <= cursor.Seq:
		return known
	case from > cursor.Seq+1:
		return hole
	}
	l.cursors[f.Room] = Cursor{cursor.Epoch, to}
	return next
}

// wait passes time unless ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
