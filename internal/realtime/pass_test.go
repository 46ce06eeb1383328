package realtime

import (
	"bytes"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// clay takes everything, after a while.
type clay struct {
	takes time.Duration

	mu sync.Mutex
	paper
}

func (c *clay) TryWrite(b []byte) (int, error) {
	time.Sleep(c.takes)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paper.TryWrite(b)
}

// got is what was written so far.
func (c *clay) got() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writes
}

func TestAfterAPassALargeRoomGathersForAsLongAsThePassTook(t *testing.T) {
	for _, c := range []struct {
		name    string
		members int
		takes   time.Duration // of each write
		pause   time.Duration
	}{
		{"as long as the pass", gatherFrom, 500 * time.Microsecond, 8 * time.Millisecond},
		{"but at most Gather", 20, 2 * time.Millisecond, 10 * time.Millisecond},
		{"a small room does not wait", gatherFrom - 1, 2 * time.Millisecond, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { gathers(t, c.members, c.takes, c.pause) })
		})
	}
}

// gathers has a first event make a pass, two more come one and two milliseconds
// after its end, and a last one long after that.
func gathers(t *testing.T, members int, takes, pause time.Duration) {
	s := runs(t)
	r, sockets := crowded(s, members, takes)
	first, last := sockets[0], sockets[members-1]
	pass := time.Duration(members) * takes
	r.offer(1, []byte("one"))
	time.Sleep(pass + time.Millisecond)
	r.offer(2, []byte("two"))
	time.Sleep(time.Millisecond)
	r.offer(3, []byte("three"))
	if pause == 0 {
		after(3 * pass)
		if len(first.got()) != 3 || len(last.got()) != 3 {
			t.Fatalf("the first and the last got %d and %d writes for three events", len(first.got()), len(last.got()))
		}
		return
	}
	after(pause - 2*time.Millisecond - time.Nanosecond)
	if n := len(first.got()); n != 1 {
		t.Fatalf("%d writes before the pause is over", n)
	}
	after(takes + time.Nanosecond)
	want := appendFrame(appendFrame(nil, []byte("two")), []byte("three"))
	if len(first.got()) != 2 || !bytes.Equal(first.got()[1], want) {
		t.Fatalf("after the pause the first gets %q, not both at once", first.got()[1:])
	}
	after(time.Second)
	if len(last.got()) != 2 || !bytes.Equal(last.got()[1], want) {
		t.Fatalf("the last gets %q, not both at once", last.got()[1:])
	}
	r.offer(4, []byte("four"))
	after(takes)
	if n := len(first.got()); n != 3 {
		t.Fatalf("%d writes: after a long silence an event does not go out at once", n)
	}
}

// after lets time pass, and the shard do what it does until then.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// While a room gathers, the shard is busy with another one until after the end
// of the pause.
func TestAPauseIsNoLongerForThePassOverAnotherRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := runs(t)
		one, sockets := crowded(s, 20, 500*time.Microsecond)
		other, _ := crowded(s, 20, time.Millisecond)
		one.offer(1, []byte("one"))
		after(11 * time.Millisecond) // the pass has taken 10
		one.offer(2, []byte("two"))
		after(time.Millisecond)
		other.offer(1, []byte("one"))
		after(20*time.Millisecond + 500*time.Microsecond)
		if n := len(sockets[0].got()); n != 2 {
			t.Errorf("%d writes when the shard has done with the other room", n)
		}
	})
}

// runs is a shard that runs until the test has ended.
func runs(t *testing.T) *shard {
	h := emptyHub()
	h.timing = Timing{}.withDefaults()
	t.Cleanup(func() {
		h.end()
		time.Sleep(time.Second) // for the pass that runs
	})
	s := newShard(h, 0)
	h.shards = []*shard{s}
	go s.run()
	return s
}

// crowded is a room with so many members on the shard. Nothing has been said
// in it.
func crowded(s *shard, members int, takes time.Duration) (*room, []*clay) {
	r := newRoom(s.hub.era.Load(), 1)
	r.open(0)
	var sockets []*clay
	seated := make(chan struct{})
	s.command(func() {
		for i := range members {
			socket := &clay{takes: takes}
			c := &conn{hub: s.hub, shard: s, net: socket, state: connSeated, who: chat.UserRef{ID: chat.UserID(i + 1)}}
			s.sit(c, r.partFor(s), 0)
			sockets = append(sockets, socket)
		}
		close(seated)
	})
	<-seated
	return r, sockets
}
