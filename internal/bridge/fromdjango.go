package bridge

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
)

// Saying a message: how long it is tried, and the least time between attempts.
const (
	sayTime  = 30 * time.Second
	sayPause = 100 * time.Millisecond
)

// listen says what comes from Django, one message after the other, until the
// bridge ends. Meanwhile others wait in the layer's mailbox, which is bounded
// and whose messages expire. Started by makeChannel.
func (b *Bridge) listen(part string) {
	for b.ctx.Err() == nil {
		channel, m, err := b.layer.Receive(b.ctx, part)
		if err != nil {
			b.pause(sayPause)
			continue
		}
		b.take(channel, m)
	}
}

func (b *Bridge) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.ctx.Done():
	}
}

// take decides what becomes of a message from Django.
func (b *Bridge) take(channel string, m channellayer.Message) {
	r := b.routes.Load()
	room, known := r.rooms[channel]
	if mark, _ := m.Text(markKey); mark == b.mark {
		b.counts.echoes.Add(1)
		return
	}
	if kind := m.Type(); kind != "chat.message" && kind != "chat_message" {
		b.counts.others.Add(1)
		return
	}
	if !known || !b.listens() {
		b.counts.drop(dropIdle)
		return
	}
	text, reason := spoken(m)
	if reason != drops {
		b.counts.drop(reason)
		return
	}
	if b.say(r.bot, room, text) {
		b.counts.received.Add(1)
	}
}

// say posts a text by the ordinary way. One key for all attempts makes sure
// that it is said once.
func (b *Bridge) say(bot chat.User, room chat.RoomID, text string) bool {
	ctx, cancel := context.WithTimeout(b.ctx, sayTime)
	defer cancel()
	draft := chat.Draft{Key: "django-" + rand.Text(), Text: text}
	for ctx.Err() == nil && b.listens() {
		_, _, err := b.service.PostMessage(ctx, chat.Principal{User: bot}, room, draft)
		if errors.Is(err, chat.ErrNotMember) && b.service.LetBotIn(ctx, bot, room) == nil {
			_, _, err = b.service.PostMessage(ctx, chat.Principal{User: bot}, room, draft)
		}
		var refusal *chat.Error
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil:
		case !errors.As(err, &refusal) || refusal.RetryAfter == 0:
			b.counts.drop(dropRefused)
			return false
		default:
			b.pause(max(refusal.RetryAfter, sayPause))
		}
	}
	b.counts.drop(dropLate)
	return false
}
