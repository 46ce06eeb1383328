package prove

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/parley-chat/parley/client"
)

// listener keeps a person connected, to one node after the other, and notes
// every frame as it comes: what a good client would pass over, such as an
// event that comes twice, is exactly what is looked for.
type listener struct {
	history *history
	token   string
	nodes   []*node
	rnd     *rand.Rand // of run alone
	tally   *tally

	mu      sync.Mutex
	conn    *client.Conn    // guarded by mu; nil while away
	node    *node           // guarded by mu; where conn is
	changed chan struct{}   // guarded by mu; closed when conn changes
	cursors map[int64]int64 // guarded by mu; of the rooms that one is in
	moving  bool            // guarded by mu; the connection is ended on purpose
	here    bool            // guarded by mu; a connection has resumed and not ended
	forced  bool            // guarded by mu; the last one ended against the person's will
}

func newListener(h *history, token string, nodes []*node, rnd *rand.Rand, t *tally) *listener {
	return &listener{history: h, token: token, nodes: nodes, rnd: rnd, tally: t, changed: make(chan struct{}), cursors: map[int64]int64{}}
}

// How long a client that lost its connection waits before it comes back.
const (
	shortWait = 10 * time.Millisecond
	longWait  = 120 * time.Millisecond
)

// run connects again and again until ctx ends.
func (l *listener) run(ctx context.Context) {
	for ctx.Err() == nil {
		n := l.nodes[l.rnd.IntN(len(l.nodes))]
		resumed, err := l.session(ctx, n)
		if code := whyEnded(err); resumed || code != "" {
			l.ended(n, code, err)
		}
		pause(ctx, shortWait+time.Duration(l.rnd.Int64N(int64(longWait))))
	}
}

// errNotResumed ends a connection whose resume was answered too late.
var errNotResumed = errors.New("prove: not resumed")

// session lives for one connection.
func (l *listener) session(ctx context.Context, n *node) (resumed bool, err error) {
	c, err := client.New("http://"+n.gate.addr(), l.token)
	if err != nil {
		return false, err
	}
	dialing, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	settled, accepted := make(chan struct{}), false // frames of rooms wait for the answer to the resume to be noted
	conn, err := c.Dial(dialing, func(f client.Frame) error {
		if f.Room == 0 {
			return nil
		}
		<-settled
		if !accepted {
			return errNotResumed
		}
		l.hear(f)
		return nil
	})
	if err != nil {
		return false, err
	}
	defer func() { conn.Close(); <-conn.Ended() }()
	asked := l.ask()
	answer, err := conn.Resume(dialing, asked)
	if accepted = err == nil; accepted {
		l.settle(n, asked, answer)
	}
	close(settled)
	if err != nil {
		return false, err
	}
	l.use(conn, n)
	defer l.use(nil, nil)
	select {
	case <-conn.Ended():
	case <-ctx.Done():
		conn.Close()
		<-conn.Ended()
	}
	return true, conn.Err()
}

// whyEnded gives the code with which the server ended a connection or refused
// it; empty if it did neither.
func whyEnded(err error) string {
	var closed *client.Closed
	var refused *client.Error
	switch {
	case errors.As(err, &closed):
		return strconv.Itoa(closed.Code)
	case errors.As(err, &refused):
		return strconv.Itoa(refused.Status)
	}
	return ""
}

// ended notes the end of a connection, or that there was none to be had.
func (l *listener) ended(n *node, code string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.history.add(Record{What: recordEnded, Node: n.number, Code: code, Reason: fmt.Sprint(err)})
	if !l.here {
		return
	}
	l.here, l.forced = false, !l.moving
	if l.moving {
		l.tally.moves.Add(1)
	}
	l.moving = false
}

// resumed counts a connection that came after one that was ended by force.
// Caller holds l.mu.
func (l *listener) resumed() {
	l.here = true
	if l.forced {
		l.tally.reconnects.Add(1)
	}
	l.forced = false
}

func (l *listener) ask() map[int64]client.Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	asked := make(map[int64]client.Cursor, len(l.cursors))
	for room, seq := range l.cursors {
		asked[room] = client.Cursor{Epoch: l.tally.epoch, Seq: seq}
	}
	return asked
}

// settle notes the answer to a resume and takes over where the rooms are.
func (l *listener) settle(n *node, asked map[int64]client.Cursor, answer client.Resumed) {
	r := Record{What: recordResumed, Node: n.number, Asked: map[int64]int64{}, Answered: map[int64]Place{}}
	for room, cursor := range asked {
		r.Asked[room] = cursor.Seq
	}
	cursors := map[int64]int64{}
	for name, at := range answer.Rooms {
		room, _ := strconv.ParseInt(name, 10, 64) // the server's keys are ids
		r.Answered[room] = Place{Seq: at.Seq, Epoch: at.Epoch, Reload: at.Reload}
		cursors[room] = at.Seq
		if from, named := asked[room]; named && !at.Reload {
			cursors[room] = from.Seq
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.history.add(r)
	l.resumed()
	l.cursors = cursors
}

// hear notes a frame and moves the room's cursor, whatever the number is.
func (l *listener) hear(f client.Frame) {
	r, noted := recordOf(f)
	if !noted {
		return
	}
	l.tally.delivered.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.history.add(r)
	switch r.What {
	case recordRemoved:
		delete(l.cursors, r.Room)
	case recordReload:
		l.cursors[r.Room] = r.Seq
	default:
		l.cursors[r.Room] = max(l.cursors[r.Room], r.Seq)
	}
}

func (l *listener) use(conn *client.Conn, n *node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.node = conn, n
	close(l.changed)
	l.changed = make(chan struct{})
}

// connected waits for a connection.
func (l *listener) connected(ctx context.Context) (*client.Conn, *node, error) {
	for {
		l.mu.Lock()
		conn, n, changed := l.conn, l.node, l.changed
		l.mu.Unlock()
		if conn != nil && conn.Err() == nil {
			return conn, n, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(longWait): // one that has ended is replaced
		}
	}
}

// move ends the connection, to go to some node.
func (l *listener) move() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.moving = true
		go l.conn.Close() // it may have to wait for a write
	}
}

// at gives how far a room was heard; -1 if one is not in it.
func (l *listener) at(room int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq, heard := l.cursors[room]
	if !heard {
		return -1
	}
	return seq
}

// recordOf writes a frame down; false for those that no history needs.
func recordOf(f client.Frame) (Record, bool) {
	r := Record{What: recordEvent, Op: f.Type, Room: f.Room, Seq: f.Seq, Target: f.MessageSeq, Emoji: f.Emoji}
	switch f.Type {
	case "typing", "presence", "read":
		return Record{}, false
	case "room.removed":
		return Record{What: recordRemoved, Room: f.Room}, true
	case "reload":
		return Record{What: recordReload, Room: f.Room, Seq: f.Seq}, true
	case "skip":
		return Record{What: recordSkip, Room: f.Room, From: f.From, Seq: f.To}, true
	}
	if f.User != nil {
		r.User = int64(f.User.ID)
	}
	if m := f.Message; m != nil {
		r.Target, r.User, r.Key = int64(m.Seq), int64(m.User.ID), m.Key
		if f.Type != "message.deleted" {
			r.Text = digest(m.Text)
		}
		r.Made = m.CreatedAt.UnixMilli()
	}
	r.Hash = digest(frameText(f))
	return r, true
}
