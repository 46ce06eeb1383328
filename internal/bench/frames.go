package bench

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
)

// What the frames of a socket can be.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

// frame is one that has arrived whole.
type frame struct {
	op   byte
	size int    // of the payload
	text []byte // the payload, if the walker keeps it; valid until the next frame
}

// walker finds the frames in a stream that arrives in pieces of any size. It
// looks at headers only and passes over the payloads, unless told to keep
// them. Frames come from a server: they are not masked.
type walker struct {
	keep   bool
	inside bool // the header is complete
	have   uint8
	head   [10]byte
	size   int
	left   int // of the payload
	text   []byte
}

// next gives the next whole frame in b and what follows it. Without one, all
// of b was taken.
func (w *walker) next(b []byte) (f frame, rest []byte, ok bool) {
	if !w.inside {
		if b = w.readHead(b); !w.inside {
			return frame{}, nil, false
		}
	}
	n := min(len(b), w.left)
	if w.keep {
		w.text = append(w.text, b[:n]...)
	}
	if w.left -= n; w.left > 0 {
		return frame{}, nil, false
	}
	w.inside, w.have = false, 0
	return frame{op: w.head[0] & 0x0f, size: w.size, text: w.text}, b[n:], true
}

// readHead takes header bytes until there is nothing left or inside is set.
func (w *walker) readHead(b []byte) []byte {
	for len(b) > 0 && !w.inside {
		w.head[w.have] = b[0]
		w.have++
		b = b[1:]
		w.inside = w.have >= 2 && w.have == headSize(w.head[1])
	}
	if !w.inside {
		return b
	}
	switch short := int(w.head[1] & 0x7f); short {
	case 126:
		w.size = int(binary.BigEndian.Uint16(w.head[2:]))
	case 127:
		w.size = int(binary.BigEndian.Uint64(w.head[2:]))
	default:
		w.size = short
	}
	w.left, w.text = w.size, w.text[:0]
	return b
}

func headSize(second byte) uint8 {
	switch second & 0x7f {
	case 126:
		return 4
	case 127:
		return 10
	}
	return 2
}

// appendMasked writes a frame as clients must: masked.
func appendMasked(dst []byte, op byte, payload []byte) []byte {
	dst = append(dst, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	mask := binary.NativeEndian.AppendUint32(nil, rand.Uint32())
	dst = append(dst, mask...)
	for i, c := range payload {
		dst = append(dst, c^mask[i%4])
	}
	return dst
}

// appendPlain writes a frame as servers do.
func appendPlain(dst []byte, payload []byte) []byte {
	dst = append(dst, 0x80|opText)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
	}
	return append(dst, payload...)
}

// filler is a text without anything that would have to be escaped.
func filler(n int) []byte {
	return bytes.Repeat([]byte("All work and no play makes Parley quick. "), n/41+1)[:n]
}
