package simulate

import (
	"math/rand/v2"
	"time"
)

// plan is what a seed decides beforehand: how large the world is, and how
// often what goes wrong. Each kind of trouble is absent under some seeds, so
// that none hides behind the others.
type plan struct {
	nodes, rooms, people int
	chaos                time.Duration // how long things go wrong

	shared bool // one window for all nodes, such as Redis; otherwise one each
	ring   int  // events in each hub's rings
	window int  // events in a window
	socket int  // bytes on their way in each direction
	idle   time.Duration
	busy   time.Duration // a write takes at most this
	pace   time.Duration // from one thing that a person does to the next at most
	homely bool          // people keep their connections as long as they can
	statue bool          // somebody never reads

	slow    time.Duration // a question to the database takes at most this
	fail    float64       // of the questions and commits
	unknown float64       // of the commits: done, but nobody is told
	crash   float64       // of the commits, at each of the named points

	lose, double float64       // of the layer's messages
	late         time.Duration // they take at most this
	deaf         bool          // in the end the layer loses everything
}

func newPlan(r *rand.Rand) plan {
	return plan{
		nodes: 1 + r.IntN(3), rooms: 1 + r.IntN(3), people: 2 + r.IntN(3),
		chaos:  time.Duration(10+r.IntN(20)) * time.Second,
		shared: r.IntN(2) == 0,
		ring:   one(r, 2, 8, 64, 1024), window: one(r, 3, 16, 5000), socket: one(r, 700, 2000, 64<<10),
		idle:    one(r, time.Second, 30*time.Second),
		slow:    one(r, time.Millisecond, 20*time.Millisecond, 400*time.Millisecond),
		fail:    one(r, 0, 0.02, 0.2),
		unknown: one(r, 0, 0.02, 0.1),
		crash:   one(r, 0, 0, 0.01, 0.03),
		lose:    one(r, 0, 0.1, 0.5, 1), double: one(r, 0, 0.2),
		late:   one(r, time.Millisecond, 30*time.Millisecond, 3*time.Second),
		deaf:   r.IntN(2) == 0,
		busy:   one(r, 0, 100*time.Microsecond, 10*time.Millisecond, 400*time.Millisecond),
		pace:   one(r, 200*time.Millisecond, 1200*time.Millisecond, 1200*time.Millisecond),
		homely: r.IntN(3) == 0, statue: r.IntN(3) == 0,
	}
}

func one[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }
