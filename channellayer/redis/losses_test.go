package redis

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/bus"
)

const peer = "0123456789abcdef0123456789abcdef"

func TestLossesAreCountedOnceWhateverTheOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		heard := newHeardLog(time.Now)
		sent := newSentLog(time.Now)
		heard.note("d", &frame{kind: frameGroup, process: peer, count: sent.next("d")})
		var frames []frame
		lost := 0
		for range 200 + random.IntN(3000) {
			f := frame{kind: frameGroup, process: peer, count: sent.next("d")}
			switch n := random.IntN(20); {
			case n == 0:
				lost++ // by the bus
			case n == 1:
				sent.fail("d") // by the sender, who has counted it
			default:
				frames = append(frames, f)
			}
		}
		if round%3 == 0 { // a long silence
			kept := len(frames) / 10
			lost += len(frames) - kept
			frames = frames[:kept]
		}
		for i := range frames { // neighbours overtake each other
			if j := i + random.IntN(20); j < len(frames) {
				frames[i], frames[j] = frames[j], frames[i]
			}
		}
		counted := 0
		for i := range frames {
			counted += heard.note("d", &frames[i])
		}
		for range 2 { // the tail may come twice
			counted += heard.note("d", &frame{kind: frameTail, process: peer, count: sent.rows["d"].counters})
		}
		if counted != lost {
			t.Fatalf("round %d: counted %d, lost %d", round, counted, lost)
		}
	}
}

func TestASenderThatCountsAnewIsNoLoss(t *testing.T) {
	heard := newHeardLog(time.Now)
	note := func(run, number uint64) int {
		return heard.note("d", &frame{kind: frameGroup, process: peer, count: counters{run: run, number: number}})
	}
	if n := note(1, 500); n != 0 {
		t.Errorf("%d lost before the first was heard", n)
	}
	if n := note(1, 503); n != 0 {
		t.Errorf("%d lost although they may be late", n)
	}
	if n := note(2, 1); n != 2 {
		t.Errorf("%d lost at the end of the run, want 2", n)
	}
	if n := note(3, 3) + note(4, 1); n != 2 {
		t.Errorf("%d lost at the start of a run, want 2", n)
	}
	heard.forget("d")
	if n := note(4, 100); n != 0 || heard.size != 1 {
		t.Errorf("%d lost of a sender that was forgotten, %d senders", n, heard.size)
	}
}

func TestSilentSendersGetATailAndAreForgotten(t *testing.T) {
	now := time.Now()
	log := newSentLog(func() time.Time { return now })
	log.next("a")
	last := log.next("a")
	if due := log.tails(); len(due) != 0 {
		t.Fatalf("a tail at once: %v", due)
	}
	now = now.Add(tailAfter + time.Second)
	if due := log.tails(); due["a"] != last {
		t.Fatalf("got %v, want %v", due, last)
	}
	log.tailSent("a", last)
	if due := log.tails(); len(due) != 0 {
		t.Fatalf("a second tail: %v", due)
	}
	now = now.Add(forgetAfter)
	log.tails()
	if len(log.rows) != 0 {
		t.Error("not forgotten")
	}
}

func TestFramesAreReadAsWrittenAndRefusedWhenSpoiled(t *testing.T) {
	m := channellayer.NewMessage(channellayer.Text("a", "b"))
	process := [rawProcess]byte{1, 0xff}
	for _, kind := range []byte{frameGroup, frameDirect, frameTail} {
		c := counters{run: 1 << 40, number: 300, failed: 2}
		payload := encodeFrame(kind, process, c, "parley.x!1", m)
		f, err := decodeFrame(payload)
		if err != nil || f.count != c || f.process[:4] != "01ff" || kind == frameDirect && f.channel != "parley.x!1" {
			t.Errorf("%c: %+v %v", kind, f, err)
		}
		for n := range len(payload) - len(f.body) {
			if _, err := decodeFrame(payload[:n]); err == nil {
				t.Errorf("%c: accepted the first %d bytes", kind, n)
			}
		}
	}
	for _, bad := range []string{"", "x", "x0123456789abcdef\x01\x01\x00", "g0123456789abcdef\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		if _, err := decodeFrame(bad); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}

func TestTagsSpreadOverTheSlots(t *testing.T) {
	n := newNames("ns")
	const share = 16384 / tagCount
	for i, tag := range n.tags {
		if int(bus.Slot("{"+tag+"}"))/share != i {
			t.Errorf("tag %d is %q", i, tag)
		}
	}
	name := n.of(kindGroup, "room.7")
	if kind, thing := n.parse(name); kind != kindGroup || thing != "room.7" || name[:7] != "pl:ns:{" {
		t.Errorf("%s is %s %s", name, kind, thing)
	}
	if bus.Slot(n.tagged(peer, kindFull, "p."+peer+"!")) != bus.Slot(n.of(kindProcess, peer)) {
		t.Error("mark and channel of a process are in different slots")
	}
}
