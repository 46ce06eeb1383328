package realtime

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// paper takes what is written to it at once.
type paper struct {
	net.Conn
	space  int // how much it takes; 0: all
	text   []byte
	writes [][]byte
}

func (p *paper) TryWrite(b []byte) (int, error) {
	if p.space > 0 {
		b = b[:min(len(b), p.space-len(p.text))]
	}
	p.text = append(p.text, b...)
	p.writes = append(p.writes, bytes.Clone(b))
	return len(b), nil
}

// emptyHub has no rooms, nobody, and no shards yet. Whoever makes it ends it.
func emptyHub() *Hub {
	h := &Hub{rooms: map[chat.RoomID]*room{}, people: people{conns: map[chat.UserID]crowd{}}, now: time.Now}
	h.presence.init(h)
	h.ctx, h.end = context.WithCancel(context.Background())
	h.era.Store(&era{hub: h})
	return h
}

// Bob was behind, and has caught up to 1. His leaving is 2, something that he
// is not to hear is 3, and his joining is 4. The shard comes to all of them as
// it takes him back.
func TestWhoLeavesAndJoinsWhileTheShardTakesThemBackHearsOfTheLeavingFirst(t *testing.T) {
	h := emptyHub()
	h.end() // nothing is asked of others, and no laggard goes on by itself
	s := &shard{hub: h}
	h.shards = []*shard{s}
	here := h.era.Load()
	socket := &paper{}
	bob := &conn{hub: h, shard: s, net: socket, state: connSeated, who: chat.UserRef{ID: 7}}
	h.people.add(bob)
	r := newRoom(here, 1)
	h.rooms[1] = r
	r.open(1)
	s.sit(bob, r.partFor(s), 1)
	l := s.fallBehind(bob, nil, nil, 0)

	left, joined := traits{user: 7}, traits{user: 7, joined: true}
	r.log.append([]byte("left"))
	r.addMark(left, r.log.end)
	r.log.append([]byte("between"))
	start := r.log.end
	r.log.append([]byte("joined"))
	r.addMark(joined, start)
	r.head.Store(4)

	s.rejoin(bob)
	if text := string(socket.text); text != string(appendFrame(nil, []byte("left"))) || bob.lag != l {
		t.Fatalf("bob gets %q at once, and is behind still: %v", text, bob.lag == l)
	}
	if i := l.findCursor(); i < 0 || len(l.private) == 0 || l.cursors[i].seq != 3 {
		t.Errorf("the room's end is %q, and the next cursor %d", l.private, i)
	}
}
