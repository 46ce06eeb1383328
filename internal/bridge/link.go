package bridge

import (
	"context"
	"errors"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
)

// link is a room and its group, and how far they are joined.
type link struct {
	Room
	id      chat.RoomID // 0: there is no such room
	member  chat.RoomID // the room that the bot was let into
	channel string      // hears the group; empty until it was made
	entered bool        // the channel may be in the group
	joined  bool        // it is known to be
	problem string      // what was last logged
}

// closeTime is how long what is in the queue may take when the bridge ends.
const closeTime = 500 * time.Millisecond

// keep looks after the links until the bridge ends. Started by New.
func (b *Bridge) keep() {
	tick := time.NewTicker(roundEvery)
	defer tick.Stop()
	for {
		b.round(b.ctx)
		select {
		case <-tick.C:
		case <-b.wake:
		case <-b.ctx.Done():
			return
		}
	}
}

// round brings everything nearer to how it should be.
func (b *Bridge) round(ctx context.Context) {
	b.tellDrops()
	if b.lease != nil {
		b.lease.renew(ctx, b.layer)
	}
	if !b.findBot(ctx) {
		return
	}
	for _, l := range b.links {
		if err := b.bring(ctx, l); err != nil && ctx.Err() == nil {
			b.complain(l, err)
		} else {
			l.problem = ""
		}
	}
	b.publish()
}

// listens tells whether it is on this node to hear what Django says.
func (b *Bridge) listens() bool { return b.lease == nil || b.lease.holds() }

// findBot reports whether there is one. Until somebody has an account there
// is none.
func (b *Bridge) findBot(ctx context.Context) bool {
	if b.bot.ID != 0 {
		return true
	}
	bot, err := b.service.Bot(ctx, BotName)
	switch {
	case err == nil:
		b.bot = bot
		b.log.Info("bridge to Django speaks as a bot", "user", bot.ID, "name", bot.Username)
	case ctx.Err() == nil && !errors.Is(err, chat.ErrSetupNeeded):
		b.log.Warn("bridge to Django has no bot", "error", err)
	}
	return err == nil
}

// bring finds the link's room and enters or leaves its group.
func (b *Bridge) bring(ctx context.Context, l *link) error {
	id, err := b.service.FindRoom(ctx, l.Slug)
	if errors.Is(err, chat.ErrNotFound) {
		l.id = 0
		b.leave(ctx, l)
		return err
	}
	if err != nil {
		return err // the database is away: all stays as it is
	}
	l.id = id
	switch {
	case !b.listens():
		b.leave(ctx, l)
	case b.layer.Stats().Up: // else there is a round when it is
		return b.enter(ctx, l)
	}
	return nil
}

// enter lets the bot into the room and a channel of ours into the group.
func (b *Bridge) enter(ctx context.Context, l *link) error {
	if l.member != l.id {
		if err := b.service.LetBotIn(ctx, b.bot, l.id); err != nil {
			return err
		}
		l.member = l.id
	}
	if err := b.makeChannel(ctx, l); err != nil || l.joined {
		return err
	}
	l.entered = true
	err := b.layer.GroupAdd(ctx, l.Group, l.channel)
	l.joined = err == nil
	return err
}

// makeChannel makes the link's channel. All channels of the layer have their
// first part in common, by which one goroutine hears them all.
func (b *Bridge) makeChannel(ctx context.Context, l *link) error {
	if l.channel != "" {
		return nil
	}
	channel, err := b.layer.NewChannel(ctx, "")
	if err != nil {
		return err
	}
	l.channel = channel
	if b.part == "" {
		b.part = channellayer.NonLocal(channel)
		b.running.Go(func() { b.listen(channellayer.NonLocal(channel)) })
	}
	return nil
}

// leave takes our channel out of the group. What cannot be left now is tried
// again.
func (b *Bridge) leave(ctx context.Context, l *link) {
	if !l.entered {
		return
	}
	l.joined = false
	l.entered = b.layer.GroupDiscard(ctx, l.Group, l.channel) != nil
}

// publish replaces the routes.
func (b *Bridge) publish() {
	r := &routes{bot: b.bot, groups: map[chat.RoomID]Room{}, rooms: map[string]chat.RoomID{}}
	for _, l := range b.links {
		if l.id == 0 {
			continue
		}
		r.groups[l.id] = l.Room
		if l.channel != "" {
			r.rooms[l.channel] = l.id
		}
	}
	b.routes.Store(r)
}

// complain logs what is the matter with a link, once.
func (b *Bridge) complain(l *link, err error) {
	if problem := err.Error(); problem != l.problem {
		l.problem = problem
		b.log.Warn("bridge to Django: a room and its group are not joined", "room", l.Slug, "error", err)
	}
}
