package realtime

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// presence is who watches which room, and what they have been told of the
// people there: who is connected, and who writes. Nothing of it is stored. Of
// other locks only that of people is taken under its own.
type presence struct {
	hub    *Hub
	active atomic.Int32 // number of rooms: mostly none, and then nothing else is done

	mu       sync.Mutex
	rooms    map[chat.RoomID]*watch      // guarded by mu
	watching map[*conn][]chat.RoomID     // guarded by mu
	leaving  map[chat.UserID]time.Time   // guarded by mu; whose last connection ended, and when
	typed    map[typist]time.Time        // guarded by mu; when it was last forwarded
	changed  map[chat.RoomID]stateByUser // guarded by mu; to be told at the next tick
}

// watch is one room that is watched, from here or from another node.
type watch struct {
	conns []*conn
	here  map[chat.UserID]bool // who is connected to this node
	away  away
	held  *room // kept active for watchers that are not in it; nil on a single node
}

type typist struct {
	user chat.UserID
	room chat.RoomID
}

type stateByUser map[chat.UserID]string

// The states of a person.
const (
	stateActive  = "active"
	stateOffline = "offline"
)

// Bounds of presence.
const (
	maxWatches = 100    // rooms that one connection watches
	maxListed  = 2_000  // people in the first presence frame of a room
	maxTypists = 10_000 // remembered, to slow them down
)

var errTooManyWatches = &chat.Error{Kind: chat.Unprocessable, Code: "too_many_watches", Detail: "A connection can watch at most 100 rooms. Unwatch one first."}

func (p *presence) init(h *Hub) {
	p.hub = h
	p.rooms = map[chat.RoomID]*watch{}
	p.watching = map[*conn][]chat.RoomID{}
	p.leaving = map[chat.UserID]time.Time{}
	p.typed = map[typist]time.Time{}
	p.changed = map[chat.RoomID]stateByUser{}
}

// list is the frame with all who are in a room.
func (p *presence) list(room chat.RoomID) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := stateByUser{}
	if w := p.rooms[room]; w != nil {
		for user := range w.present() {
			if len(all) == maxListed {
				break
			}
			all[user] = stateActive
		}
	}
	return presenceFrame(room, all)
}

func presenceFrame(room chat.RoomID, states stateByUser) []byte {
	frame := wire.Presence{Type: "presence", Room: room, Users: make([]wire.PresenceState, 0, len(states))}
	for user, state := range states {
		frame.Users = append(frame.Users, wire.PresenceState{ID: user, State: state})
	}
	slices.SortFunc(frame.Users, func(a, b wire.PresenceState) int { return int(a.ID - b.ID) })
	return signalFrame(frame)
}

// came notes that a connection sits in a room.
func (p *presence) came(r *room, c *conn) {
	if p.active.Load() > 0 {
		p.appear(r.id, c.user())
	}
}

func (p *presence) appear(room chat.RoomID, user chat.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.rooms[room]; w != nil && !w.here[user] {
		if !w.isElsewhere(user) {
			p.change(room, user, stateActive)
		}
		w.here[user] = true
		w.away.news = true
	}
}

// change has the watchers told at the next tick. Caller holds p.mu.
func (p *presence) change(room chat.RoomID, user chat.UserID, state string) {
	if p.changed[room] == nil {
		p.changed[room] = stateByUser{}
	}
	p.changed[room][user] = state
}

// leave forgets a connection. After the person's last they go offline, unless
// they are back soon.
func (p *presence) leave(c *conn, last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, room := range p.watching[c] {
		p.strike(c, room)
	}
	delete(p.watching, c)
	if last && len(p.rooms) > 0 {
		p.leaving[c.user()] = time.Now()
	}
}

// run tells the watchers what has changed. Started by New, ends with the hub.
func (p *presence) run() {
	for p.hub.pause(p.hub.timing.PresenceTick) {
		now := time.Now()
		for _, t := range p.news(now) {
			p.hub.tell(t.conns, t.frame)
		}
		for _, d := range p.newsForNodes(now) {
			p.hub.post(d)
		}
	}
}

// tidings are a frame for some watchers.
type tidings struct {
	conns []*conn
	frame []byte
}

func (p *presence) news(now time.Time) []tidings {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sendOff(now)
	p.expireNodes(now)
	for who, at := range p.typed {
		if now.Sub(at) > p.hub.timing.TypingEvery {
			delete(p.typed, who)
		}
	}
	var all []tidings
	for room, states := range p.changed {
		if w := p.rooms[room]; w != nil {
			all = append(all, tidings{w.conns, presenceFrame(room, states)})
		}
	}
	clear(p.changed)
	return all
}

// sendOff turns those offline who did not come back. Caller holds p.mu.
func (p *presence) sendOff(now time.Time) {
	for user, since := range p.leaving {
		if now.Sub(since) < p.hub.timing.OfflineGrace {
			continue
		}
		delete(p.leaving, user)
		if p.hub.people.here(user) {
			continue
		}
		for room := range p.rooms {
			p.vanish(room, user)
		}
	}
}

// left notes that a person is no longer in a room.
func (p *presence) left(room chat.RoomID, user chat.UserID) {
	if p.active.Load() > 0 {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.vanish(room, user)
	}
}

// vanish takes a person off those who are here. Caller holds p.mu.
func (p *presence) vanish(room chat.RoomID, user chat.UserID) {
	w := p.rooms[room]
	if w == nil || !w.here[user] {
		return
	}
	delete(w.here, user)
	w.away.news = true
	if !w.isElsewhere(user) {
		p.change(room, user, stateOffline)
	}
}
