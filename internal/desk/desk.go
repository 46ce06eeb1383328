// Package desk asks one question for many callers. After a restart thousands
// come at once who each need the same small thing of the database, and to ask
// for a hundred of them costs little more than to ask for one. It owns who
// waits; what is asked it does not know.
package desk

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/parley-chat/parley/internal/chat"
)

// Most is for how many callers one question is asked at most.
const Most = 100

// maxWaiting bounds who waits: more are refused, while the database hangs.
const maxWaiting = 20_000

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
	ctx      context.Context
	question Q
	answer   A
	err      error
	done     chan struct{} // closed when answered
}

// New makes a desk. ask gets up to Most questions and gives as many answers in
// the same order, or an error for all; it must come to an end by itself. start
// runs serve in a goroutine, which ends as soon as nobody waits; it returns
// false if none are started any more.
func New[Q, A any](start func(serve func()) bool, ask func([]Q) ([]A, error)) *Desk[Q, A] {
	return &Desk[Q, A]{ask: ask, start: start}
}

// Ask gives the answer, from a question that was asked after the call began.
// The error is that of the question or of the context, chat.ErrOverloaded if
// too many wait, or chat.ErrUnavailable if no clerk is started any more.
func (d *Desk[Q, A]) Ask(ctx context.Context, question Q) (answer A, err error) {
	c := &caller[Q, A]{ctx: ctx, question: question, done: make(chan struct{})}
	if err := d.queue(c); err != nil {
		return answer, err
	}
	select {
	case <-c.done:
		return c.answer, c.err
	case <-ctx.Done():
		return answer, ctx.Err()
	}
}

// queue has the caller wait, and sees to it that there is a clerk.
func (d *Desk[Q, A]) queue(c *caller[Q, A]) error {
	hire, err := d.add(c)
	if hire && !d.start(d.serve) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.serving--
		d.waiting = slices.DeleteFunc(d.waiting, func(other *caller[Q, A]) bool { return other == c })
		return chat.ErrUnavailable
	}
	return err
}

// add reports whether a further clerk is wanted.
func (d *Desk[Q, A]) add(c *caller[Q, A]) (hire bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waiting) >= maxWaiting {
		return false, chat.ErrOverloaded
	}
	d.waiting = append(d.waiting, c)
	if d.serving < clerks {
		d.serving++
		hire = true
	}
	return hire, nil
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

// take gives up to Most of those who wait, in their order, and forgets who has
// given up; nobody ends the clerk.
func (d *Desk[Q, A]) take() []*caller[Q, A] {
	d.mu.Lock()
	defer d.mu.Unlock()
	var callers []*caller[Q, A]
	for len(d.waiting) > 0 && len(callers) < Most {
		if c := d.waiting[0]; c.ctx.Err() == nil {
			callers = append(callers, c)
		}
		d.waiting[0] = nil // the array may live on
		d.waiting = d.waiting[1:]
	}
	if len(callers) == 0 {
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
