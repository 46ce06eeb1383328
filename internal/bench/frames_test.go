package bench

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// frames gives what a walker finds in the pieces of a stream.
func framesIn(w *walker, pieces ...[]byte) []string {
	var found []string
	for _, b := range pieces {
		for {
			f, rest, ok := w.next(b)
			if !ok {
				break
			}
			b = rest
			found = append(found, fmt.Sprint(f.op, " ", f.size, " ", string(f.text)))
		}
	}
	return found
}

func TestFramesAreFoundHoweverTheStreamIsCut(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	var stream []byte
	var want []string
	for _, size := range []int{0, 1, 125, 126, 127, 200, 65535, 65536, 70000, 3} {
		payload := filler(size)
		stream = appendPlain(stream, payload)
		want = append(want, fmt.Sprint(opText, " ", size, " ", string(payload)))
	}
	stream = append(stream, 0x80|opPing, 0)
	want = append(want, fmt.Sprint(opPing, " 0 "))
	for range 50 {
		var pieces [][]byte
		for rest := stream; len(rest) > 0; {
			n := min(1+rnd.IntN(1+rnd.IntN(40_000)), len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		if got := framesIn(&walker{keep: true}, pieces...); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("seed %d: %d pieces: other frames were found", seed, len(pieces))
		}
	}
	if got := framesIn(&walker{}, stream); len(got) != len(want) || got[5] != "1 200 " {
		t.Errorf("without keeping: %q", got)
	}
}

func TestClientsFramesAreMasked(t *testing.T) {
	for _, size := range []int{0, 5, 126, 70000} {
		payload := filler(size)
		b := appendMasked(nil, opText, payload)
		head := int(headSize(b[1]))
		if b[0] != 0x81 || b[1]&0x80 == 0 || len(b) != head+4+size {
			t.Fatalf("%d bytes became %d, beginning with % x", size, len(b), b[:2])
		}
		mask, body := b[head:head+4], bytes.Clone(b[head+4:])
		for i := range body {
			body[i] ^= mask[i%4]
		}
		if !bytes.Equal(body, payload) {
			t.Errorf("%d bytes: another payload", size)
		}
	}
}
