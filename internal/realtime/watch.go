package realtime

import (
	"context"
	"maps"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
)

// onWatch lets the connection see presence and typing of a room.
func (c *conn) onWatch(id int64, room chat.RoomID) {
	err := c.ask(func(ctx context.Context) error {
		if err := c.hub.chat.CanRead(ctx, c.principal(), room); err != nil {
			return err
		}
		if err := c.hub.presence.watch(ctx, c, room); err != nil {
			return err
		}
		// The right may have ended before there was a watch that could end with it.
		err := c.hub.chat.CanRead(ctx, c.principal(), room)
		if err != nil {
			c.hub.presence.unwatch(c, room)
		}
		return err
	})
	c.answer(id, err)
	if err == nil {
		c.shard.postWaiting(c, c.hub.presence.list(room))
	}
}

// watch adds a watcher. For the first of a room it finds out who is here.
func (p *presence) watch(ctx context.Context, c *conn, room chat.RoomID) error {
	first, err := p.enlist(c, room)
	if err != nil || !first {
		return err
	}
	p.gather(room)
	if err = p.lookElsewhere(ctx, room); err != nil {
		p.unwatch(c, room)
	}
	return err
}

// gather finds out who is in a room and connected here.
func (p *presence) gather(room chat.RoomID) {
	r := p.hub.room(room)
	if r == nil {
		return
	}
	for _, user := range p.hub.membersHere(r) {
		p.appear(room, user)
	}
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
	w := p.open(room)
	first = len(w.conns) == 0
	w.conns = append(w.conns, c)
	p.watching[c] = append(p.watching[c], room)
	return first, nil
}

// open gives the watch of a room, made if need be. Caller holds p.mu.
func (p *presence) open(room chat.RoomID) *watch {
	w := p.rooms[room]
	if w == nil {
		w = &watch{here: map[chat.UserID]bool{}}
		p.rooms[room] = w
		p.active.Add(1)
	}
	return w
}

// closeUnwatched forgets a watch that nobody needs. Caller holds p.mu.
func (p *presence) closeUnwatched(room chat.RoomID, w *watch) {
	if len(w.conns) > 0 {
		return
	}
	delete(p.changed, room)
	if w.held != nil {
		w.held.release()
		w.held = nil
	}
	if len(w.away.asked) == 0 {
		delete(p.rooms, room)
		p.active.Add(-1)
	}
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
	p.closeUnwatched(room, w)
}

// drop ends the watching of a room that was deleted.
func (p *presence) drop(room chat.RoomID) {
	for _, c := range p.watchers(room) {
		p.unwatch(c, room)
	}
}

// recheck ends the watching of those who may not read the room any more, or
// of whom that cannot be told now: they can ask again.
func (p *presence) recheck(room chat.RoomID) {
	for _, c := range p.watchers(room) {
		err := c.ask(func(ctx context.Context) error { return p.hub.chat.CanRead(ctx, c.principal(), room) })
		if err != nil {
			p.unwatch(c, room)
		}
	}
}

// turn lets go of the rooms of an era that is over.
func (p *presence) turn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.rooms {
		w.held = nil
	}
}

// revisit finds out anew, for each watched room, who may watch it and who is
// there: all that was known is of an era that is over.
func (p *presence) revisit() {
	for _, room := range p.known() {
		p.recheck(room)
		if len(p.watchers(room)) > 0 {
			p.lookAgain(room)
		}
		p.retell(room)
	}
}

func (p *presence) known() []chat.RoomID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.rooms))
}

// lookAgain asks the other nodes once more. Where that fails the watching
// ends: people can ask again.
func (p *presence) lookAgain(room chat.RoomID) {
	ctx, cancel := context.WithTimeout(p.hub.ctx, p.hub.timing.Query)
	defer cancel()
	if p.lookElsewhere(ctx, room) != nil {
		p.drop(room)
	}
}

// retell has the watchers told of who is not in the room any more, or is now.
func (p *presence) retell(room chat.RoomID) {
	before := p.peopleHere(room)
	var now []chat.UserID
	if r := p.hub.room(room); r != nil {
		now = p.hub.membersHere(r)
	}
	for _, user := range before {
		if !slices.Contains(now, user) {
			p.left(room, user)
		}
	}
	for _, user := range now {
		p.appear(room, user)
	}
}

func (p *presence) peopleHere(room chat.RoomID) []chat.UserID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.rooms[room]; w != nil {
		return slices.Collect(maps.Keys(w.here))
	}
	return nil
}
