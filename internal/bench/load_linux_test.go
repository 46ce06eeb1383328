package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// newTestLoad has members of one room who are connected to nothing; three
// messages are on their way.
func newTestLoad(members int) *load {
	l := newLoad(&swarm{
		hosts:   []string{"one"},
		sockets: make([]socket, members), rooms: []gathering{{id: 1, head: 7, members: perNode{int32(members)}}},
	}, plan{textBytes: 200, senders: 1, gap: time.Second})
	l.sent, l.under = make([]sending, 3), 3
	return l
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
	l := newTestLoad(2)
	l.hear(0, message(8)) // before its answer
	l.hear(0, answer(2, 8))
	l.hear(0, answer(4, 9)) // another order of committing
	l.hear(1, message(8))
	l.hear(0, frame{op: opText, size: 15, text: []byte(`{"type":"ping"}`)})
	for i := range 2 {
		l.hear(i, message(9))
		l.hear(i, message(10))
	}
	l.hear(0, answer(3, 10))
	f := l.settle()
	if f.any() || l.under != 0 || l.delivered != 6 || l.acks != 3 || len(l.latency) != 3 || l.fault != nil {
		t.Errorf("%+v, %+v", f, l)
	}
	if l.swarm.rooms[0].head != 10 {
		t.Errorf("the head is %d", l.swarm.rooms[0].head)
	}
}

func TestDamageIsCounted(t *testing.T) {
	l := newTestLoad(3)
	l.hear(0, answer(2, 8))
	l.hear(0, answer(3, 9))
	l.hear(0, message(9)) // read: another than the next
	l.hear(0, message(8))
	for range 3 {
		l.hear(1, message(8))
	}
	l.hear(2, message(8))
	f := l.settle()
	if f.Lost != 1 || f.Doubled != 1 || f.Misordered != 2 {
		t.Errorf("%+v; want 1 lost, 1 doubled, 2 out of order", f)
	}
	if l.under != 2 {
		t.Errorf("%d on their way, want 2", l.under)
	}
}

func TestARefusedMessageEndsTheRun(t *testing.T) {
	l := newTestLoad(1)
	text := []byte(`{"re":2,"error":{"code":"not_member"}}`)
	l.hear(0, frame{op: opText, size: len(text), text: text})
	if l.fault == nil || !strings.Contains(l.fault.Error(), "not_member") {
		t.Errorf("fault %v", l.fault)
	}
}

func TestAMessageHasLandedWhenItsOwnRoomHasIt(t *testing.T) {
	l := newLoad(&swarm{
		hosts:   []string{"one"},
		sockets: []socket{{room: 0}, {room: 1}, {room: 1}},
		rooms:   []gathering{{id: 5, head: 7, members: perNode{1}}, {id: 6, members: perNode{2}}},
	}, plan{textBytes: 200, senders: 3, gap: time.Second})
	l.sent, l.under = []sending{{by: 0}, {by: 1}}, 2
	l.hear(0, answer(2, 8))
	l.hear(0, message(8))
	l.hear(1, answer(3, 1))
	l.hear(1, message(1))
	if l.under != 1 || len(l.latency) != 1 {
		t.Errorf("%d on their way, %d have landed; the second is still missed by one", l.under, len(l.latency))
	}
	l.hear(2, message(1))
	if f := l.settle(); f.any() || l.under != 0 || l.swarm.rooms[0].head != 8 || l.swarm.rooms[1].head != 1 {
		t.Errorf("%+v, %+v", f, l)
	}
}

func TestTheReportSaysWhatWentWrong(t *testing.T) {
	l := &Load{People: 2, Rooms: 1, Rate: 100, SendsPerSecond: 50, ClientShare: 0.95, OthersShare: 0.5, Faults: Faults{Lost: 1}}
	r := Report{Rooms: l, Storm: &StormResult{ClientShare: 0.99}}
	var text strings.Builder
	r.Write(&text)
	for _, want := range []string{"did not keep up", "disturbed by other programs", "does not tell us its own"} {
		if strings.Count(text.String(), want) != 1 {
			t.Errorf("%q is not said once in\n%s", want, text.String())
		}
	}
	if strings.Count(text.String(), "limited by the client") != 2 || r.Sound() {
		t.Errorf("sound: %v\n%s", r.Sound(), text.String())
	}
}

func TestPagesAreComparedByTheirSlowest(t *testing.T) {
	pages := HistoryResults{{Page: Quantiles{P50: 2}}, {Page: Quantiles{P50: 1}}, {Page: Quantiles{P50: 3}}}
	if pages.Spread() != 3 {
		t.Errorf("spread %v", pages.Spread())
	}
}

func TestWhatReachesTheOtherNodeIsTimedByItself(t *testing.T) {
	l := newLoad(&swarm{
		hosts:   []string{"one", "two"},
		sockets: []socket{{}, {}}, rooms: []gathering{{id: 1, head: 7, members: perNode{1, 1}}},
	}, plan{textBytes: 200, senders: 2, gap: time.Second})
	l.sent, l.under = []sending{{by: 1, at: time.Now()}}, 1
	l.hear(0, message(8))
	l.hear(1, answer(2, 8))
	if len(l.latency) != 0 {
		t.Error("it has landed before its own node had it")
	}
	l.hear(1, message(8))
	if len(l.latency) != 1 || len(l.same) != 1 || len(l.cross) != 1 || l.cross[0] > l.same[0] || l.latency[0] != l.same[0] {
		t.Errorf("in all %v, on its node %v, on the other %v", l.latency, l.same, l.cross)
	}
}
