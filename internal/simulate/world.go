package simulate

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/window"
	"github.com/parley-chat/parley/internal/window/memory"
)

// world is everything under one seed.
type world struct {
	plan   plan
	dice   dice
	random *rand.Rand // the nemesis's
	book   *book
	bus    *bus
	nodes  []*node
	people []*person
	statue *person // somebody who never reads; nil under some seeds

	healed   atomic.Bool   // nothing goes wrong any more
	ended    chan struct{} // closed when all are to stop
	outage   atomic.Int64  // the database is away until then, in nanoseconds
	repeated atomic.Int64
	running  sync.WaitGroup
	findings findings

	mu     sync.Mutex
	shared map[string]window.Window // guarded by mu; by epoch, as keys in Redis are
	tally  Tally                    // guarded by mu, but for what only the nemesis counts
}

func newWorld(seed uint64) *world {
	random := rand.New(rand.NewPCG(seed, 0x5eed))
	w := &world{
		plan: newPlan(random), dice: dice{mix(seed)}, random: random,
		ended: make(chan struct{}), shared: map[string]window.Window{},
	}
	w.book = newBook(w.plan.rooms)
	w.bus = newBus(w)
	for i := range w.plan.nodes {
		w.nodes = append(w.nodes, &node{w: w, number: i + 1})
	}
	for i := range w.plan.people {
		w.people = append(w.people, newPerson(w, chat.UserID(i+1)))
	}
	if w.plan.statue {
		w.statue = newPerson(w, chat.UserID(len(w.people)+1))
	}
	return w
}

// goes starts a goroutine that stop waits for.
func (w *world) goes(f func()) { w.running.Go(f) }

func (w *world) stopping() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// chance tells whether something goes wrong now that does so with the
// probability p.
func (w *world) chance(p float64, what string, parts ...int64) bool {
	return p > 0 && !w.healed.Load() && w.dice.roll(what, parts...) < p
}

// loses tells whether the bus loses a message.
func (w *world) loses(parts ...int64) bool {
	if w.healed.Load() {
		return w.plan.deaf
	}
	return w.dice.roll("lose", parts...) < w.plan.lose
}

func (w *world) databaseDown() bool {
	return !w.healed.Load() && time.Now().UnixNano() < w.outage.Load()
}

// window gives the one that all nodes share, nil if each has its own.
func (w *world) window(epoch string) window.Window {
	if !w.plan.shared {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shared[epoch] == nil {
		w.shared[epoch] = memory.New(memory.Options{Events: w.plan.window, Life: windowLife})
	}
	return w.shared[epoch]
}

// wipe empties the window that all share.
func (w *world) wipe() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, shared := range w.shared {
		_ = shared.Close()
	}
}

func (w *world) start() {
	for _, n := range w.nodes {
		n.start()
	}
	for _, p := range w.people {
		w.goes(p.run)
	}
	if w.statue != nil {
		w.goes(w.statue.stand)
	}
}

// heal ends the faults; what they have left behind goes on.
func (w *world) heal() {
	w.healed.Store(true)
	w.bus.down.Store(false)
	for _, n := range w.nodes {
		if l := n.now.Load(); l != nil {
			l.stopped.Store(0)
			l.hub.LayerChanged()
		}
	}
}

// settle waits until everybody has everything, or should have.
func (w *world) settle() {
	const step = 500 * time.Millisecond
	promise, left := Progress, "nothing"
	for waited := time.Duration(0); waited < settleTime && left != ""; waited += step {
		time.Sleep(step)
		promise, left = w.unsettled()
	}
	if left != "" {
		w.findings.add(promise, "%v after the last fault: %s", settleTime, left)
	}
}

// unsettled names somebody who lacks something, "" if nobody does.
func (w *world) unsettled() (Promise, string) {
	for _, p := range w.people {
		if promise, lack := p.lacks(); lack != "" {
			return promise, fmt.Sprintf("person %d %s", p.who.ID, lack)
		}
	}
	return "", ""
}

func (w *world) stop() {
	close(w.ended)
	for _, n := range w.nodes {
		if l := n.now.Load(); l != nil {
			l.end()
		}
	}
	w.running.Wait()
}

// count adds what a hub has done to the tally.
func (w *world) count(s realtime.Stats) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tally.Replayed += int(s.Replayed)
	w.tally.Holes += int(s.Holes)
	w.tally.WindowReads += int(s.WindowReads)
	w.tally.StoreReads += int(s.StoreReads)
}
