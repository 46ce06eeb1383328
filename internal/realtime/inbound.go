package realtime

import (
	"encoding/binary"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/parley-chat/parley/internal/wire"
)

// parseHeader reads a frame's header; size is 0 when it is not all here. The
// length must be written in its shortest form.
func parseHeader(b []byte) (h ws.Header, size int, err error) {
	if len(b) < 2 {
		return h, 0, nil
	}
	h = ws.Header{Fin: b[0]&0x80 != 0, Rsv: b[0] >> 4 & 7, OpCode: ws.OpCode(b[0] & 0xf), Masked: b[1]&0x80 != 0, Length: int64(b[1] & 0x7f)}
	size = 2
	switch {
	case h.Length == 126 && len(b) >= 4:
		h.Length, size = int64(binary.BigEndian.Uint16(b[2:])), 4
	case h.Length == 127 && len(b) >= 10:
		h.Length, size = int64(binary.BigEndian.Uint64(b[2:])), 10
	case h.Length >= 126:
		return h, 0, nil
	}
	switch {
	case h.Length < 0 || headerSize(int(h.Length)) != size:
		return h, 0, protocolError("bad length")
	case h.Length > maxMessageBytes && !h.OpCode.IsControl():
		return h, 0, errTooBig // before anything more is waited for
	}
	if !h.Masked {
		return h, size, nil
	}
	if len(b) < size+4 {
		return h, 0, nil
	}
	copy(h.Mask[:], b[size:])
	return h, size + 4, nil
}

// checkHeader refuses a frame before its payload is waited for.
func checkHeader(in *input, h ws.Header) error {
	state := ws.StateServerSide
	if in.fragments > 0 {
		state = state.Set(ws.StateFragmented)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return protocolError(err.Error())
	}
	switch {
	case h.OpCode == ws.OpBinary:
		return &violation{wire.CloseBinary, "text frames only"}
	case h.OpCode.IsControl():
		return nil
	case h.Length+int64(len(in.message)) > maxMessageBytes:
		return errTooBig
	case in.fragments >= maxFragments:
		return &violation{wire.ClosePolicy, "64 fragments at most"}
	}
	return nil
}

// frame handles one frame, whose payload is valid until it returns.
func (c *conn) frame(in *input, h ws.Header, payload []byte) error {
	if !c.alive.Load() {
		c.alive.Store(true)
	}
	if h.OpCode.IsControl() {
		return c.control(h.OpCode, payload)
	}
	if !h.Fin || in.fragments > 0 {
		in.message = append(in.message, payload...)
		in.fragments++
		if !h.Fin {
			return nil
		}
		payload = in.message
		in.message, in.fragments = nil, 0
	}
	if !utf8.Valid(payload) {
		return &violation{wire.CloseBadText, "text must be UTF-8"}
	}
	return c.handle(payload)
}

// control handles a ping, a pong or a close frame.
func (c *conn) control(op ws.OpCode, payload []byte) error {
	now := uint32(time.Now().Unix())
	if c.ctrlFrom != now {
		c.ctrlFrom, c.controls = now, 0
	}
	if c.controls++; c.controls > maxControls {
		return &violation{wire.ClosePolicy, "too many control frames"}
	}
	switch op {
	case ws.OpPing:
		c.shard.postWaiting(c, append(appendHeader(nil, finPong, len(payload)), payload...))
	case ws.OpClose:
		return c.closedBy(payload)
	}
	return nil
}

// maxCloseCode is the last code that anybody may use.
const maxCloseCode = 4999

// closedBy answers the peer's close frame with its own code.
func (c *conn) closedBy(payload []byte) error {
	if len(payload) == 0 {
		c.close(wire.CloseBye, "")
		return errEnded
	}
	if len(payload) == 1 {
		return protocolError("a close frame has no body or a code")
	}
	code, reason := ws.ParseCloseFrameData(payload)
	if err := ws.CheckCloseFrameData(code, reason); err != nil || code > maxCloseCode {
		return protocolError("bad close frame")
	}
	c.close(wire.CloseCode(code), "")
	return errEnded
}
