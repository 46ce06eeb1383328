package realtime_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
)

// faulty is a layer that loses, doubles and reorders what is sent to groups.
type faulty struct {
	channellayer.Layer
	lose, double, delay float64

	mu   sync.Mutex
	kept []channellayer.Message // guarded by mu
}

func (f *faulty) GroupSend(ctx context.Context, group string, m channellayer.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.Type() != "room.event" {
		return f.Layer.GroupSend(ctx, group, m)
	}
	batch := []channellayer.Message{m}
	if rand.Float64() < f.double {
		batch = append(batch, m)
	}
	switch {
	case rand.Float64() < f.lose:
		batch = nil
	case rand.Float64() < f.delay:
		f.kept = append(f.kept, batch...)
		return nil
	}
	for _, m := range append(batch, f.kept...) {
		if err := f.Layer.GroupSend(ctx, group, m); err != nil {
			return err
		}
	}
	f.kept = nil
	return nil
}

// twoNodes are a node that commits and one that only hears of it.
func twoNodes(t *testing.T, layer channellayer.Layer, change ...func(*realtime.Options)) (near, far *stage) {
	near = newStage(t, func(o *realtime.Options) { o.Layer = layer })
	far = newNode(t, near.store, layer, func(o *realtime.Options) {
		o.Timing.Sweep = 100 * time.Millisecond
		for _, f := range change {
			f(o)
		}
	})
	far.people = near.people
	return near, far
}

func TestAnotherNodeHearsEverythingInOrderWhateverTheLayerDoes(t *testing.T) {
	for name, layer := range map[string]*faulty{
		"works":                  {},
		"loses everything":       {lose: 1},
		"loses some":             {lose: 0.3},
		"doubles and reorders":   {double: 0.3, delay: 0.5},
		"does all of that often": {lose: 0.3, double: 0.5, delay: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			layer.Layer = newLayer(t)
			near, far := twoNodes(t, layer)
			room := near.room("general")
			ann := far.joined("ann")
			for range 10 {
				near.talk("ann", room, 40)
			}
			ann.reaches(room, near.head(room))
		})
	}
}

func TestJoiningThroughAnotherNodeShowsHere(t *testing.T) {
	near, far := twoNodes(t, newLayer(t))
	bob := near.add("bob", chat.RoleMember)
	room := near.room("general")
	c := far.joined("bob")
	joined := near.change("bob", room, chat.AddMember{User: bob.User.ID}).Event.Seq
	if f := c.event(); f.Type != "member.joined" || f.Seq != joined {
		t.Fatalf("the first frame is %s", f.raw)
	}
	c.reaches(room, near.says("bob", room, "hello"))
	left := near.change("bob", room, chat.RemoveMember{User: bob.User.ID}).Event.Seq
	c.reaches(room, left)
	if f := c.next(); f.Type != "room.removed" {
		t.Fatalf("after leaving comes %s", f.raw)
	}
}

func TestSignalsReachTheOtherNodes(t *testing.T) {
	near, far := twoNodes(t, newLayer(t))
	bob, eve := near.add("bob", chat.RoleMember), near.add("eve", chat.RoleMember)
	room := near.room("general", "bob", "eve")
	ann, b, e := far.joined("ann"), far.joined("bob"), far.joined("eve")
	ann.asks("watch", `,"room":1`)
	near.joined("bob").asks("typing", `,"room":1`)
	if f := ann.until("typing"); f.User.ID != bob.User.ID {
		t.Fatalf("ann sees %s", f.raw)
	}
	near.hub.RoomListChanged(bob.User.ID)
	b.until("rooms")
	near.hub.ReadMoved(bob.User.ID, room, 2)
	b.until("read")
	near.hub.SessionsEnded(bob.Session.ID)
	if code := b.closed(); code != 4001 {
		t.Errorf("bob is closed with %d", code)
	}
	near.hub.AccountEnded(eve.User.ID)
	if code := e.closed(); code != 4003 {
		t.Errorf("eve is closed with %d", code)
	}
	near.hub.RoomDeleted(room)
	ann.until("room.removed")
}

func TestLongEventsTravelByTheirNumber(t *testing.T) {
	near, far := twoNodes(t, newLayer(t))
	room := near.room("general")
	ann := far.joined("ann")
	text := make([]byte, 9_000)
	for i := range text {
		text[i] = 'x'
	}
	ann.reaches(room, near.says("ann", room, string(text)))
	if far.hub.Stats().Holes == 0 {
		t.Fatal("the event came with its hint")
	}
}
