package realtime

import (
	"errors"
	"testing"
)

func TestALaggardWithNothingToSendInARoomThatItJoinedLateIsDone(t *testing.T) {
	r := &room{}
	r.head.Store(5)
	l := &laggard{}
	l.follow(r, 5)
	if _, _, _, err := l.pick(); !errors.Is(err, errCaughtUp) || !l.plain() {
		t.Fatalf("it gets %v and may go back to its shard: %v", err, l.plain())
	}
}
