package realtime

import (
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// spokes is how many slots the wheel has: each connection has its turn once
// in a heartbeat, and they are spread evenly.
const spokes = 25

// wheel is the heartbeat of a shard's connections: one ticker for all of
// them instead of timers for each. It belongs to the shard's goroutine.
type wheel struct {
	step    time.Duration
	patient int // steps from a ping to the look whether an answer came
	now     int
	next    uint8 // slot of the next connection
	slots   [spokes][]*conn
	fresh   []*conn // have not resumed, oldest first
}

func (w *wheel) init(t Timing) {
	w.step = t.Heartbeat / spokes
	w.patient = min(int((t.PongWait+w.step-1)/w.step), spokes-1)
}

func (w *wheel) add(c *conn, now time.Time) {
	c.slot, c.fresh.since = w.next, now
	w.next = (w.next + 1) % spokes
	c.place = int32(len(w.slots[c.slot]))
	w.slots[c.slot] = append(w.slots[c.slot], c)
	w.fresh = append(w.fresh, c)
}

func (w *wheel) remove(c *conn) {
	slot := w.slots[c.slot]
	if int(c.place) >= len(slot) || slot[c.place] != c {
		return
	}
	moved := slot[len(slot)-1]
	slot[c.place], moved.place = moved, c.place
	slot[len(slot)-1] = nil
	w.slots[c.slot] = slot[:len(slot)-1]
}

// pingFrames are a WebSocket ping, for peers that answer it by themselves,
// and one that pages can see.
var pingFrames = append(appendHeader(nil, finPing, 0), signalFrame(wire.Ping{Type: "ping"})...)

// beat turns the wheel by one slot: pings go out to the connections in it,
// and those that were pinged a while ago must have answered.
func (s *shard) beat() {
	w := &s.wheel
	w.now = (w.now + 1) % spokes
	for _, c := range w.slots[(w.now+spokes-w.patient)%spokes] {
		if c.lag == nil && !c.alive.Load() {
			c.close(wire.CloseNoHeartbeat, "no heartbeat answer")
		}
	}
	now := s.hub.now().UnixMilli()
	for _, c := range w.slots[w.now] {
		if c.expires > 0 && now > c.expires {
			c.close(wire.CloseSessionEnded, "session expired")
			continue
		}
		if c.lag == nil {
			c.alive.Store(false)
			s.queue(c, pingFrames)
		}
	}
	s.flushAll()
	s.rushFresh()
}

// rushFresh closes the connections that have had their time to resume.
func (s *shard) rushFresh() {
	w := &s.wheel
	before := time.Now().Add(-s.hub.timing.ResumeWait)
	n := 0
	for n < len(w.fresh) && (w.fresh[n].state != connNew || w.fresh[n].fresh.since.Before(before)) {
		if c := w.fresh[n]; c.state == connNew {
			c.rush()
		}
		w.fresh[n] = nil
		n++
	}
	w.fresh = w.fresh[n:]
	if len(w.fresh) == 0 {
		w.fresh = nil
	}
}

// rush closes a connection that has not resumed in time. If it has asked, it is
// our database that is late, and it may try again.
func (c *conn) rush() {
	if c.awaits.Load() {
		c.close(wire.CloseOverloaded, retryReason)
		return
	}
	c.close(wire.ClosePolicy, "resume did not come in time")
}
