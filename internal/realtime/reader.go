package realtime

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/parley-chat/parley/internal/wire"
)

// Bounds of what comes in.
const (
	maxMessageBytes = 64 << 10 // of one message, in however many frames
	maxFragments    = 64
	maxControls     = 10 // control frames a second
	inputBytes      = 4 << 10
	maxInputBytes   = maxMessageBytes + 2*ws.MaxHeaderSize
)

// violation is what makes us close a connection: the peer broke a rule.
type violation struct {
	code   wire.CloseCode
	reason string
}

func (v *violation) Error() string { return v.reason }

func protocolError(reason string) error { return &violation{wire.CloseProtocol, reason} }

var errTooBig error = &violation{wire.CloseTooBig, "64 KiB at most"}

// errEnded: the peer has closed, in order.
var errEnded = errors.New("realtime: ended by the peer")

// input is what a connection needs only while something is coming in.
type input struct {
	buf       []byte // read, not yet consumed
	message   []byte // the fragments so far
	fragments int    // 0: no message is open
	hurried   bool   // the deadline is that of what is coming in now
	armed     bool   // the socket has a deadline
}

var inputs = sync.Pool{New: func() any { return &input{buf: make([]byte, 0, inputBytes)} }}

// serve reads until the socket ends. It is the connection's goroutine;
// started by greet, it ends with the socket.
func (c *conn) serve(early []byte) {
	err := c.listen(early)
	if errors.Is(err, errHandedOn) {
		return
	}
	if c.giveNotice(err) {
		c.drain()
	}
	c.finish()
}

// giveNotice closes with the code that fits the error. It reports whether
// there is a peer to wait for.
func (c *conn) giveNotice(err error) bool {
	var broken *violation
	late := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case errors.As(err, &broken):
		c.close(broken.code, broken.reason)
	case late && !c.closing.Load():
		c.close(wire.ClosePolicy, "message did not come in time")
	default:
		return errors.Is(err, errEnded)
	}
	return true
}

// drain waits for the peer's side of a close that has begun, and ignores
// what it says. The deadline is brought forward when the close frame is out,
// by the shard, or here if that was before.
func (c *conn) drain() {
	in := takeInput()
	defer giveInput(in)
	_ = c.net.SetReadDeadline(time.Now().Add(c.hub.timing.Stall + 2*c.hub.timing.Linger))
	if c.parted.Load() {
		_ = c.net.SetReadDeadline(time.Now().Add(c.hub.timing.Linger))
	}
	for {
		if _, err := c.net.Read(in.buf[:cap(in.buf)]); err != nil {
			return
		}
	}
}

// errHandedOn: another goroutine reads on, or will.
var errHandedOn = errors.New("realtime: handed on")

// listen handles what comes until the connection is parked, or ends. Where it
// cannot be parked, it blocks in a read of a frame's header into the
// connection itself: an idle connection has no buffer. The call path down to
// here is kept shallow so that its stack stays at the smallest size.
func (c *conn) listen(early []byte) error {
	for {
		if len(early) == 0 {
			n, err := c.net.Read(c.head[:])
			if err != nil {
				return err
			}
			early = c.head[:n]
		}
		first := !c.resumed
		if err := c.consume(early); err != nil {
			return err
		}
		if c.park() {
			return errHandedOn
		}
		early = nil
		if first && c.resumed && c.hub.goes(func() { c.serve(nil) }) {
			return errHandedOn // resuming has made the stack large: leave it behind
		}
	}
}

func takeInput() *input { return inputs.Get().(*input) }

func giveInput(in *input) {
	if cap(in.buf) > 4*inputBytes {
		in.buf = make([]byte, 0, inputBytes)
	}
	*in = input{buf: in.buf[:0]}
	inputs.Put(in)
}

// consume handles what has been read and reads on until no frame and no
// message is half here.
func (c *conn) consume(early []byte) error {
	in := takeInput()
	defer giveInput(in)
	in.buf = append(in.buf, early...)
	for {
		used, need, err := c.frames(in)
		if err != nil {
			return err
		}
		in.buf = in.buf[:copy(in.buf, in.buf[used:])]
		if len(in.buf) == 0 && in.fragments == 0 {
			return c.calm(in)
		}
		if err := c.more(in, need); err != nil {
			return err
		}
	}
}

// calm takes the deadline back; that of a close that has begun must not be
// lost by this.
func (c *conn) calm(in *input) error {
	if in.armed {
		_ = c.net.SetReadDeadline(time.Time{})
	}
	if c.closing.Load() {
		return errEnded
	}
	return nil
}

// more reads on, at least the bytes that are needed in the end; what has
// begun must come to its end in time.
func (c *conn) more(in *input, need int) error {
	if !in.hurried {
		in.hurried, in.armed = true, true
		_ = c.net.SetReadDeadline(time.Now().Add(c.hub.timing.MessageWait))
	}
	if c.closing.Load() {
		return errEnded
	}
	if need > cap(in.buf) {
		in.buf = append(make([]byte, 0, need), in.buf...)
	}
	n, err := c.net.Read(in.buf[len(in.buf):cap(in.buf)])
	in.buf = in.buf[:len(in.buf)+n]
	return err
}

// frames handles all whole frames in the buffer: how many bytes they had, and
// how many the next one has.
func (c *conn) frames(in *input) (used, need int, err error) {
	for {
		h, size, err := parseHeader(in.buf[used:])
		if err != nil {
			return used, 0, err
		}
		if size == 0 {
			return used, ws.MaxHeaderSize, nil
		}
		if err := checkHeader(in, h); err != nil {
			return used, 0, err
		}
		end := used + size + int(h.Length)
		if end > len(in.buf) {
			return used, size + int(h.Length), nil
		}
		payload := in.buf[used+size : end]
		ws.Cipher(payload, h.Mask, 0)
		if err := c.frame(in, h, payload); err != nil {
			return used, 0, err
		}
		in.hurried = in.hurried && in.fragments > 0
		used = end
	}
}
