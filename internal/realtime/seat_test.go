package realtime

import (
	"bytes"
	"slices"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// The last person here had left the room long ago. Now bob joins it, and before
// his shard comes to that the room is let go.
func TestNobodySitsDownInARoomThatWasLetGo(t *testing.T) {
	h := emptyHub()
	s := &shard{hub: h}
	h.shards = []*shard{s}
	h.end() // whatever would be asked of others is not
	here := h.era.Load()
	bob := &conn{hub: h, shard: s, state: connSeated, who: chat.UserRef{ID: 7}}
	h.people.add(bob)

	gone := newRoom(here, 1)
	gone.open(4)
	s.apply(gone.partFor(s), &mark{seq: 5, user: 7, joined: true})
	if len(bob.seats) > 0 {
		t.Error("bob sits in a room to which nothing comes any more")
	}
	if again := h.room(1); again == nil || again == gone || again.head.Load() != 4 {
		t.Errorf("the room was not opened again before his joining: %v", again)
	}
}

// hall is a shard with a room of which it has a part, in which ann sits.
type hall struct {
	shard *shard
	room  *room
	part  *part
	ann   *paper
}

func newHall() *hall {
	h := emptyHub()
	h.end() // nothing is asked of others, and no laggard goes on by itself
	s := &shard{hub: h}
	h.shards = []*shard{s}
	here := h.era.Load()
	r := newRoom(here, 1)
	h.rooms[1] = r
	r.open(0)
	o := &hall{shard: s, room: r, part: r.partFor(s), ann: &paper{}}
	ann := &conn{hub: h, shard: s, net: o.ann, state: connSeated, who: chat.UserRef{ID: 6}}
	h.people.add(ann)
	s.sit(ann, o.part, 0)
	return o
}

// say adds events that the shard has not come to.
func (o *hall) say(texts ...string) {
	for _, text := range texts {
		o.room.log.append([]byte(text))
		o.room.head.Store(int64(o.room.log.head))
	}
}

// comes has bob resume, with the answer "ok", behind the event after.
func (o *hall) comes(after chat.Seq) (*conn, *paper, bool) {
	socket := &paper{}
	bob := &conn{hub: o.shard.hub, shard: o.shard, net: socket, who: chat.UserRef{ID: 7}, fresh: &newcomer{}}
	o.shard.hub.people.add(bob)
	places := []place{{room: o.room, after: after, head: chat.Seq(o.room.head.Load())}}
	seated := o.shard.seat(bob, o.shard.hub.era.Load(), appendFrame(nil, []byte("ok")), places)
	return bob, socket, seated
}

func framesOf(texts ...string) (frames []byte) {
	for _, text := range texts {
		frames = appendFrame(frames, []byte(text))
	}
	return frames
}

func TestWhoComesBackGetsTheAnswerAndWhatTheyMissedInOneWrite(t *testing.T) {
	o := newHall()
	o.say("1", "2", "3")
	o.shard.pass(o.part)
	_, bob, _ := o.comes(1)
	if want := [][]byte{framesOf("ok", "2", "3")}; !slices.EqualFunc(bob.writes, want, bytes.Equal) {
		t.Errorf("bob gets %q, want %q", bob.writes, want)
	}
	if len(o.ann.writes) != 1 {
		t.Errorf("ann gets %q", o.ann.writes)
	}
}

// All others get it in the pass that is due, with what comes until then.
func TestWhoComesBackHasNobodyServedSooner(t *testing.T) {
	o := newHall()
	o.say("1", "2")
	o.shard.pass(o.part)
	o.say("3")
	_, bob, _ := o.comes(1)
	if len(o.ann.writes) != 1 {
		t.Errorf("ann gets %q before a pass is due", o.ann.writes)
	}
	o.say("4")
	o.shard.pass(o.part)
	if want := [][]byte{framesOf("1", "2"), framesOf("3", "4")}; !slices.EqualFunc(o.ann.writes, want, bytes.Equal) {
		t.Errorf("ann gets %q, want %q", o.ann.writes, want)
	}
	if want := framesOf("ok", "2", "3", "4"); !bytes.Equal(bob.text, want) {
		t.Errorf("bob gets %q, want %q", bob.text, want)
	}
}

// Bob has 3 already, to which the shard has not come.
func TestWhoComesBackFromFurtherOnGetsNothingTwice(t *testing.T) {
	o := newHall()
	o.say("1", "2", "3")
	_, bob, _ := o.comes(3)
	o.say("4")
	o.shard.pass(o.part)
	if want := framesOf("ok", "4"); !bytes.Equal(bob.text, want) {
		t.Errorf("bob gets %q, want %q", bob.text, want)
	}
}

// Bob's list of rooms was read before 2, with which he left.
func TestWhoHasLeftMeanwhileIsNotSeatedBeforeTheShardComesToThat(t *testing.T) {
	o := newHall()
	o.say("1")
	o.shard.pass(o.part)
	socket := &paper{}
	bob := &conn{hub: o.shard.hub, shard: o.shard, net: socket, who: chat.UserRef{ID: 7}, fresh: &newcomer{}}
	o.shard.hub.people.add(bob)
	o.say("left")
	o.room.addMark(traits{user: 7}, o.room.log.end)
	if o.shard.seat(bob, o.shard.hub.era.Load(), framesOf("ok"), []place{{room: o.room, after: 1, head: 1}}) || len(bob.seats) > 0 {
		t.Errorf("bob sits where he is not any more, and gets %q", socket.text)
	}
}

func TestWhoComesBackIsNotShownWhatWasDeletedBeforeThatAndIsYetToBeServed(t *testing.T) {
	o := newHall()
	o.say("1")
	o.shard.pass(o.part)
	o.say("2")
	o.room.log.redact()
	o.say("2 is deleted")
	_, bob, _ := o.comes(1)
	o.shard.pass(o.part)
	if want := framesOf("1", "2", "2 is deleted"); !bytes.Equal(o.ann.text, want) {
		t.Errorf("ann, who was here, gets %q, want %q", o.ann.text, want)
	}
	if bytes.Contains(bob.text, framesOf("2")) {
		t.Errorf("bob gets %q", bob.text)
	}
}

func TestMoreThanABufferIsWrittenBehindTheAnswer(t *testing.T) {
	o := newHall()
	long := string(bytes.Repeat([]byte("a"), maxSpareBytes))
	o.say(long, "2", "3")
	o.shard.pass(o.part)
	_, bob, _ := o.comes(0)
	if want := framesOf("ok", long, "2", "3"); !bytes.Equal(bob.text, want) || len(bob.writes) < 2 {
		t.Errorf("bob gets %d bytes in %d writes, want %d", len(bob.text), len(bob.writes), len(want))
	}
}

// Bob's socket takes half of the answer and nothing more.
func TestWhoseSocketIsFullAtTheAnswerMissesNothing(t *testing.T) {
	for _, long := range []int{1, maxSpareBytes} {
		o := newHall()
		o.say(string(bytes.Repeat([]byte("a"), long)), "2")
		o.shard.pass(o.part)
		socket := &paper{space: 2}
		bob := &conn{hub: o.shard.hub, shard: o.shard, net: socket, who: chat.UserRef{ID: 7}, fresh: &newcomer{}}
		o.shard.seat(bob, o.shard.hub.era.Load(), framesOf("ok"), []place{{room: o.room, after: 0, head: 2}})
		l := bob.lag
		if l == nil || string(l.rest) != "ok" || len(l.cursors) != 1 {
			t.Fatalf("bob has %q, and is behind like this: %+v", socket.text, l)
		}
		if got := l.cursors[0].seq; long == 1 && (got != 2 || !bytes.Equal(l.private, framesOf("a", "2"))) || long > 1 && (got != 0 || len(l.private) > 0) {
			t.Errorf("what follows is %.30q and what comes behind %d", l.private, got)
		}
	}
}

// The history is gone in which bob sat. What he is told of that does not go out
// at once, and then he comes back into the new one.
func TestWhoFallsBehindWhileStrandedWaitsForNothingOfTheOldHistory(t *testing.T) {
	o := newHall()
	h := o.shard.hub
	bob, socket, _ := o.comes(0)
	now := &era{hub: h}
	h.era.Store(now)
	again := newRoom(now, 1)
	h.rooms = map[chat.RoomID]*room{1: again}
	again.open(3)
	o.shard.strandAll()
	socket.space = len(socket.text) + 1
	o.shard.queue(bob, framesOf("a ping"))
	o.shard.flushOut(bob)
	if bob.lag == nil || len(bob.lag.cursors) > 0 {
		t.Fatalf("bob is behind like this: %+v", bob.lag)
	}
	o.shard.seat(bob, now, framesOf("reload"), []place{{room: again, after: 3, head: 3}})
	o.shard.rejoin(bob)
	if bob.lag.private = nil; bob.lag.findCursor() >= 0 || !bob.lag.plain() {
		t.Errorf("bob waits for %+v", bob.lag.cursors)
	}
}

// Bob is in two rooms. What he has missed of the first goes into one write with
// the answer, together with a part of the second; the socket takes none of it.
func TestWhatWasInOneWriteWithTheAnswerIsNotSentAgain(t *testing.T) {
	o := newHall()
	other := newRoom(o.room.era, 2)
	o.shard.hub.rooms[2] = other
	other.open(0)
	long := string(bytes.Repeat([]byte("a"), maxSpareBytes*2/3))
	o.say("1")
	o.shard.pass(o.part)
	for _, text := range []string{"2", long, long} {
		other.log.append([]byte(text))
	}
	other.head.Store(3)
	socket := &paper{space: 2}
	bob := &conn{hub: o.shard.hub, shard: o.shard, net: socket, who: chat.UserRef{ID: 7}, fresh: &newcomer{}}
	o.shard.seat(bob, o.room.era, framesOf("ok"), []place{{room: o.room, after: 0, head: 1}, {room: other, after: 0, head: 3}})
	l := bob.lag
	if l == nil || string(l.rest) != "ok" || len(l.cursors) != 2 {
		t.Fatalf("bob has %q, and is behind like this: %+v", socket.text, l)
	}
	enclosed := []string{"1", "2", long, long}[:1+l.cursors[1].seq]
	if l.cursors[0].seq != 1 || l.cursors[1].seq == 0 || l.cursors[1].seq == 3 || !bytes.Equal(l.private, framesOf(enclosed...)) {
		t.Errorf("%d bytes are on their way, and what comes behind %d and %d", len(l.private), l.cursors[0].seq, l.cursors[1].seq)
	}
}
