package realtime

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/parley-chat/parley/internal/wire"
)

// counters count since the hub was made; laggards is a gauge.
type counters struct {
	deliveries, writes, bytes, replayed atomic.Uint64
	windowReads, storeReads, holes      atomic.Uint64
	refused, unsent, forged, turns      atomic.Uint64
	laggards                            atomic.Int64

	mu     sync.Mutex
	closes map[wire.CloseCode]uint64 // guarded by mu
}

// Stats is a snapshot of what a hub has done since it was made, and of what
// it holds now.
type Stats struct {
	Connections int // open now
	Rooms       int // active now: somebody here is in them, or was lately
	Laggards    int // connections that are behind now
	Kept        int // events in the rings of the active rooms
	Held        int // events that wait for earlier ones

	Deliveries  uint64 // events handed to connections that keep up
	Writes      uint64 // in this many writes
	Bytes       uint64 // with this many bytes
	Replayed    uint64 // events handed out to catch up
	Holes       uint64 // times that events were missing and had to be fetched
	WindowReads uint64 // pages of events read from the window
	StoreReads  uint64 // and from the database
	Refused     uint64 // private frames for which there was no room
	Unsent      uint64 // messages that the layer did not take
	Forged      uint64 // messages over the layer that no node of ours has sent
	Turns       uint64 // times that the database had another history
	Dropped     uint64 // events and signals that did not fit into the outbox
	Closes      map[wire.CloseCode]uint64
}

// Stats gives a snapshot.
func (h *Hub) Stats() Stats {
	c := &h.stats
	s := Stats{
		Connections: h.people.count(), Rooms: h.countRooms(), Laggards: int(c.laggards.Load()),
		Deliveries: c.deliveries.Load(), Writes: c.writes.Load(), Bytes: c.bytes.Load(),
		Replayed: c.replayed.Load(), Holes: c.holes.Load(),
		WindowReads: c.windowReads.Load(), StoreReads: c.storeReads.Load(),
		Refused: c.refused.Load(), Unsent: c.unsent.Load(), Forged: c.forged.Load(), Turns: c.turns.Load(), Dropped: h.dropped(),
	}
	s.Kept, s.Held = h.countEvents()
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Closes = maps.Clone(c.closes)
	return s
}

// countEvents counts what the active rooms keep and hold.
func (h *Hub) countEvents() (kept, held int) {
	h.mu.RLock()
	rooms := slices.Collect(maps.Values(h.rooms))
	h.mu.RUnlock()
	for _, r := range rooms {
		r.mu.Lock()
		kept += len(r.log.starts)
		held += len(r.held)
		r.mu.Unlock()
	}
	return kept, held
}

// maxCodes bounds the codes that are counted one by one: peers choose theirs.
const maxCodes = 64

// closed counts the end of a connection.
func (c *counters) closed(code wire.CloseCode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closes == nil {
		c.closes = map[wire.CloseCode]uint64{}
	}
	if _, known := c.closes[code]; !known && len(c.closes) >= maxCodes {
		code = 0
	}
	c.closes[code]++
}
