package realtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// presence is who watches which room, and what they have been told of the
// people there: who is here, and who writes. All of it is of this node and
// nothing is stored. Of other locks only that of people is taken under its
// own.
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

// watch is one room that is watched.
type watch struct {
	conns []*conn
	here  map[chat.UserID]bool // as told to the watchers
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

// onWatch lets the connection see presence and typing of a room.
func (c *conn) onWatch(id int64, room chat.RoomID) {
	err := c.ask(func(ctx context.Context) error { return c.hub.chat.CanRead(ctx, *c.principal, room) })
	if err == nil {
		err = c.hub.presence.watch(c, room)
	}
	c.answer(id, err)
	if err == nil {
		c.shard.postWaiting(c, c.hub.presence.list(room))
	}
}

// watch adds a watcher. For the first of a room it finds out who is here.
func (p *presence) watch(c *conn, room chat.RoomID) error {
	first, err := p.enlist(c, room)
	if err != nil || !first {
		return err
	}
	r := p.hub.room(room)
	if r == nil {
		return nil
	}
	for _, user := range p.hub.membersHere(r) {
		p.appear(room, user)
	}
	return nil
}

func (p *presence) enlist(c *conn, room chat.RoomID) (first bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.watching[c], room) {
		return false, nil
	}
	if len(p.watching[c]) >= maxWatches {
		return false, errTooManyWatches
	}
	w := p.rooms[room]
	if w == nil {
		w = &watch{here: map[chat.UserID]bool{}}
		p.rooms[room], first = w, true
		p.active.Add(1)
	}
	w.conns = append(w.conns, c)
	p.watching[c] = append(p.watching[c], room)
	return first, nil
}

// membersHere asks the shards who is connected to this node and in the room.
func (h *Hub) membersHere(r *room) []chat.UserID {
	answers := make(chan []chat.UserID, len(h.shards))
	for _, s := range h.shards {
		s.command(func() { answers <- s.usersIn(r) })
	}
	var users []chat.UserID
	for range h.shards {
		select {
		case some := <-answers:
			users = append(users, some...)
		case <-h.ctx.Done():
			return nil
		}
	}
	return users
}

func (s *shard) usersIn(r *room) []chat.UserID {
	var users []chat.UserID
	if p := r.partOf(s); p != nil {
		for _, c := range p.members {
			users = append(users, c.user())
		}
	}
	return users
}

// list is the frame with all who are in a room.
func (p *presence) list(room chat.RoomID) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := stateByUser{}
	if w := p.rooms[room]; w != nil {
		for user := range w.here {
			if len(all) < maxListed {
				all[user] = stateActive
			}
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

// unwatch ends what watch began.
func (p *presence) unwatch(c *conn, room chat.RoomID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rooms := p.watching[c]
	i := slices.Index(rooms, room)
	if i < 0 {
		return
	}
	if rooms = slices.Delete(rooms, i, i+1); len(rooms) == 0 {
		delete(p.watching, c)
	} else {
		p.watching[c] = rooms
	}
	p.strike(c, room)
}

// strike takes a connection off a room's list. Caller holds p.mu.
func (p *presence) strike(c *conn, room chat.RoomID) {
	w := p.rooms[room]
	w.conns = slices.DeleteFunc(slices.Clone(w.conns), func(other *conn) bool { return other == c })
	if len(w.conns) > 0 {
		return
	}
	delete(p.rooms, room)
	delete(p.changed, room)
	p.active.Add(-1)
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
		w.here[user] = true
		p.change(room, user, stateActive)
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
		for _, t := range p.news(time.Now()) {
			p.hub.tell(t.conns, t.frame)
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
		for room, w := range p.rooms {
			if w.here[user] {
				delete(w.here, user)
				p.change(room, user, stateOffline)
			}
		}
	}
}

// typing forwards that the person writes in a room, not too often.
func (c *conn) typing(room chat.RoomID) error {
	p := &c.hub.presence
	if err := c.ask(func(ctx context.Context) error { return c.hub.chat.CanRead(ctx, *c.principal, room) }); err != nil {
		return err
	}
	who := c.principal.User.UserRef
	if !p.mayType(typist{who.ID, room}, time.Now()) {
		return nil
	}
	p.showTyping(room, who)
	if !c.hub.single {
		c.hub.outbox.add(delivery{group: group(room), signal: c.hub.message(msgTyping,
			channellayer.Int("room", int64(room)), channellayer.Int("user", int64(who.ID)),
			channellayer.Text("username", who.Username), channellayer.Text("name", who.Name))})
	}
	return nil
}

func (p *presence) mayType(who typist, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.typed[who]) < p.hub.timing.TypingEvery || len(p.typed) >= maxTypists {
		return false
	}
	p.typed[who] = now
	return true
}

// showTyping tells the watchers of a room, but not the person, who writes.
func (p *presence) showTyping(room chat.RoomID, who chat.UserRef) {
	frame := signalFrame(wire.Typing{Type: "typing", Room: room, User: wire.UserRefOf(who)})
	for _, c := range p.watchers(room) {
		if c.user() != who.ID {
			c.shard.post(c, frame)
		}
	}
}

func (p *presence) watchers(room chat.RoomID) []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.rooms[room]; w != nil {
		return slices.Clone(w.conns)
	}
	return nil
}

// recheck ends the watching of those who may not read the room any more.
func (p *presence) recheck(room chat.RoomID) {
	for _, c := range p.watchers(room) {
		err := c.ask(func(ctx context.Context) error { return p.hub.chat.CanRead(ctx, *c.principal, room) })
		var refusal *chat.Error
		if errors.As(err, &refusal) && refusal.Kind != chat.Unavailable {
			p.unwatch(c, room)
		}
	}
}
