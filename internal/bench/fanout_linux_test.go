package bench

import (
	"fmt"
	"strings"
	"testing"
)

// newTestFanout has members that are connected to nothing; three messages
// are on their way.
func newTestFanout(members int) *fanout {
	f := newFanout(&swarm{sockets: make([]socket, members), head: 7}, 200, 0)
	f.sent, f.under = make([]sending, 3), 3
	return f
}

// message is the frame of an event.
func message(seq int) frame {
	text := fmt.Sprintf(`{"type":"message.created","room":1,"epoch":"e","seq":%d,"message":{"text":"%s"}}`, seq, filler(200))
	return frame{op: opText, size: len(text), text: []byte(text)}
}

func answer(id, seq int) frame {
	text := fmt.Sprintf(`{"re":%d,"ok":{"seq":%d}}`, id, seq)
	return frame{op: opText, size: len(text), text: []byte(text)}
}

func TestWhatEverybodyGetsOnceIsCountedWithoutComplaint(t *testing.T) {
	f := newTestFanout(2)
	f.hear(0, message(8)) // before its answer
	f.hear(0, answer(2, 8))
	f.hear(0, answer(4, 9)) // another order of committing
	f.hear(1, message(8))
	f.hear(0, frame{op: opText, size: 15, text: []byte(`{"type":"ping"}`)})
	for i := range 2 {
		f.hear(i, message(9))
		f.hear(i, message(10))
	}
	f.hear(0, answer(3, 10))
	lost, doubled, misordered, _ := f.settle()
	if lost+doubled+misordered != 0 || f.under != 0 || f.delivered != 6 || f.acks != 3 || len(f.latency) != 3 || f.fault != nil {
		t.Errorf("lost %d, doubled %d, misordered %d, %+v", lost, doubled, misordered, f)
	}
	if f.swarm.head != 10 {
		t.Errorf("the head is %d", f.swarm.head)
	}
}

func TestDamageIsCounted(t *testing.T) {
	f := newTestFanout(3)
	f.hear(0, answer(2, 8))
	f.hear(0, answer(3, 9))
	f.hear(0, message(9)) // read: another than the next
	f.hear(0, message(8))
	for range 3 {
		f.hear(1, message(8))
	}
	f.hear(2, message(8))
	lost, doubled, misordered, _ := f.settle()
	if lost != 1 || doubled != 1 || misordered != 2 {
		t.Errorf("lost %d, doubled %d, misordered %d; want 1, 1, 2", lost, doubled, misordered)
	}
	if f.under != 2 {
		t.Errorf("%d on their way, want 2", f.under)
	}
}

func TestARefusedMessageEndsTheRun(t *testing.T) {
	f := newTestFanout(1)
	text := []byte(`{"re":2,"error":{"code":"not_member"}}`)
	f.hear(0, frame{op: opText, size: len(text), text: text})
	if f.fault == nil || !strings.Contains(f.fault.Error(), "not_member") {
		t.Errorf("fault %v", f.fault)
	}
}
