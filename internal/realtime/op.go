package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/ratelimit"
	"github.com/parley-chat/parley/internal/wire"
)

// Frames that cannot be decoded are answered, but not for ever.
const (
	maxBadFrames = 5
	badWindow    = 60 // seconds
)

var (
	errResumeFirst = &chat.Error{Kind: chat.Conflict, Code: "resume_first", Detail: "The first op of a connection is resume."}
	errResumed     = &chat.Error{Kind: chat.Conflict, Code: "resumed", Detail: "This connection has resumed already. Open another one."}
)

// handle does what a frame asks for. An error closes the connection.
func (c *conn) handle(frame []byte) error {
	id, op, err := wire.DecodeOp(frame)
	if err != nil {
		return c.undecodable(id, err)
	}
	if resume, ok := op.(wire.Resume); ok {
		return c.onResume(id, resume)
	}
	if !c.resumed {
		c.refuse(id, errResumeFirst)
		return nil
	}
	if err := c.limit(op); err != nil {
		return err
	}
	switch op := op.(type) {
	case wire.Send:
		c.onSend(id, op)
	case wire.MarkRead:
		c.answer(id, c.ask(func(ctx context.Context) error {
			return c.hub.chat.MarkRead(ctx, c.principal(), op.Room, op.Seq)
		}))
	case wire.TypingIn:
		c.answer(id, c.typing(op.Room))
	case wire.Watch:
		c.onWatch(id, op.Room)
	case wire.Unwatch:
		c.hub.presence.unwatch(c, op.Room)
		c.answer(id, nil)
	case wire.PingOp:
		c.answer(id, nil)
	}
	return nil
}

// askLimit is for the ops that each ask the store something. Pings cost
// nothing but their answer, and sends are counted for the person.
var askLimit = ratelimit.Limit{Rate: 20, Burst: 200}

// limit closes a connection that asks far more than any client has reason to.
func (c *conn) limit(op any) error {
	switch op.(type) {
	case wire.MarkRead, wire.TypingIn, wire.Watch:
	default:
		return nil
	}
	ok, wait := askLimit.Allow(&c.asked, time.Now(), 1)
	if ok {
		return nil
	}
	return &violation{wire.CloseTooMany, fmt.Sprintf("retry=%d", 1+int(wait.Seconds()))}
}

// undecodable answers a frame that breaks the rules of the protocol, and
// gives up on peers that go on like this. What only breaks a rule of the chat
// does not count.
func (c *conn) undecodable(id int64, err error) error {
	var refusal *chat.Error
	if errors.As(err, &refusal) && refusal.Kind == chat.Invalid {
		now := uint32(time.Now().Unix())
		if now-c.badFrom >= badWindow {
			c.badFrom, c.bad = now, 0
		}
		if c.bad++; c.bad >= maxBadFrames {
			return &violation{wire.ClosePolicy, "too many frames that cannot be read"}
		}
	}
	c.refuse(id, err)
	return nil
}

// ask puts a question to the use cases, in bounded time.
func (c *conn) ask(question func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(c.hub.ctx, c.hub.timing.Query)
	defer cancel()
	err := question(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, errTurned) {
		return chat.ErrUnavailable
	}
	return err
}

// answer tells how op id went, if there is nothing more to tell.
func (c *conn) answer(id int64, err error) {
	if err != nil {
		c.refuse(id, err)
		return
	}
	c.shard.postWaiting(c, sealed(wire.AppendDone(blank(32), id)))
}

func (c *conn) refuse(id int64, err error) {
	c.log(err)
	c.shard.postWaiting(c, errorFrame(id, err))
}

// log keeps what a client is not told: defects.
func (c *conn) log(err error) {
	var refusal *chat.Error
	if !errors.As(err, &refusal) {
		c.hub.log.Error("an op failed", "user", c.user(), "error", err)
	}
}

// onSend posts a message. The answer comes after the commit, from the
// goroutine that answers; the sends of this connection keep their order
// because they are queued in it.
func (c *conn) onSend(id int64, op wire.Send) {
	if c.slots == nil {
		c.slots = make(chan struct{}, maxUnanswered)
	}
	select {
	case c.slots <- struct{}{}:
	case <-c.hub.ctx.Done():
		return
	}
	c.hub.chat.Post(c.principal(), op.Room, op.Draft, func(m chat.Message, err error) {
		<-c.slots
		if err != nil {
			c.log(err)
			c.post(errorFrame(id, err))
			return
		}
		c.post(sealed(wire.AppendSent(blank(96), id, m.Seq, m.CreatedAt)))
	})
}
