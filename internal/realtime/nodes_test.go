package realtime_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
)

// told is for presence that nodes tell each other when it changes, and not
// because they are asked again or forgotten.
func told(o *realtime.Options) {
	o.Timing.PresenceTick, o.Timing.OfflineGrace = 20*time.Millisecond, 20*time.Millisecond
	o.Timing.PresenceAsk, o.Timing.PresenceLast = never, never
}

func TestWhoGoesOfflineOnOneNodeIsOfflineOnTheOther(t *testing.T) {
	layer := newLayer(t)
	near := newStage(t, func(o *realtime.Options) { o.Layer = layer; told(o) })
	far := newNode(t, near.store, layer, told)
	far.people = near.people
	ids := map[string]chat.UserID{}
	for _, name := range []string{"bob", "eve", "joe"} {
		ids[name] = near.add(name, chat.RoleMember).User.ID
	}
	near.add("kim", chat.RoleMember)
	room := near.room("general", "bob", "eve", "joe", "kim")
	far.joined("kim") // so that the question is heard there, which is asked once
	ann := near.joined("ann")
	ann.asks("watch", fmt.Sprintf(`,"room":%d`, room))
	clients := map[string]*client{}
	for name, id := range ids {
		clients[name] = far.joined(name)
		awaitState(ann, id, "active")
	}
	bob, eve, joe := clients["bob"], clients["eve"], clients["joe"]
	_ = bob.ws.CloseNow()
	awaitState(ann, ids["bob"], "offline")
	near.change("ann", room, chat.RemoveMember{User: ids["eve"]}) // by way of this node
	eve.until("room.removed")
	awaitState(ann, ids["eve"], "offline")
	far.hub.SessionsEnded(far.people["joe"].Session.ID)
	joe.closed()
	awaitState(ann, ids["joe"], "offline")
	again := far.joined("bob")
	awaitState(ann, ids["bob"], "active")
	also := near.joined("bob") // on both
	_ = again.ws.CloseNow()
	_ = also.ws.CloseNow()
	awaitState(ann, ids["bob"], "offline")
}

func TestARollingRestartLosesNothing(t *testing.T) {
	layer := newLayer(t)
	base := newStage(t) // commits, and goes on
	base.add("bob", chat.RoleMember)
	room := base.room("general", "bob")
	start := func() *stage {
		s := newNode(t, base.store, layer, func(o *realtime.Options) { o.Timing.Sweep = 50 * time.Millisecond })
		s.people = base.people
		return s
	}
	nodes := []*stage{start(), start()}
	var clients []*client
	for i := range 20 {
		clients = append(clients, nodes[i%2].joined([]string{"ann", "bob"}[i%3%2]))
	}
	for turn := range 4 {
		old := turn % 2
		base.talk("bob", room, 30)
		drained := make(chan error, 1)
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			drained <- nodes[old].hub.Drain(ctx)
		}()
		base.talk("bob", room, 30)
		for i, c := range clients {
			if c.s == nodes[old] {
				clients[i] = c.movesTo(nodes[1-old], room)
			}
		}
		base.must(<-drained)
		nodes[old] = start()
	}
	head := base.head(room)
	for _, c := range clients {
		c.reaches(room, head)
	}
}

// movesTo reads until the node sends the client away, and resumes on another
// one where it was.
func (c *client) movesTo(s *stage, room chat.RoomID) *client {
	c.t.Helper()
	for {
		f, err := c.read()
		if code := websocket.CloseStatus(err); err != nil && code != 1012 {
			c.t.Fatalf("%s is sent away with %d: %v", c.name, code, err)
		}
		if err != nil {
			break
		}
		if _, err := c.numbered(f); err != nil {
			c.t.Fatal(err)
		}
	}
	next := s.connect(c.name)
	if answer := next.resume(c.seen); answer.Rooms[room].Reload {
		c.t.Fatalf("%s is told to reload", c.name)
	}
	return next
}
