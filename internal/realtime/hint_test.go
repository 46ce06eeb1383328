package realtime_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// Two nodes commit to one room at the same time, and what one of them has to
// tell has piled up: the numbers in between are the other node's.
func TestHintsOfANodeThatCommittedEverySecondEventTellTheRightNumbers(t *testing.T) {
	base := newStage(t)
	layer := newLayer(t)
	near, far := newNode(t, base.store, layer), newNode(t, base.store, layer)
	far.people = base.people
	room := base.room("general")
	ann := far.joined("ann")
	before := base.head(room)
	base.talk("ann", room, 60)
	events, err := base.store.Events(t.Context(), room, before, 60)
	if err != nil {
		t.Fatal(err)
	}
	var own []chat.Event
	for i, e := range events {
		if i%2 == 0 {
			own = append(own, e)
		}
	}
	near.hub.Committed(own)
	ann.reaches(room, before+59)
}
