package redis

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"sync"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/msgpack"
)

// The kinds of frames: what is published is one of these bytes, the 16 bytes of
// the sending process, its counters as variable-length numbers, for a direct
// message the length and name of its channel, and the message.
const (
	frameGroup  = 'g' // a message to a group
	frameDirect = 'd' // a message to a specific channel
	frameTail   = 't' // no message: these are the sender's counters after its last one
)

const rawProcess = processHex / 2

// frame is a decoded frame.
type frame struct {
	kind    byte
	process string // 32 hex digits
	count   counters
	channel string // of a direct message
	body    string // MessagePack, not yet decoded
}

// counters number the messages from one sender to one destination.
type counters struct {
	run    uint64 // differs each time a sender begins to count anew
	number uint64 // of this message, from 1
	failed uint64 // how many up to now were not taken by Redis
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled bounds the buffers that are kept.
const maxPooled = 64 << 10

// encodeFrame returns the payload of a frame. Body is absent for a tail.
func encodeFrame(kind byte, process [rawProcess]byte, c counters, channel string, m channellayer.Message) string {
	buffer := buffers.Get().(*[]byte)
	b := append((*buffer)[:0], kind)
	b = append(b, process[:]...)
	b = binary.AppendUvarint(b, c.run)
	b = binary.AppendUvarint(b, c.number)
	b = binary.AppendUvarint(b, c.failed)
	if kind == frameDirect {
		b = binary.AppendUvarint(b, uint64(len(channel)))
		b = append(b, channel...)
	}
	if kind != frameTail {
		b = msgpack.Append(b, m)
	}
	payload := string(b)
	if cap(b) <= maxPooled {
		*buffer = b
		buffers.Put(buffer)
	}
	return payload
}

var errFrame = errors.New("redis: malformed frame")

// decodeFrame reads all but the message.
func decodeFrame(payload string) (frame, error) {
	if len(payload) < 1+rawProcess {
		return frame{}, errFrame
	}
	f := frame{kind: payload[0], process: hex.EncodeToString([]byte(payload[1 : 1+rawProcess]))}
	rest := payload[1+rawProcess:]
	for _, field := range []*uint64{&f.count.run, &f.count.number, &f.count.failed} {
		var ok bool
		if *field, rest, ok = cutUvarint(rest); !ok {
			return frame{}, errFrame
		}
	}
	switch f.kind {
	case frameGroup, frameTail:
		f.body = rest
		return f, nil
	case frameDirect:
		n, rest, ok := cutUvarint(rest)
		if !ok || n > channellayer.MaxNameBytes || n > uint64(len(rest)) {
			return frame{}, errFrame
		}
		f.channel, f.body = rest[:n], rest[n:]
		return f, nil
	}
	return frame{}, errFrame
}

func cutUvarint(s string) (uint64, string, bool) {
	var n uint64
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		n |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return n, s[i+1:], true
		}
	}
	return 0, "", false
}
