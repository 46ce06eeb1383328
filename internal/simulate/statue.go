package simulate

import (
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// stand is the life of somebody who comes, joins all rooms, and never reads
// again. Whoever writes to them must not wait for that. Nobody asks in the end
// whether they have heard everything. Started by world.start, ends when all do.
func (p *person) stand() {
	for p.pause(p.within(time.Second)) {
		if s := p.connect(); s != nil {
			p.freeze(s)
			s.leave()
		}
	}
}

// freeze holds a connection without reading until its process is dead.
func (p *person) freeze(s *session) {
	for !s.isSeated() {
		if s.isOver() || !p.pause(100*time.Millisecond) {
			return
		}
	}
	s.doze(aeon)
	for room := range chat.RoomID(p.w.plan.rooms) {
		p.join(s, room+1)
	}
	for !s.life.dead.Load() && p.pause(time.Second) {
	}
	s.wake()
}

// aeon is longer than a world lasts.
const aeon = 24 * time.Hour
