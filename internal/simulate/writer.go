package simulate

import (
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// job is a change on its way into the book.
type job struct {
	by     chat.UserRef
	room   chat.RoomID
	change chat.Change
	done   func(outcome, error)
}

const (
	maxQueue = 1000
	maxGroup = 8 // changes in one commit
)

// enqueue takes a change, as store.Log does: done is called once, unless the
// process dies before.
func (l *life) enqueue(j job) {
	l.mu.Lock()
	full := len(l.queue) >= maxQueue
	if !full {
		l.queue = append(l.queue, j)
	}
	l.mu.Unlock()
	if full {
		j.done(outcome{}, chat.ErrOverloaded)
		return
	}
	select {
	case l.ring <- struct{}{}:
	default:
	}
}

// write commits what waits, group by group. Started with the process, ends
// with it.
func (l *life) write() {
	for {
		select {
		case <-l.ring:
		case <-l.ctx.Done():
			return
		}
		for group := l.take(); len(group) > 0; group = l.take() {
			if !l.commit(group) {
				return
			}
		}
	}
}

func (l *life) take() []job {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.queue), maxGroup)
	group := l.queue[:n:n]
	l.queue = l.queue[n:]
	return group
}

// commit writes a group, tells the hub and answers, with a crash in between
// where the seed wants one. It returns false when the process is dead.
func (l *life) commit(group []job) bool {
	w := l.node.w
	if !l.rest(w.dice.span(w.plan.slow, "commit", l.id())) || l.diesAt("before the commit") {
		return false
	}
	if w.databaseDown() || w.chance(w.plan.fail, "commit fails", l.id()) {
		l.answer(group, nil, chat.ErrUnavailable)
		return true
	}
	results, events := l.inscribe(group)
	if l.diesAt("after the commit") {
		return false
	}
	if w.chance(w.plan.unknown, "outcome unknown", l.id()) {
		l.answer(group, nil, chat.ErrUnavailable)
		return true
	}
	if w.dice.roll("listener late", l.id()) < 0.3 && !l.rest(w.dice.span(w.plan.slow, "listener", l.id())) {
		return false
	}
	l.hub.Committed(events)
	if l.diesAt("after telling the hub") || !l.rest(w.dice.span(time.Millisecond, "answer", l.id())) {
		return false
	}
	l.answer(group, results, nil)
	return true
}

// diesAt is one of the named points at which a process may crash.
func (l *life) diesAt(point string) bool {
	if l.node.w.chance(l.node.w.plan.crash, point, l.id()) {
		l.crash()
	}
	return l.dead.Load()
}

type result struct {
	outcome
	err error
}

// inscribe is the commit itself: one moment for the whole group.
func (l *life) inscribe(group []job) (results []result, events []chat.Event) {
	l.learn()
	for _, j := range group {
		l.node.w.findings.line("node %d commits of person %d in room %d: %+v", l.node.number, j.by.ID, j.room, j.change)
		out, err := l.node.w.book.change(j.by, j.room, j.change)
		results = append(results, result{out, err})
		if out.event.Seq > 0 {
			events = append(events, out.event)
		}
	}
	return results, events
}

func (l *life) answer(group []job, results []result, failure error) {
	for i, j := range group {
		if failure != nil {
			j.done(outcome{}, failure)
		} else {
			j.done(results[i].outcome, results[i].err)
		}
	}
}
