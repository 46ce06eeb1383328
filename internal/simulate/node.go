package simulate

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/window/memory"
)

// node is a place where a process runs, most of the time.
type node struct {
	w      *world
	number int
	lives  atomic.Int64         // processes so far
	now    atomic.Pointer[life] // nil while there is none
}

// life is one process, from its start to its crash.
type life struct {
	node    *node
	number  int64
	epoch   atomic.Pointer[string] // of the database, as far as the process knows
	hub     *realtime.Hub
	ctx     context.Context // ends with the process
	kill    context.CancelFunc
	dead    atomic.Bool
	stopped atomic.Int64 // stands still until then, in nanoseconds
	skew    atomic.Int64 // how far its clock is off, in nanoseconds
	ring    chan struct{}

	mu      sync.Mutex
	queue   []job     // guarded by mu
	sockets []*socket // guarded by mu; our ends
}

// start begins a process; the hub is ready when it returns.
func (n *node) start() {
	l := &life{node: n, number: n.lives.Add(1), ring: make(chan struct{}, 1)}
	l.ctx, l.kill = context.WithCancel(context.Background())
	w := n.w
	l.learn()
	hub, err := realtime.New(realtime.Options{
		Chat: &desk{l}, Layer: &layer{w.bus, l}, Window: l.pane(*l.epoch.Load()),
		Now:    func() time.Time { return time.Now().Add(time.Duration(l.skew.Load())) },
		Random: func() float64 { return w.dice.roll("jitter", l.id()) },
		Shards: 2, Ring: w.plan.ring, SingleNode: w.plan.nodes == 1, Timing: w.timing(),
	})
	if err != nil {
		w.findings.add(Progress, "node %d does not start: %v", n.number, err)
		return
	}
	l.hub = hub
	w.findings.line("node %d starts", n.number)
	w.goes(l.write)
	n.now.Store(l)
}

// timing are the real times, but for what would never come within a run and
// what has nothing to do with delivery.
func (w *world) timing() realtime.Timing {
	return realtime.Timing{
		SessionCheck: sessionCheck, SeatCheck: sessionCheck, SeatsAlone: sessionCheck,
		RoomIdle: w.plan.idle, SweepAlone: 5 * time.Second,
		PresenceTick: time.Hour,
	}
}

// sessionCheck is how often hubs ask whether sessions live.
const sessionCheck = 8 * time.Second

// pane gives the process's view of the window of an epoch.
func (l *life) pane(epoch string) *pane {
	if shared := l.node.w.window(epoch); shared != nil {
		return &pane{l, epoch, shared, true}
	}
	return &pane{l, epoch, memory.New(memory.Options{Events: l.node.w.plan.window, Life: windowLife}), false}
}

// learn is how a store finds out which history the database has: before it
// gives anything from there.
func (l *life) learn() {
	epoch := l.node.w.book.epoch()
	l.epoch.Store(&epoch)
}

// id tells one process from all others.
func (l *life) id() int64 { return int64(l.node.number)<<32 | l.number }

// crash ends a process at once, and has another one started after a while.
// It may be called from anywhere, more than once.
func (l *life) crash() {
	if !l.dead.CompareAndSwap(false, true) {
		return
	}
	w := l.node.w
	w.findings.line("node %d crashes", l.node.number)
	l.node.now.CompareAndSwap(l, nil)
	l.kill()
	l.dropSockets()
	w.note(func(t *Tally) { t.Crashes++ })
	w.goes(func() {
		l.end()
		time.Sleep(w.dice.span(4*time.Second, "down", l.id()))
		if !w.stopping() {
			l.node.start()
		}
	})
}

// dropSockets cuts all connections. What was on its way may still arrive.
func (l *life) dropSockets() {
	l.mu.Lock()
	sockets := l.sockets
	l.sockets = nil
	l.mu.Unlock()
	for i, s := range sockets {
		if l.node.w.dice.roll("lost", l.id(), int64(i)) < 0.5 {
			s.sever()
		}
		_ = s.Close()
	}
}

// end lets go of what is left of a process.
func (l *life) end() {
	l.dead.Store(true)
	l.kill()
	l.hub.Close()
	l.node.w.count(l.hub.Stats())
}

// stop has the process stand still for a while: its questions are not
// answered, its commits wait.
func (l *life) stop(d time.Duration) { l.stopped.Store(time.Now().Add(d).UnixNano()) }

// labour is the time that a write takes a busy process: meanwhile its other
// goroutines go on.
func (l *life) labour() {
	w := l.node.w
	if w.plan.busy > 0 && !w.healed.Load() {
		l.rest(w.dice.span(w.plan.busy, "labour", l.id()))
	}
}

// rest waits, longer while the process stands still. It returns false when it
// is dead.
func (l *life) rest(d time.Duration) bool { return l.wait(l.ctx, d) }

// wait is rest with somebody else's patience.
func (l *life) wait(ctx context.Context, d time.Duration) bool {
	for d > 0 && l.ctx.Err() == nil {
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-l.ctx.Done():
			timer.Stop()
		}
		d = time.Until(time.Unix(0, l.stopped.Load()))
	}
	return !l.dead.Load()
}

// principal is who a person is to the server.
func principal(who chat.UserRef, session chat.SessionID) chat.Principal {
	return chat.Principal{User: chat.User{UserRef: who, Role: chat.RoleMember}, Session: chat.Session{ID: session, User: who.ID}}
}
