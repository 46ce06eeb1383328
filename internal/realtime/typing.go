package realtime

import (
	"context"
	"slices"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// typing forwards that the person writes in a room, not too often.
func (c *conn) typing(room chat.RoomID) error {
	p := &c.hub.presence
	if err := c.ask(func(ctx context.Context) error { return c.hub.chat.CanWrite(ctx, c.principal(), room) }); err != nil {
		return err
	}
	who := c.who
	if !p.mayType(typist{who.ID, room}, time.Now()) {
		return nil
	}
	p.showTyping(room, who)
	if !c.hub.single {
		c.hub.post(delivery{room: room, group: group(room), signal: c.hub.message(msgTyping,
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
