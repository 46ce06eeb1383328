package realtime_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	windowmemory "github.com/parley-chat/parley/internal/window/memory"
)

// whispers plants what no use case does yet: texts that begin in a certain way
// are for some people only.
type whispers struct {
	realtime.Chat
	only []chat.UserID
}

const whispered = "psst "

func (w *whispers) plant(events []chat.Event) []chat.Event {
	for i := range events {
		if strings.HasPrefix(events[i].Message.Text, whispered) {
			events[i].Only = w.only
		}
	}
	return events
}

func (w *whispers) Events(ctx context.Context, room chat.RoomID, after chat.Seq, limit int) ([]chat.Event, error) {
	events, err := w.Chat.Events(ctx, room, after, limit)
	return w.plant(events), err
}

// whispering are two nodes with a room in which ann and bob whisper, and eve
// must not hear it.
type whispering struct {
	near, far *stage
	room      chat.RoomID
	said      map[chat.Seq]string
}

func newWhispering(t *testing.T, change func(*realtime.Options)) *whispering {
	w, layer := &whispers{only: []chat.UserID{1, 2}}, newLayer(t)
	plant := func(o *realtime.Options) {
		o.Chat = &whispers{o.Chat, w.only}
		change(o)
	}
	near := newStage(t, func(o *realtime.Options) { o.Layer = layer; plant(o) })
	far := newNode(t, near.store, layer, plant)
	far.people = near.people
	near.store.OnCommit(func(events []chat.Event) { near.hub.Committed(w.plant(events)) })
	for _, name := range []string{"bob", "eve"} {
		near.add(name, chat.RoleMember)
	}
	return &whispering{near: near, far: far, room: near.room("general", "bob", "eve"), said: map[chat.Seq]string{}}
}

// talk mixes what all may hear with whispers.
func (w *whispering) talk(n int) {
	for i := range n {
		text := fmt.Sprint("message ", i)
		if i%3 == 1 || i%7 == 1 {
			text = whispered + text
		}
		w.said[w.near.says("bob", w.room, text)] = text
	}
}

// hears reads up to the head and checks each number: the text, or a skip for
// whom the text is not.
func (w *whispering) hears(c *client, after chat.Seq) {
	c.t.Helper()
	for head := w.near.head(w.room); after < head; after++ {
		f := c.event()
		text, isText := w.said[after+1]
		switch {
		case !isText: // somebody joined
		case c.name == "eve" && strings.HasPrefix(text, whispered):
			if f.Type != "skip" || f.From != after+1 || f.To != after+1 {
				c.t.Fatalf("eve hears %s", f.raw)
			}
		case f.Message == nil || f.Seq != after+1 || f.Message.Text != text:
			c.t.Fatalf("%s hears %s and not %q", c.name, f.raw, text)
		}
	}
}

func TestWhatOnlySomeMaySeeIsASkipForAllOthers(t *testing.T) {
	away := &brittle{Window: windowmemory.New(windowmemory.Options{})}
	away.setAway(true)
	for name, change := range map[string]func(*realtime.Options){
		"from the ring":     func(*realtime.Options) {},
		"from the window":   func(o *realtime.Options) { o.Ring = 4 },
		"from the database": func(o *realtime.Options) { o.Ring, o.Window = 4, away },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWhispering(t, change)
			var live []*client
			for _, s := range []*stage{w.near, w.far} {
				for _, who := range []string{"ann", "bob", "eve"} {
					live = append(live, s.joined(who))
				}
			}
			before := w.near.head(w.room)
			w.talk(100)
			for _, c := range live {
				w.hears(c, before)
			}
			for _, s := range []*stage{w.near, w.far} {
				for _, who := range []string{"ann", "eve"} {
					for _, after := range []chat.Seq{before, before + 1, before + 2, before + 50} {
						c := s.connect(who)
						c.resume(map[chat.RoomID]chat.Seq{w.room: after})
						w.hears(c, after)
					}
				}
			}
		})
	}
}

func TestAReaderWhoIsSlowGetsSkipsToo(t *testing.T) {
	w := newWhispering(t, func(o *realtime.Options) { o.Ring = 16 })
	eve := w.near.joined("eve")
	w.talk(20)
	long := strings.Repeat("x", 8000)
	for range 10 { // more than sockets hold
		w.near.talkOf("bob", w.room, 100, whispered+long)
		w.near.talkOf("bob", w.room, 100, long)
	}
	w.near.eventually("eve is behind", func() bool { return w.near.hub.Stats().Laggards > 0 })
	skips := 0
	for head := w.near.head(w.room); eve.seen[w.room] < head; {
		if f := eve.event(); f.Type == "skip" {
			skips++
		} else if strings.Contains(f.raw, whispered) {
			t.Fatalf("eve hears %.200s", f.raw)
		}
	}
	if skips < 1000 {
		t.Errorf("eve was told %d skips", skips)
	}
}
