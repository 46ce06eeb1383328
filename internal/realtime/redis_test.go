package realtime_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	layerredis "github.com/parley-chat/parley/channellayer/redis"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/testkit/redistest"
	windowredis "github.com/parley-chat/parley/internal/window/redis"
)

func redisLayer(t *testing.T, url string, onState func(up bool)) *layerredis.Layer {
	t.Helper()
	layer, err := layerredis.New(t.Context(), layerredis.Options{
		URL: url, OnState: onState, Options: channellayer.Options{Logger: slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := layer.Shutdown(ctx); err != nil {
			t.Error("shutdown:", err)
		}
	})
	return layer
}

// never is a sweep that does not come in a test: all that is heard is heard
// over the layer.
const never = time.Hour

// redisNodes are two nodes of one database over one Redis, with a window in it.
// Only near hears of commits by itself.
func redisNodes(t *testing.T, url string, change ...func(*realtime.Options)) (near, far *stage) {
	key := seal.NewKey()
	over := func(o *realtime.Options, epoch string) {
		layer := redisLayer(t, url, nil)
		o.Layer, o.Seal = layer, key
		o.Window = windowredis.New(windowredis.Options{Server: layer, Epoch: epoch, Seal: key})
		o.Timing.Sweep = never
		for _, f := range change {
			f(o)
		}
	}
	near = newStage(t, func(o *realtime.Options) { over(o, "test") })
	far = newNode(t, near.store, nil, func(o *realtime.Options) { over(o, "test") })
	far.people = near.people
	return near, far
}

func TestNodesHearOfEachOtherThroughRedis(t *testing.T) {
	near, far := redisNodes(t, redistest.Start(t).URL())
	room := near.room("general")
	ann := far.joined("ann")
	for range 5 {
		near.talk("ann", room, 100)
	}
	ann.reaches(room, near.head(room))
	near.eventually("the window is whole", func() bool {
		got, err := far.window.Range(t.Context(), room, 0, near.head(room), near.head(room))
		return err == nil && len(got) == int(near.head(room))
	})
}

func TestPresenceAndTypingGoFromNodeToNode(t *testing.T) {
	near, far := redisNodes(t, redistest.Start(t).URL(), func(o *realtime.Options) {
		o.Timing.PresenceTick, o.Timing.OfflineGrace = 20*time.Millisecond, 50*time.Millisecond
		o.Timing.PresenceAsk, o.Timing.PresenceLast = 100*time.Millisecond, 2*time.Second
	})
	bob, eve := near.add("bob", chat.RoleMember), near.add("eve", chat.RoleMember)
	room := near.room("general", "bob", "eve")
	watch := fmt.Sprintf(`,"room":%d`, room)
	b := near.joined("bob")
	ann := far.joined("ann")
	ann.asks("watch", watch)
	awaitState(ann, bob.User.ID, "active")
	e := near.joined("eve")
	awaitState(ann, eve.User.ID, "active")
	e.asks("typing", watch)
	if f := ann.until("typing"); f.User.ID != eve.User.ID {
		t.Fatalf("ann sees %s", f.raw)
	}
	also := far.joined("eve") // on both nodes: one of them is enough
	_ = e.ws.CloseNow()
	_ = b.ws.CloseNow()
	awaitState(ann, bob.User.ID, "offline")
	_ = also.ws.CloseNow()
	awaitState(ann, eve.User.ID, "offline")
	near.joined("bob")
	awaitState(ann, bob.User.ID, "active")
	near.hub.Close() // without a word: its lease ends
	awaitState(ann, bob.User.ID, "offline")
}

// awaitState reads until the person has the state.
func awaitState(c *client, user chat.UserID, state string) {
	c.t.Helper()
	for {
		for _, p := range c.until("presence").Users {
			if p.ID == user && p.State == state {
				return
			}
		}
	}
}

func TestSomebodyOutsideTheRoomMayWatchItFromAnotherNode(t *testing.T) {
	near, far := redisNodes(t, redistest.Start(t).URL(), func(o *realtime.Options) {
		o.Timing.PresenceTick = 20 * time.Millisecond
	})
	bob := near.add("bob", chat.RoleMember)
	near.add("eve", chat.RoleMember)
	room := near.room("general", "bob")
	watch := fmt.Sprintf(`,"room":%d`, room)
	b, e := near.joined("bob"), far.joined("eve")
	e.asks("watch", watch)
	awaitState(e, bob.User.ID, "active")
	b.asks("typing", watch)
	e.until("typing")
}

func TestNodesGoOnWithoutTheirRedis(t *testing.T) {
	s := redistest.Start(t)
	near, far := redisNodes(t, s.URL())
	room := near.room("general")
	ann := far.joined("ann")
	ann.reaches(room, near.says("ann", room, "with Redis"))
	s.Kill()
	near.eventually("the layer is down", func() bool { return !far.layer.Stats().Up })
	far.hub.LayerChanged()
	near.talk("ann", room, 300)
	ann.reaches(room, near.head(room))
	s.RestartEmpty()
	near.eventually("the layer is up", func() bool { return far.layer.Stats().Up && near.layer.Stats().Up })
	near.says("ann", room, "lost or not")
	far.hub.LayerChanged()
	ann.reaches(room, near.says("ann", room, "with Redis again"))
}

func TestWhatHappenedWhileTheLayerWasDownIsLookedForWhenItIsUp(t *testing.T) {
	near, far := twoNodes(t, &faulty{Layer: newLayer(t), lose: 1}, func(o *realtime.Options) { o.Timing.Sweep = never })
	room := near.room("general")
	ann := far.joined("ann")
	said := near.says("ann", room, "unheard")
	far.hub.LayerChanged()
	ann.reaches(room, said)
}

func TestWhatAnotherNodeSaysBeforeTheLayerIsBackThereTooIsLookedFor(t *testing.T) {
	near, far := twoNodes(t, &faulty{Layer: newLayer(t), lose: 1}, func(o *realtime.Options) { o.Timing.Sweep = never })
	room := near.room("general")
	ann := far.joined("ann")
	said := near.says("ann", room, "while it is away on both")
	far.hub.LayerChanged()
	ann.reaches(room, said)
	ann.reaches(room, near.says("ann", room, "while it is away on one"))
}

func TestWhatNoNodeHasSentIsAtMostAReasonToAskTheDatabase(t *testing.T) {
	s := redistest.Start(t)
	_, far := redisNodes(t, s.URL())
	room := far.room("general")
	ann := far.joined("ann")
	said := far.says("ann", room, "the truth") // far does not hear of commits
	stranger := redisLayer(t, s.URL(), nil)
	lie := fmt.Sprintf(`{"type":"message.created","room":%d,"seq":%d,"message":{"text":"a lie"}}`, room, said)
	tell := func(kind string, fields ...channellayer.Field) {
		t.Helper()
		fields = append(fields, channellayer.Text("type", kind), channellayer.Text("node", "x!y"),
			channellayer.Int("room", int64(room)), channellayer.Bytes("mark", make([]byte, seal.Size)))
		if err := stranger.GroupSend(t.Context(), fmt.Sprintf("room.%d", room), channellayer.NewMessage(fields...)); err != nil {
			t.Fatal(err)
		}
	}
	tell("room.deleted")
	tell("room.event", channellayer.Int("seq", 1<<40))
	tell("room.event", channellayer.Int("seq", int64(said)), channellayer.Text("epoch", far.store.Epoch()),
		channellayer.List("events", channellayer.BytesValue([]byte(lie))))
	if f := ann.event(); f.Seq != said || f.Message == nil || f.Message.Text != "the truth" {
		t.Fatalf("ann sees %s", f.raw)
	}
	far.eventually("they are counted", func() bool { return far.hub.Stats().Forged == 3 })
	if f := ann.asks("ping", ""); f.Re == nil {
		t.Fatalf("then comes %s", f.raw)
	}
}
