package realtime_test

import (
	"fmt"
	"strings"
	"testing"
)

// lateSends are more than the sockets take of somebody who does not read, and
// fewer than the answers that may wait.
const lateSends = 450

// Answers and events go out in one write where that can be; it may end
// anywhere in them.
func TestWhoSendsMuchAndReadsLateMissesNoAnswerAndNoMessage(t *testing.T) {
	s := newStage(t)
	room := s.room("general")
	slow := s.slowly("ann", room)
	text := strings.Repeat("much ", 1990)
	for n := range int64(lateSends) {
		slow.write(fmt.Sprintf(`{"id":%d,"op":"send","room":%d,"key":"late-%d","text":%q}`, n+10, room, n, text))
	}
	s.eventually("the sender is behind", func() bool { return s.hub.Stats().Laggards == 1 })
	last := s.says("ann", room, "the end")
	answered := map[int64]bool{}
	for slow.seen[room] < last || len(answered) < lateSends {
		f := slow.next()
		if _, err := slow.numbered(f); err != nil {
			t.Fatal(err)
		}
		if f.Re == nil {
			continue
		}
		if f.Error != nil || answered[*f.Re] {
			t.Fatalf("answered with %s", f.raw)
		}
		answered[*f.Re] = true
	}
}
