package simulate

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/window"
)

// pane is a node's view of its window: the real one, further away and less
// reliable, and looked at from both sides.
type pane struct {
	life  *life
	epoch string
	inner window.Window
	far   bool // shared by all nodes, over a network
}

var _ window.Window = (*pane)(nil)

// ask is what every question to the window goes through.
func (p *pane) ask(ctx context.Context, room chat.RoomID, seq chat.Seq) error {
	w := p.life.node.w
	switch {
	case p.life.dead.Load():
		return window.ErrUnavailable
	case !p.far:
		return nil
	case !p.life.wait(ctx, w.dice.span(w.plan.late/10, "window", p.life.id(), int64(room), int64(seq))):
		return window.ErrUnavailable
	case w.bus.down.Load() || w.chance(w.plan.fail, "window fails", p.life.id(), int64(room), int64(seq)):
		return window.ErrUnavailable
	}
	return nil
}

func (p *pane) Append(ctx context.Context, room chat.RoomID, entries []window.Entry) (chat.Seq, error) {
	if err := p.ask(ctx, room, firstOf(entries)); err != nil {
		return 0, err
	}
	p.check("into", room, entries)
	return p.inner.Append(ctx, room, entries)
}

func (p *pane) Restart(ctx context.Context, room chat.RoomID, entries []window.Entry) (chat.Seq, error) {
	if err := p.ask(ctx, room, firstOf(entries)); err != nil {
		return 0, err
	}
	p.check("into", room, entries)
	return p.inner.Restart(ctx, room, entries)
}

func (p *pane) Range(ctx context.Context, room chat.RoomID, after, to, least chat.Seq) ([]window.Entry, error) {
	if err := p.ask(ctx, room, after); err != nil {
		return nil, err
	}
	entries, err := p.inner.Range(ctx, room, after, to, least)
	if err != nil {
		return nil, err
	}
	p.check("out of", room, entries)
	if n := chat.Seq(len(entries)); n != to-after || n > 0 && (entries[0].Seq != after+1 || entries[n-1].Seq != to) {
		p.life.node.w.findings.add(Cache, "a window of node %d, room %d gives %d events for (%d, %d]", p.life.node.number, room, n, after, to)
	}
	return entries, nil
}

// check compares what passes with the log, and sees that it is contiguous.
func (p *pane) check(way string, room chat.RoomID, entries []window.Entry) {
	w := p.life.node.w
	for i, e := range entries {
		promise, wrong := w.book.genuine(p.epoch, room, e.Seq, e.JSON)
		if wrong == "" && e.Seq != entries[0].Seq+chat.Seq(i) {
			promise, wrong = Cache, "not contiguous"
		}
		if wrong != "" {
			w.findings.add(promise, "%s a window of node %d, room %d seq %d: %s", way, p.life.node.number, room, e.Seq, wrong)
		}
	}
}

func (p *pane) Drop(ctx context.Context, room chat.RoomID) error {
	if err := p.ask(ctx, room, 0); err != nil {
		return err
	}
	return p.inner.Drop(ctx, room)
}

// Of is for a node whose database gets another history while it runs.
func (p *pane) Of(epoch string) window.Window { return p.life.pane(epoch) }

func (p *pane) Close() error { return nil }

func firstOf(entries []window.Entry) chat.Seq {
	if len(entries) == 0 {
		return 0
	}
	return entries[0].Seq
}

// windowLife is how long a window keeps a silent room.
const windowLife = 20 * time.Second
