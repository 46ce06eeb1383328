package simulate

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
)

// desk is what a hub asks of the use cases. A question takes a while before
// and after the moment whose state it tells, so answers are old when they
// come.
type desk struct{ life *life }

var _ realtime.Chat = (*desk)(nil)

// ask puts one question to the book.
func (d *desk) ask(ctx context.Context, what string, part int64, question func()) error {
	l := d.life
	w := l.node.w
	if !l.wait(ctx, w.dice.span(w.plan.slow, what, l.id(), part)) {
		return chat.ErrUnavailable
	}
	if w.databaseDown() || w.chance(w.plan.fail, "question fails", l.id(), part) {
		return chat.ErrUnavailable
	}
	l.learn()
	question()
	if !l.wait(ctx, w.dice.span(w.plan.slow, what+" answered", l.id(), part)) {
		return chat.ErrUnavailable
	}
	return nil
}

func (d *desk) Epoch() string { return *d.life.epoch.Load() }

// RenewEpoch is asked by a hub that knows events which the database does not
// have, or hears of another history. A history here never loses events.
func (d *desk) RenewEpoch(_ context.Context, gone string) error {
	w := d.life.node.w
	d.life.learn()
	if gone != "" && gone == w.book.epoch() {
		w.findings.add(Durable, "node %d takes %s for gone", d.life.node.number, gone)
	}
	return nil
}

func (d *desk) Joined(ctx context.Context, user chat.UserID) (list []chat.RoomHead, err error) {
	err = d.ask(ctx, "joined", int64(user), func() { list = d.life.node.w.book.joined(user) })
	return list, err
}

func (d *desk) JoinedEach(ctx context.Context, users []chat.UserID) (map[chat.UserID][]chat.RoomHead, error) {
	all := make(map[chat.UserID][]chat.RoomHead, len(users))
	err := d.ask(ctx, "joined each", int64(users[0]), func() {
		for _, user := range users {
			all[user] = d.life.node.w.book.joined(user)
		}
	})
	return all, err
}

func (d *desk) Events(ctx context.Context, room chat.RoomID, after chat.Seq, limit int) (list []chat.Event, err error) {
	var missing error
	err = d.ask(ctx, "events", int64(room)<<32|int64(after), func() {
		list, missing = d.life.node.w.book.events(room, after, limit)
	})
	if err == nil {
		err = missing
	}
	return list, err
}

func (d *desk) Heads(ctx context.Context, rooms []chat.RoomID) (heads map[chat.RoomID]chat.Seq, err error) {
	err = d.ask(ctx, "heads", int64(len(rooms)), func() { heads = d.life.node.w.book.heads(rooms) })
	return heads, err
}

func (d *desk) Post(p chat.Principal, room chat.RoomID, draft chat.Draft, done func(chat.Message, error)) {
	d.life.enqueue(job{by: p.User.UserRef, room: room, change: chat.PostMessage{Draft: draft}, done: func(o outcome, err error) {
		if o.repeated {
			d.life.node.w.repeated.Add(1)
		}
		done(o.message, err)
	}})
}

func (d *desk) MarkRead(context.Context, chat.Principal, chat.RoomID, chat.Seq) error { return nil }

func (d *desk) CanRead(context.Context, chat.Principal, chat.RoomID) error { return nil }

func (d *desk) CanWrite(context.Context, chat.Principal, chat.RoomID) error { return nil }

func (d *desk) LiveSessions(ctx context.Context, ids []chat.SessionID) (live map[chat.SessionID]bool, err error) {
	err = d.ask(ctx, "sessions", int64(len(ids)), func() { live = d.life.node.w.book.live(ids...) })
	return live, err
}
