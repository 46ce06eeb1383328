package realtime

import (
	"maps"
	"slices"
	"sync"

	"github.com/parley-chat/parley/internal/chat"
)

// people knows the open connections of this node, by person. Its lock is a
// leaf: nothing else is locked under it.
type people struct {
	mu    sync.RWMutex
	conns map[chat.UserID]crowd // guarded by mu
	total int                   // guarded by mu; with those that are coming
}

// crowd is one person's connections, and how many more are on their way.
type crowd struct {
	open   []*conn // never changed in place
	coming int
}

// expect counts a connection that is on its way, within the limits (0: none).
func (p *people) expect(user chat.UserID, limits Limits) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if limits.Connections > 0 && p.total >= limits.Connections {
		return errFull
	}
	mine := p.conns[user]
	if limits.PerUser > 0 && len(mine.open)+mine.coming >= limits.PerUser {
		return errTooManyOpen
	}
	mine.coming++
	p.conns[user] = mine
	p.total++
	return nil
}

// add lets in a connection that was expected.
func (p *people) add(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := p.conns[c.user()]
	mine.coming--
	mine.open = append(mine.open[:len(mine.open):len(mine.open)], c)
	p.conns[c.user()] = mine
}

// miss gives up on a connection that was expected.
func (p *people) miss(user chat.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := p.conns[user]
	mine.coming--
	p.put(user, mine)
}

// remove lets a connection go and tells whether it was the person's last.
func (p *people) remove(c *conn) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := p.conns[c.user()]
	i := slices.Index(mine.open, c)
	if i < 0 {
		return false
	}
	mine.open = slices.Concat(mine.open[:i], mine.open[i+1:])
	p.put(c.user(), mine)
	return len(mine.open) == 0
}

// put keeps a crowd that has become smaller by one. Caller holds p.mu.
func (p *people) put(user chat.UserID, mine crowd) {
	p.total--
	if len(mine.open)+mine.coming == 0 {
		delete(p.conns, user)
		return
	}
	p.conns[user] = mine
}

// of gives a person's connections. The slice is never changed.
func (p *people) of(user chat.UserID) []*conn {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.conns[user].open
}

// users lists who has a connection to this node, in order of id.
func (p *people) users() []chat.UserID {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Sorted(maps.Keys(p.conns))
}

// here reports whether the person has a connection to this node.
func (p *people) here(user chat.UserID) bool { return len(p.of(user)) > 0 }

// count is the number of open connections.
func (p *people) count() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.total
}

// all gives every connection.
func (p *people) all() []*conn {
	p.mu.RLock()
	defer p.mu.RUnlock()
	all := make([]*conn, 0, p.total)
	for _, mine := range p.conns {
		all = append(all, mine.open...)
	}
	return all
}
