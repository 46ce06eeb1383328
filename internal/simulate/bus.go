package simulate

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
)

// mailboxSize is how many messages wait for a node; more are lost.
const mailboxSize = 256

// bus is what lies between the nodes' layers. It keeps the promise "at most
// once" no better than it has to: messages get lost, doubled and late, which
// also changes their order.
type bus struct {
	w    *world
	down atomic.Bool // and the layers know it

	mu     sync.Mutex
	groups map[string][]string                  // guarded by mu; channels in a group, in order
	boxes  map[string]chan channellayer.Message // guarded by mu
	names  int                                  // guarded by mu; channels made so far
}

func newBus(w *world) *bus {
	return &bus{w: w, groups: map[string][]string{}, boxes: map[string]chan channellayer.Message{}}
}

// spread sends a message to some channels, as well as the bus does that.
func (b *bus) spread(channels []string, m channellayer.Message) {
	seq, _ := m.Int("seq")
	for i, channel := range channels {
		part := []int64{int64(i), seq, int64(len(m.Type()))}
		if b.w.loses(part...) {
			continue
		}
		b.deliver(channel, m, b.w.dice.span(b.w.plan.late, "late", part...))
		if b.w.chance(b.w.plan.double, "double", part...) {
			b.deliver(channel, m, b.w.dice.span(2*b.w.plan.late, "later", part...))
		}
	}
}

func (b *bus) deliver(channel string, m channellayer.Message, after time.Duration) {
	b.mu.Lock()
	box := b.boxes[channel]
	b.mu.Unlock()
	if box == nil {
		return
	}
	time.AfterFunc(after, func() {
		select {
		case box <- m:
		default:
		}
	})
}

func (b *bus) members(group string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.groups[group])
}

// layer is one process's way to the bus. It implements channellayer.Layer.
type layer struct {
	bus  *bus
	life *life
}

var _ channellayer.Layer = (*layer)(nil)

// ask is what every question to the bus goes through.
func (l *layer) ask(ctx context.Context) error {
	switch {
	case l.life.dead.Load():
		return channellayer.ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	case l.bus.down.Load():
		return channellayer.ErrUnavailable
	}
	return nil
}

func (l *layer) NewChannel(_ context.Context, prefix string) (string, error) {
	b := l.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names++
	name := fmt.Sprintf("%s.%032x!%d", prefix, l.life.node.number, b.names)
	b.boxes[name] = make(chan channellayer.Message, mailboxSize)
	return name, nil
}

func (l *layer) Send(ctx context.Context, channel string, m channellayer.Message) error {
	if err := l.ask(ctx); err != nil {
		return err
	}
	l.bus.spread([]string{channel}, m)
	return nil
}

func (l *layer) Receive(ctx context.Context, channel string) (string, channellayer.Message, error) {
	l.bus.mu.Lock()
	box := l.bus.boxes[channel]
	l.bus.mu.Unlock()
	select {
	case m := <-box:
		if !l.life.rest(time.Microsecond) {
			return "", channellayer.Message{}, channellayer.ErrClosed
		}
		return channel, m, nil
	case <-ctx.Done():
		return "", channellayer.Message{}, ctx.Err()
	}
}

func (l *layer) Close(_ context.Context, channel string) error {
	b := l.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.boxes, channel)
	for group, channels := range b.groups {
		b.groups[group] = slices.DeleteFunc(channels, func(c string) bool { return c == channel })
	}
	return nil
}

// GroupAdd is a member's also while the bus is down: see channellayer.Layer.
func (l *layer) GroupAdd(ctx context.Context, group, channel string) error {
	err := l.ask(ctx)
	b := l.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.groups[group], channel) {
		b.groups[group] = append(b.groups[group], channel)
	}
	return err
}

func (l *layer) GroupDiscard(ctx context.Context, group, channel string) error {
	err := l.ask(ctx)
	b := l.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	b.groups[group] = slices.DeleteFunc(slices.Clone(b.groups[group]), func(c string) bool { return c == channel })
	return err
}

func (l *layer) GroupSend(ctx context.Context, group string, m channellayer.Message) error {
	if err := l.ask(ctx); err != nil {
		return err
	}
	l.check(m)
	if !l.life.wait(ctx, l.bus.w.dice.span(l.bus.w.plan.late/4, "publish", l.life.id())) {
		return channellayer.ErrUnavailable
	}
	l.bus.spread(l.bus.members(group), m)
	return nil
}

// check looks at a hint: only what is committed may be on the bus.
func (l *layer) check(m channellayer.Message) {
	if m.Type() != "room.event" {
		return
	}
	room, _ := m.Int("room")
	seq, _ := m.Int("seq")
	epoch, _ := m.Text("epoch")
	value, _ := m.Value("events")
	events, _ := value.List()
	for i, event := range events {
		frame, _ := event.Bytes()
		at := chat.Seq(seq + int64(i))
		if promise, wrong := l.bus.w.book.genuine(epoch, chat.RoomID(room), at, frame); wrong != "" {
			l.bus.w.findings.add(promise, "hint of node %d, room %d seq %d: %s", l.life.node.number, room, at, wrong)
		}
	}
}

func (l *layer) Flush(context.Context) error    { return channellayer.ErrRefused }
func (l *layer) Shutdown(context.Context) error { return nil }

func (l *layer) Traits() channellayer.Traits {
	return channellayer.Traits{Backend: "simulated", Extensions: channellayer.Groups}
}

func (l *layer) Stats() channellayer.Stats { return channellayer.Stats{Up: !l.bus.down.Load()} }
