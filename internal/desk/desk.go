// Package desk asks one question for many callers. After a restart thousands
// come at once who each need the same small thing of the database, and to ask
// for a hundred of them costs little more than to ask for one. It owns who
// waits; what is asked it does not know.
package desk

import (
	"context"
	"runtime"
	"sync"
)

// Most is for how many callers one question is asked at most.
const Most = 100

// clerks is how many questions are on their way at a time: one may wait for
// the database, and the other goes on.
const clerks = 2

// Desk answers callers with an A for their Q each. Make it by New; it is safe
// for concurrent use.
type Desk[Q, A any] struct {
	ask   func([]Q) ([]A, error)
	start func(serve func()) bool

	mu      sync.Mutex
	waiting []*caller[Q, A] // guarded by mu
	serving int             // clerks at work; guarded by mu
}

type caller[Q, A any] struct {
	question Q
	answer   A
	err      error
	done     chan struct{} // closed when answered
}

// New makes a desk. ask gets up to Most questions and gives as many answers in
// the same order, or an error for all; it must come to an end by itself. start
// runs serve in a goroutine, which ends as soon as nobody waits; if it returns
// false, nobody is answered any more.
func New[Q, A any](start func(serve func()) bool, ask func([]Q) ([]A, error)) *Desk[Q, A] {
	return &Desk[Q, A]{ask: ask, start: start}
}

// Ask gives the answer, from a question that was asked after the call began.
// The error is that of the question, or of the context.
func (d *Desk[Q, A]) Ask(ctx context.Context, question Q) (A, error) {
	c := &caller[Q, A]{question: question, done: make(chan struct{})}
	if d.queue(c) && !d.start(d.serve) {
		d.leave()
	}
	select {
	case <-c.done:
		return c.answer, c.err
	case <-ctx.Done():
		var none A
		return none, ctx.Err()
	}
}

// queue reports whether a further clerk is wanted.
func (d *Desk[Q, A]) queue(c *caller[Q, A]) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, c)
	if d.serving == clerks {
		return false
	}
	d.serving++
	return true
}

func (d *Desk[Q, A]) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.serving--
}

// serve answers until nobody waits.
func (d *Desk[Q, A]) serve() {
	for {
		// Who can run now may be about to ask, too. Without this a clerk is
		// there for one or two callers: it runs as soon as the first waits.
		runtime.Gosched()
		callers := d.take()
		if len(callers) == 0 {
			return
		}
		d.answer(callers)
	}
}

// take gives up to Most of those who wait, in their order; nil ends the clerk.
func (d *Desk[Q, A]) take() []*caller[Q, A] {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := min(len(d.waiting), Most)
	callers := d.waiting[:n:n]
	if d.waiting = d.waiting[n:]; len(d.waiting) == 0 {
		d.waiting = nil
	}
	if n == 0 {
		d.serving--
	}
	return callers
}

func (d *Desk[Q, A]) answer(callers []*caller[Q, A]) {
	questions := make([]Q, len(callers))
	for i, c := range callers {
		questions[i] = c.question
	}
	answers, err := d.ask(questions)
	for i, c := range callers {
		if c.err = err; err == nil {
			c.answer = answers[i]
		}
		close(c.done)
	}
}
