package local

import (
	"fmt"

	"github.com/parley-chat/parley/channellayer"
)

// group is a set of boxes of this process. Order means nothing, so a member is
// removed by putting the last one into its place.
type group struct {
	members []*box       // guarded by Exchange.mu
	places  map[*box]int // guarded by Exchange.mu
}

// Join puts an open specific channel, or a normal one, into a group. It returns
// true if it is the group's first member here.
func (x *Exchange) Join(name, channel string) (first bool, err error) {
	if !channellayer.IsSpecific(channel) {
		if _, err := x.boxFor(channel); err != nil {
			return false, err
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	b := x.boxes[channel]
	if x.closed {
		return false, channellayer.ErrClosed
	}
	if b == nil {
		return false, channellayer.ErrNoChannel
	}
	g := x.groups[name]
	if g == nil {
		if len(x.groups) >= x.options.MaxGroups {
			return false, fmt.Errorf("%w: %d groups", channellayer.ErrTooMany, len(x.groups))
		}
		g, first = &group{places: make(map[*box]int)}, true
		x.groups[name] = g
	}
	if _, ok := g.places[b]; !ok {
		g.places[b] = len(g.members)
		g.members = append(g.members, b)
		if b.groups == nil {
			b.groups = make(map[string]*group)
		}
		b.groups[name] = g
	}
	return first, nil
}

// Leave takes a channel out of a group. It returns true if the group has lost
// its last member here.
func (x *Exchange) Leave(name, channel string) (last bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	b, g := x.boxes[channel], x.groups[name]
	if b == nil || g == nil {
		return false
	}
	return x.leave(name, g, b)
}

// leave is Leave for a caller that holds x.mu.
func (x *Exchange) leave(name string, g *group, b *box) (last bool) {
	place, ok := g.places[b]
	if !ok {
		return false
	}
	end := len(g.members) - 1
	g.members[place] = g.members[end]
	g.places[g.members[place]] = place
	g.members[end] = nil
	g.members = g.members[:end]
	delete(g.places, b)
	delete(b.groups, name)
	if end > 0 {
		return false
	}
	delete(x.groups, name)
	return true
}

// HasGroup tells whether a group has a member here.
func (x *Exchange) HasGroup(name string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.groups[name] != nil
}

// IsMember tells whether a channel of this process is in a group.
func (x *Exchange) IsMember(name, channel string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	b := x.boxes[channel]
	return b != nil && b.groups[name] != nil
}

// Members returns how many members a group has here.
func (x *Exchange) Members(name string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if g := x.groups[name]; g != nil {
		return len(g.members)
	}
	return 0
}

// Groups returns the names of all groups with a member here.
func (x *Exchange) Groups() []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	names := make([]string, 0, len(x.groups))
	for name := range x.groups {
		names = append(names, name)
	}
	return names
}

// GroupSend puts m into the mailboxes of all members here and returns how many
// there are. Those that are full are passed over and counted.
func (x *Exchange) GroupSend(name string, m channellayer.Message) int {
	now, expires := x.deadline()
	x.mu.RLock()
	g := x.groups[name]
	if g == nil {
		x.mu.RUnlock()
		return 0
	}
	n := len(g.members)
	t := tally{cost: (m.Size() + n - 1) / n}
	var held *part
	for _, b := range g.members {
		if b.part != held {
			if held != nil {
				held.mu.Unlock()
			}
			held = b.part
			held.mu.Lock()
		}
		t.note(b.offer(m, now, expires, t.cost, x.options.CapacityBytes))
	}
	held.mu.Unlock()
	ringAll(g.members)
	x.mu.RUnlock()
	t.report(&x.Counters)
	return n
}

// ringAll wakes the readers of all boxes, and of each part once.
func ringAll(members []*box) {
	var last *part
	for _, b := range members {
		b.queue.ring()
		if b.part != last {
			last = b.part
			last.order.ring()
		}
	}
}

// tally sums up what became of one message in many mailboxes.
type tally struct {
	cost                        int
	queued, full, gone, expired int
}

func (t *tally) note(result outcome, expired int) {
	t.expired += expired
	switch result {
	case full:
		t.full++
	case gone:
		t.gone++
	default:
		t.queued++
	}
}

func (t *tally) report(c *channellayer.Counters) {
	c.Queued.Add(uint64(t.queued))
	c.Drop(channellayer.DropFull, t.full)
	c.Drop(channellayer.DropNoReader, t.gone)
	c.Drop(channellayer.DropExpired, t.expired)
}
