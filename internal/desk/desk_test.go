package desk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/desk"
)

// office has a desk that doubles numbers. Clerks wait for the gate, if there
// is one, and their goroutines are counted.
type office struct {
	*desk.Desk[int, int]
	gate    chan struct{}
	clerks  atomic.Int64
	refuses bool

	mu    sync.Mutex
	asked [][]int // guarded by mu
	err   error
}

func open(gate chan struct{}) *office {
	o := &office{gate: gate}
	o.Desk = desk.New(o.start, o.double)
	return o
}

func (o *office) start(serve func()) bool {
	if o.refuses {
		return false
	}
	o.clerks.Add(1)
	go func() {
		defer o.clerks.Add(-1)
		serve()
	}()
	return true
}

func (o *office) double(questions []int) ([]int, error) {
	o.mu.Lock()
	o.asked = append(o.asked, questions)
	o.mu.Unlock()
	if o.gate != nil {
		<-o.gate
	}
	answers := make([]int, len(questions))
	for i, q := range questions {
		answers[i] = 2 * q
	}
	return answers, o.err
}

// call has so many callers ask, and gives their errors once all are answered.
func (o *office) call(ctx context.Context, callers int) func() error {
	errs := make([]error, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			answer, err := o.Ask(ctx, i)
			if err == nil && answer != 2*i {
				err = fmt.Errorf("%d doubled is %d", i, answer)
			}
			errs[i] = err
		})
	}
	return func() error {
		all.Wait()
		return errors.Join(errs...)
	}
}

func TestEverybodyGetsTheAnswerToTheirQuestion(t *testing.T) {
	o := open(nil)
	if err := o.call(t.Context(), 5000)(); err != nil {
		t.Error(err)
	}
}

func TestWhoWaitsIsAskedForTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(make(chan struct{}))
		wait := o.call(t.Context(), 4*desk.Most)
		synctest.Wait() // two clerks are away with a question each, and all others wait
		if len(o.asked) != 2 {
			t.Fatalf("%d questions are on their way, want 2", len(o.asked))
		}
		close(o.gate)
		if err := wait(); err != nil {
			t.Error(err)
		}
		total := 0
		for _, questions := range o.asked {
			total += len(questions)
			if len(questions) > desk.Most {
				t.Errorf("%d were asked for at once", len(questions))
			}
		}
		if total != 4*desk.Most || len(o.asked) > 6 {
			t.Errorf("%d questions for %d callers", len(o.asked), total)
		}
		synctest.Wait()
		if n := o.clerks.Load(); n != 0 {
			t.Errorf("%d clerks stay when nobody waits", n)
		}
	})
}

func TestAnErrorIsEverybodysAndPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(make(chan struct{}))
		o.err = errors.New("away")
		wait := o.call(t.Context(), 3)
		close(o.gate)
		if err := wait(); !errors.Is(err, o.err) {
			t.Errorf("got %v, want %v", err, o.err)
		}
		synctest.Wait()
		o.err = nil
		if err := o.call(t.Context(), 3)(); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoGivesUpIsNotAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(make(chan struct{}))
		away := o.call(t.Context(), 2)
		synctest.Wait() // both clerks are away
		ctx, cancel := context.WithCancel(t.Context())
		impatient := o.call(ctx, 10*desk.Most)
		synctest.Wait()
		cancel()
		if err := impatient(); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
		patient := o.call(t.Context(), 1)
		synctest.Wait()
		close(o.gate)
		if err := errors.Join(away(), patient()); err != nil {
			t.Error(err)
		}
		if n := len(o.asked); n != 3 {
			t.Errorf("%d questions for three callers who waited", n)
		}
	})
}

func TestAQuestionIsAskedAfterItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(make(chan struct{}))
		early := o.call(t.Context(), 1)
		synctest.Wait() // the question is on its way: its answer may be old
		late := o.call(t.Context(), 1)
		synctest.Wait()
		close(o.gate)
		if err := errors.Join(early(), late()); err != nil || len(o.asked) != 2 {
			t.Errorf("the same was asked %d times, %v, want 2", len(o.asked), err)
		}
	})
}

func TestNoMoreThanSoManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(make(chan struct{}))
		wait := o.call(t.Context(), 21_000) // some are with a clerk
		synctest.Wait()
		close(o.gate)
		if err := wait(); !errors.Is(err, chat.ErrOverloaded) {
			t.Errorf("got %v, want overloaded", err)
		}
		if err := o.call(t.Context(), 10)(); err != nil {
			t.Error(err)
		}
	})
}

func TestADeskThatIsClosedAnswersNobody(t *testing.T) {
	o := open(nil)
	o.refuses = true
	for range 3 {
		if _, err := o.Ask(t.Context(), 1); !errors.Is(err, chat.ErrUnavailable) {
			t.Errorf("got %v, want unavailable", err)
		}
	}
}
