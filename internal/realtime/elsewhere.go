package realtime

import (
	"context"
	"iter"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
)

// Who is connected to other nodes is known by leases. A node on which a room
// is watched asks the room's group again and again. The nodes that have
// somebody in the room hear that, remember it for a while, and send the
// asking node all who are connected to them: on each question, and when it
// changes. An answer holds for a while too, so a node that dies, or that
// cannot be heard, is forgotten with all its people.

// away is what a watch has to do with other nodes.
type away struct {
	asked map[string]time.Time  // nodes that watch the room, and until when
	there map[string]nodePeople // who is connected to other nodes, by node
	next  time.Time             // not before this we ask again
	news  bool                  // those who have asked are owed an answer
}

// nodePeople is who is connected to a node.
type nodePeople struct {
	users map[chat.UserID]bool
	until time.Time
}

// Bounds of what is kept for other nodes and of them.
const (
	maxNodes      = 64     // in each room
	maxAskedRooms = 10_000 // watched here or elsewhere
)

// isElsewhere reports whether a person is connected to another node. Caller
// holds p.mu.
func (w *watch) isElsewhere(user chat.UserID) bool {
	for _, node := range w.away.there {
		if node.users[user] {
			return true
		}
	}
	return false
}

// present are all who are connected, some of them perhaps more than once.
// Caller holds p.mu.
func (w *watch) present() iter.Seq[chat.UserID] {
	return func(yield func(chat.UserID) bool) {
		for user := range w.here {
			if !yield(user) {
				return
			}
		}
		for _, node := range w.away.there {
			for user := range node.users {
				if !yield(user) {
					return
				}
			}
		}
	}
}

// lookElsewhere asks the other nodes for the first watcher of a room, and
// keeps the room active as long as it is watched: its group is where typing
// is told.
func (p *presence) lookElsewhere(ctx context.Context, room chat.RoomID) error {
	if p.hub.single {
		return nil
	}
	rooms, err := p.hub.enter(ctx, []chat.RoomID{room})
	if err != nil {
		return err
	}
	p.hold(room, rooms[0])
	p.hub.post(p.question(room))
	return nil
}

// hold keeps a room that was entered, unless it is not watched any more.
func (p *presence) hold(room chat.RoomID, r *room) {
	if r == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.rooms[room]; w != nil && len(w.conns) > 0 && w.held == nil {
		w.held = r
		return
	}
	r.release()
}

// question asks who is connected elsewhere.
func (p *presence) question(room chat.RoomID) delivery {
	return delivery{room: room, group: group(room), signal: p.hub.message(msgWatched, channellayer.Int("room", int64(room)))}
}

// hearWatched notes that a room is watched on another node.
func (p *presence) hearWatched(room chat.RoomID, node string) {
	if p.hub.room(room) == nil || !p.noteAsked(room, node, time.Now().Add(p.hub.timing.PresenceLast)) {
		return
	}
	p.hub.goes(func() { p.gather(room) })
}

// noteAsked returns true if nothing was known of the room until now.
func (p *presence) noteAsked(room chat.RoomID, node string, until time.Time) (fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fresh = p.rooms[room] == nil
	if fresh && len(p.rooms) >= maxAskedRooms {
		return false
	}
	w := p.open(room)
	if w.away.asked == nil {
		w.away.asked = map[string]time.Time{}
	}
	if _, known := w.away.asked[node]; known || len(w.away.asked) < maxNodes {
		w.away.asked[node] = until
	}
	w.away.news = true
	return fresh
}

// hearHere takes another node's answer. It stands for the one before.
func (p *presence) hearHere(room chat.RoomID, node string, users []chat.UserID) {
	now := make(map[chat.UserID]bool, len(users))
	for _, user := range users {
		now[user] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.rooms[room]
	if w == nil || len(w.conns) == 0 {
		return
	}
	if w.away.there == nil {
		w.away.there = map[string]nodePeople{}
	}
	if _, known := w.away.there[node]; known || len(w.away.there) < maxNodes {
		p.replace(room, w, node, nodePeople{users: now, until: time.Now().Add(p.hub.timing.PresenceLast)})
	}
}

// replace puts an answer in the place of the one before, and has the watchers
// told what is different. Caller holds p.mu.
func (p *presence) replace(room chat.RoomID, w *watch, node string, answer nodePeople) {
	before := w.away.there[node].users
	delete(w.away.there, node)
	for user := range before {
		if !answer.users[user] && !w.here[user] && !w.isElsewhere(user) {
			p.change(room, user, stateOffline)
		}
	}
	for user := range answer.users {
		if !before[user] && !w.here[user] && !w.isElsewhere(user) {
			p.change(room, user, stateActive)
		}
	}
	if len(answer.users) > 0 {
		w.away.there[node] = answer
	}
}

// expireNodes forgets the nodes that have not been heard of for long. Caller
// holds p.mu.
func (p *presence) expireNodes(now time.Time) {
	for room, w := range p.rooms {
		for node, there := range w.away.there {
			if now.After(there.until) {
				p.replace(room, w, node, nodePeople{})
			}
		}
		for node, until := range w.away.asked {
			if now.After(until) {
				delete(w.away.asked, node)
				p.closeUnwatched(room, w)
			}
		}
	}
}

// newsForNodes are the questions and answers that are due.
func (p *presence) newsForNodes(now time.Time) (all []delivery) {
	if p.hub.single {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for room, w := range p.rooms {
		if len(w.conns) > 0 && now.After(w.away.next) {
			w.away.next = now.Add(p.hub.timing.PresenceAsk)
			all = append(all, p.question(room))
		}
		if w.away.news && len(w.away.asked) > 0 {
			all = p.appendAnswers(all, room, w)
		}
		w.away.news = false
	}
	return all
}

// appendAnswers tells those who have asked who is connected here. Caller holds
// p.mu.
func (p *presence) appendAnswers(all []delivery, room chat.RoomID, w *watch) []delivery {
	users := make([]chat.UserID, 0, min(len(w.here), maxListed))
	for user := range w.here {
		if len(users) == maxListed {
			break
		}
		users = append(users, user)
	}
	answer := p.hub.message(msgHere, channellayer.Int("room", int64(room)), channellayer.List("users", listOf(users)...))
	for node := range w.away.asked {
		all = append(all, delivery{room: room, channel: node, signal: answer})
	}
	return all
}
