package realtime

import (
	"encoding/binary"

	"github.com/gobwas/ws"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// First bytes of the frames that we send: final, not masked.
const (
	finText  = 0x81
	finClose = 0x88
	finPing  = 0x89
	finPong  = 0x8a
)

// maxHeader is the longest header of a frame that we send.
const maxHeader = 10

// headerSize is that of a frame with a payload of n bytes.
func headerSize(n int) int {
	switch {
	case n < 126:
		return 2
	case n <= 0xffff:
		return 4
	}
	return maxHeader
}

func appendHeader(dst []byte, first byte, n int) []byte {
	switch headerSize(n) {
	case 2:
		return append(dst, first, byte(n))
	case 4:
		return binary.BigEndian.AppendUint16(append(dst, first, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(n))
}

// appendFrame writes a text frame.
func appendFrame(dst, json []byte) []byte {
	return append(appendHeader(dst, finText, len(json)), json...)
}

// blank is a buffer for a text that sealed turns into a frame.
func blank(size int) []byte { return make([]byte, maxHeader, maxHeader+size) }

// sealed turns a text that was appended to blank into its frame, in place.
func sealed(buf []byte) []byte {
	n := len(buf) - maxHeader
	start := maxHeader - headerSize(n)
	appendHeader(buf[:start], finText, n)
	return buf[start:]
}

// signalFrame is the frame of one of wire's signals.
func signalFrame(signal any) []byte {
	return sealed(wire.AppendSignal(blank(128), signal))
}

// errorFrame is the frame that refuses op id.
func errorFrame(id int64, err error) []byte {
	return sealed(wire.AppendError(blank(256), id, err))
}

// closeFrame has the code and the reason, which is cut to what fits.
func closeFrame(code wire.CloseCode, reason string) []byte {
	reason = reason[:min(len(reason), ws.MaxControlFramePayloadSize-2)]
	body := ws.NewCloseFrameBody(ws.StatusCode(code), reason)
	return append(appendHeader(nil, finClose, len(body)), body...)
}

// frameEnd is the length of the first frame in b, which we have written.
func frameEnd(b []byte) int {
	switch n := int(b[1]); n {
	case 126:
		return 4 + int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		return maxHeader + int(binary.BigEndian.Uint64(b[2:]))
	default:
		return 2 + n
	}
}

// cut says where a write of the room's frames in b stopped that took only n
// bytes: the rest of the frame that is half on its way, and the number of
// the last frame that needs nothing more. before is the number of the frame
// in front of b.
func cut(b []byte, n int, before chat.Seq) (rest []byte, last chat.Seq) {
	last = before
	for at := 0; at < n; last++ {
		end := at + frameEnd(b[at:])
		if end > n {
			return b[n:end:end], last + 1
		}
		at = end
	}
	return nil, last
}
