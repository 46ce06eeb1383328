package simulate

import "time"

// nemesis has things go wrong for a while.
func (w *world) nemesis() {
	for end := time.Now().Add(w.plan.chaos); time.Now().Before(end); {
		time.Sleep(time.Duration(1 + w.random.Int64N(int64(3*time.Second))))
		w.strike(w.random.IntN(14))
	}
}

// strike does one of many things.
func (w *world) strike(what int) {
	n := w.nodes[w.random.IntN(len(w.nodes))]
	span := time.Duration(1 + w.random.Int64N(int64(6*time.Second)))
	w.checkBounds()
	l := n.now.Load()
	w.findings.line("nemesis strikes with %d at node %d", what, n.number)
	switch {
	case what == 0 && w.random.IntN(2) == 0:
		w.restore(w.random.IntN(6))
	case what == 1:
		w.outage.Store(time.Now().Add(span / 2).UnixNano())
	case what == 2:
		w.wipe()
	case what == 3 || what == 4:
		w.turnBus(what == 3)
	case what == 5:
		w.endSession(w.people[w.random.IntN(len(w.people))], n)
	case what == 6 && l != nil && w.plan.crash > 0:
		l.crash()
	case what == 7 && l != nil:
		l.stop(span)
	case what == 8 && l != nil:
		l.skew.Store(w.random.Int64N(2*int64(skewed)) - int64(skewed))
	}
}

// skewed is how far clocks jump at most, in both directions.
const skewed = 400 * 24 * time.Hour

// turnBus takes the bus away or gives it back; the layers notice.
func (w *world) turnBus(down bool) {
	if w.plan.nodes == 1 || w.bus.down.Swap(down) == down {
		return
	}
	for _, n := range w.nodes {
		if l := n.now.Load(); l != nil {
			l.hub.LayerChanged()
		}
	}
}

// restore puts a copy of the database in its place that lacks the newest
// events, as a backup or a standby may. Processes may live through that.
func (w *world) restore(lost int) {
	w.note(func(t *Tally) { t.Restores++ })
	alive := w.random.IntN(3) > 0
	for _, n := range w.nodes {
		if l := n.now.Load(); l != nil && !alive {
			l.crash()
		}
	}
	w.book.restore(lost)
}

// endSession signs a person out through a node, which tells the others.
func (w *world) endSession(p *person, n *node) {
	if l := n.now.Load(); l != nil {
		w.note(func(t *Tally) { t.SessionsEnded++ })
		l.hub.SessionsEnded(p.endSession())
	}
}
