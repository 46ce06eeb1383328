package realtime

import (
	"errors"
	"testing"
)

func TestALaggardWithNothingToSendInARoomThatItJoinedLateIsDone(t *testing.T) {
	shard := &shard{}
	r := &room{parts: []*part{{seq: 5}}}
	r.head.Store(5)
	l := &laggard{conn: &conn{shard: shard}}
	l.follow(r, 5)
	if _, _, _, err := l.pick(); !errors.Is(err, errCaughtUp) || !l.plain() {
		t.Fatalf("it gets %v and may go back to its shard: %v", err, l.plain())
	}
}

// The room has come to 9, the shard to 6. At 7 the person may have left.
func TestALaggardDoesNotRunAheadOfItsShardWhichKnowsWhoLeft(t *testing.T) {
	shard := &shard{}
	r := &room{parts: []*part{{seq: 6}}}
	r.head.Store(9)
	l := &laggard{conn: &conn{shard: shard}}
	l.follow(r, 5)
	if _, cur, _, err := l.pick(); err != nil || cur.until != 6 {
		t.Fatalf("it may send up to %d, %v", cur.until, err)
	}
	l.until(r, 7, nil)
	r.parts[0].seq = 9
	if _, cur, _, err := l.pick(); err != nil || cur.until != 7 {
		t.Fatalf("after the leaving it may send up to %d, %v", cur.until, err)
	}
}

func TestALaggardWhoseConnectionHasLeftGoesBackToNothing(t *testing.T) {
	s := &shard{}
	r := &room{parts: []*part{nil}}
	c := &conn{shard: s, state: connLeft}
	c.lag = &laggard{conn: c}
	c.lag.follow(r, 5)
	if _, _, _, err := c.lag.pick(); !errors.Is(err, errCaughtUp) {
		t.Fatalf("it gets %v", err)
	}
	s.rejoin(c)
	if len(s.flush) > 0 || c.state != connLeft {
		t.Error("it is served again")
	}
}

// Somebody has left room 7 at 8 and joined it again at 9. In between it was let
// go and opened again.
func TestALaggardTellsOfTheLeavingBeforeTheNextJoining(t *testing.T) {
	shard := &shard{}
	before, after := &room{id: 7, parts: []*part{{seq: 8}}}, &room{id: 7, parts: []*part{{seq: 9}}}
	before.head.Store(8)
	after.head.Store(9)
	l := &laggard{conn: &conn{shard: shard}, turn: 1}
	l.follow(before, 6)
	l.until(before, 8, []byte("removed"))
	l.follow(after, 8)
	if _, cur, _, err := l.pick(); err != nil || cur.room != before {
		t.Fatalf("it goes on in the room from after %d, %v", cur.seq, err)
	}
}

// Somebody has left a room, and is in it again in the database's new history.
func TestALaggardTellsOfTheLeavingBeforeItTellsToReload(t *testing.T) {
	r := &room{id: 7, parts: []*part{{seq: 9}}}
	r.head.Store(9)
	l := &laggard{conn: &conn{shard: &shard{}}}
	l.follow(r, 6)
	l.until(r, 8, []byte("removed"))
	l.strand()
	l.push([]byte("reload"))
	if _, _, private, err := l.pick(); err != nil || string(private) != "removedreload" {
		t.Fatalf("it says %q, %v", private, err)
	}
	if _, _, private, err := l.pick(); !errors.Is(err, errCaughtUp) || len(private) > 0 {
		t.Fatalf("after that it says %q, %v", private, err)
	}
}
