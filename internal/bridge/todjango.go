package bridge

import (
	"context"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
)

// markKey is the field of a message that says which Parley it is from.
const markKey = "parley"

// outgoing is a message on its way to a group.
type outgoing struct {
	Room
	username string
	text     string
}

// Committed takes what was committed. It is called by the committer and does
// not wait: messages for which there is no room in the queue are dropped.
func (b *Bridge) Committed(events []chat.Event) {
	r := b.routes.Load()
	for i := range events {
		e := &events[i]
		room, joined := r.groups[e.Room]
		if !joined || e.Kind != chat.MessageCreated || e.Message.User.ID == r.bot.ID {
			continue
		}
		select {
		case b.out <- outgoing{Room: room, username: e.Message.User.Username, text: e.Message.Text}:
		default:
			b.counts.drop(dropOverflow)
		}
	}
}

// send hands messages to the layer until the bridge ends, then what is left
// in the queue, as far as that goes quickly. Started by New.
func (b *Bridge) send() {
	for b.ctx.Err() == nil {
		select {
		case m := <-b.out:
			b.sendOne(b.ctx, m)
		case <-b.ctx.Done():
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	for {
		select {
		case m := <-b.out:
			b.sendOne(ctx, m)
		default:
			return
		}
	}
}

// sendOne sends in the shape that consumers in the manner of Django-Chat
// expect. There is no second attempt: the first may have arrived.
func (b *Bridge) sendOne(ctx context.Context, m outgoing) {
	err := b.layer.GroupSend(ctx, m.Group, channellayer.NewMessage(
		channellayer.Text("type", "chat.message"),
		channellayer.Text("message", m.text),
		channellayer.Text("username", m.username),
		channellayer.Text("room", m.Slug),
		channellayer.Text(markKey, b.mark),
	))
	if err != nil {
		b.counts.drop(dropUnsent)
		return
	}
	b.counts.sent.Add(1)
}
