package realtime

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// event is what the ring is given for a number: short and long ones.
func event(seq chat.Seq) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%d,", seq)), 1+int(seq%7)*30)
}

// replayAll reads what follows on after, checks each frame against what was
// appended, and gives the number of the last.
func replayAll(t *testing.T, r *ring, after chat.Seq) chat.Seq {
	t.Helper()
	for after < r.head {
		b, last := r.read(r.offset(after+1), r.end)
		for len(b) > 0 {
			after++
			want := appendFrame(nil, event(after))
			if n := frameEnd(b); !bytes.Equal(b[:n], want) {
				t.Fatalf("frame %d is %.40q, want %.40q", after, b[:n], want)
			}
			b = b[frameEnd(b):]
		}
		if after != last {
			t.Fatalf("the piece ends with frame %d, it says %d", after, last)
		}
	}
	return after
}

func TestAnySuffixOfARingIsWhatWasAppended(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		var r ring
		r.reset(chat.Seq(random.IntN(100)))
		for range 3000 {
			if random.IntN(200) == 0 {
				r.redact()
			}
			r.append(event(r.head + 1))
			r.trim(r.end - int64(random.IntN(10_000)))
			after := r.head - chat.Seq(random.IntN(1200))
			if after >= 0 && r.replays(after) {
				replayAll(t, &r, after)
			}
		}
		if len(r.starts) > ringEvents || r.replays(r.head-ringEvents-1) {
			t.Fatalf("seed %d: %d events are kept", seed, len(r.starts))
		}
	}
}

func TestARingKeepsWhatASlowReaderNeedsUpToALimit(t *testing.T) {
	var r ring
	r.reset(0)
	for range ringEvents * 3 {
		r.append(event(r.head + 1))
		r.trim(0)
	}
	if r.first != 1 {
		t.Fatalf("the ring begins at %d though somebody stands at 1", r.first)
	}
	for range ringEvents * ringSlack {
		r.append(event(r.head + 1))
		r.trim(0)
	}
	if n := len(r.starts); n > ringEvents*ringSlack || r.end-r.begin() > ringBytes*ringSlack {
		t.Fatalf("the ring keeps %d events, %d bytes", n, r.end-r.begin())
	}
	r.trim(math.MaxInt64)
	if n := len(r.starts); n > ringEvents {
		t.Fatalf("the ring keeps %d events for nobody", n)
	}
}

func TestDeletedTextLeavesTheMemoryOfARing(t *testing.T) {
	var r ring
	r.reset(0)
	for range 10 {
		r.append([]byte("a secret"))
	}
	r.redact()
	r.append([]byte("deleted"))
	r.trim(math.MaxInt64)
	for _, c := range r.chunks {
		if bytes.Contains(c.buf[:cap(c.buf)], []byte("secret")) {
			t.Fatal("the secret is still in a chunk")
		}
	}
	if r.replays(9) || !r.replays(10) {
		t.Fatal("the ring replays other events than the deletion")
	}
}

func TestACutFindsTheFrameThatIsHalfSent(t *testing.T) {
	var b []byte
	var ends []int
	for seq := chat.Seq(11); seq <= 40; seq++ {
		b = appendFrame(b, event(seq))
		ends = append(ends, len(b))
	}
	for n := range len(b) {
		rest, last := cut(b, n, 10)
		whole := 0
		for whole < len(ends) && ends[whole] <= n {
			whole++
		}
		begun := whole
		end := n
		if whole == 0 && n > 0 || whole > 0 && ends[whole-1] < n {
			begun, end = whole+1, ends[whole]
		}
		if last != chat.Seq(10+begun) || !bytes.Equal(rest, b[n:end]) {
			t.Fatalf("after %d bytes: last %d with %d bytes to go, want %d with %d", n, last, len(rest), 10+begun, end-n)
		}
	}
}
