package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/parley-chat/parley/internal/wire"
)

// ErrClosed is what calls get once the connection has ended; Conn.Err tells
// why it did.
var ErrClosed = errors.New("client: connection closed")

// Closed is how the server ended a connection: a code and a reason as in
// docs/protocol.md.
type Closed struct {
	Code   int
	Reason string
}

func (c *Closed) Error() string { return fmt.Sprintf("client: closed with %d %s", c.Code, c.Reason) }

const (
	// silence is how long nothing may be heard: the server pings every 25 s.
	silence = 45 * time.Second
	// stall is how long a write may take.
	stall = 10 * time.Second
)

// Conn is one socket. Its methods are safe for concurrent use.
type Conn struct {
	net     net.Conn
	buffer  io.Reader
	deliver func(Frame) error
	hello   wire.Hello
	ended   chan struct{} // closed by read, after err is set
	err     error

	writing sync.Mutex // one frame at a time

	mu      sync.Mutex
	next    int64                  // guarded by mu
	waiting map[int64]func(answer) // by id; nil once ended; guarded by mu
}

// Dial opens a socket and waits for the server's hello; a refusal is an
// *Error. Every frame that is no answer is handed to deliver, in order, on
// the goroutine that reads: while deliver runs nothing else is heard, so it
// must not wait for an answer. An error from it ends the connection.
func (c *Client) Dial(ctx context.Context, deliver func(Frame) error) (*Conn, error) {
	conn, early, err := c.upgrade(ctx)
	if err != nil {
		return nil, err
	}
	if early == nil {
		early = bufio.NewReader(conn)
	}
	k := &Conn{net: conn, buffer: early, deliver: deliver, ended: make(chan struct{}), waiting: map[int64]func(answer){}}
	if err := k.readHello(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	go k.read() // ends when the connection does
	return k, nil
}

func (c *Client) upgrade(ctx context.Context) (net.Conn, *bufio.Reader, error) {
	var refused error
	dialer := ws.Dialer{
		Protocols: []string{wire.Subprotocol},
		Header:    ws.HandshakeHeaderHTTP(http.Header{"Authorization": {"Bearer " + c.token}}),
		OnStatusError: func(_ int, _ []byte, r io.Reader) {
			refused = readRefusal(r)
		},
	}
	conn, early, _, err := dialer.Dial(ctx, "ws"+strings.TrimPrefix(c.base, "http")+"/api/v1/ws")
	if refused != nil {
		return nil, nil, refused
	}
	if err != nil {
		return nil, nil, fmt.Errorf("client: %w", err)
	}
	return conn, early, nil
}

// readRefusal reads the answer to a handshake that did not become a socket.
func readRefusal(r io.Reader) error {
	response, err := http.ReadResponse(bufio.NewReader(r), nil)
	if err != nil {
		return nil // the dialer's own error will do
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // what there is
	return refusal(response, text)
}

func (k *Conn) readHello(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		k.net.SetReadDeadline(deadline)
	}
	defer context.AfterFunc(ctx, func() { k.net.SetReadDeadline(time.Unix(1, 0)) })()
	text, err := k.readText()
	if err != nil {
		return fmt.Errorf("client: no hello: %w", err)
	}
	return json.Unmarshal(text, &k.hello)
}

// Epoch names the history of the database that the server told of.
func (k *Conn) Epoch() string { return k.hello.Epoch }

// Ended is closed when the connection has ended and the last frame was
// delivered.
func (k *Conn) Ended() <-chan struct{} { return k.ended }

// Err tells why the connection ended: a *Closed if the server said so; nil
// before.
func (k *Conn) Err() error {
	select {
	case <-k.ended:
		return k.err
	default:
		return nil
	}
}

// Close says goodbye, if that goes at once, and ends the connection.
func (k *Conn) Close() error {
	if k.writing.TryLock() {
		k.net.SetWriteDeadline(time.Now().Add(time.Second))
		_ = k.writeLocked(ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, "")) // closed anyway
		k.writing.Unlock()
	}
	return k.net.Close()
}

// read hands frames over until the connection ends.
func (k *Conn) read() {
	for {
		k.net.SetReadDeadline(time.Now().Add(silence))
		text, err := k.readText()
		if err == nil {
			err = k.dispatch(text)
		}
		if err != nil {
			k.end(err)
			return
		}
	}
}

// readText gives the next text frame and answers control frames meanwhile.
func (k *Conn) readText() ([]byte, error) {
	for {
		header, err := ws.ReadHeader(k.buffer)
		if err != nil {
			return nil, err
		}
		if header.Length > maxAnswer {
			return nil, fmt.Errorf("client: a frame of %d bytes", header.Length)
		}
		payload := make([]byte, header.Length)
		if _, err := io.ReadFull(k.buffer, payload); err != nil {
			return nil, err
		}
		switch header.OpCode {
		case ws.OpText:
			return payload, nil
		case ws.OpPing:
			err = k.write(ws.OpPong, payload)
		case ws.OpClose:
			code, reason := ws.ParseCloseFrameData(payload)
			err = &Closed{int(code), reason}
		}
		if err != nil {
			return nil, err
		}
	}
}

func (k *Conn) dispatch(text []byte) error {
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return err
	}
	if a.Re != nil {
		if answered := k.take(*a.Re); answered != nil {
			answered(a)
		}
		return nil
	}
	var f Frame
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	return k.deliver(f)
}

// end lets go of everybody who waits.
func (k *Conn) end(err error) {
	k.net.Close()
	k.mu.Lock()
	k.waiting = nil
	k.mu.Unlock()
	k.err = err
	close(k.ended)
}

// Resume subscribes to all rooms that one is in and asks for what was missed
// since the cursors. It must be the first call, and comes once.
func (k *Conn) Resume(ctx context.Context, cursors map[int64]Cursor) (Resumed, error) {
	var resumed Resumed
	if err := k.resume(ctx, cursors, func(r Resumed) { resumed = r }); err != nil {
		return Resumed{}, err
	}
	return resumed, nil
}

// resume has settle run on the goroutine that reads, before any frame behind
// the answer is delivered.
func (k *Conn) resume(ctx context.Context, cursors map[int64]Cursor, settle func(Resumed)) error {
	rooms := make(map[string]Cursor, len(cursors))
	for room, cursor := range cursors {
		rooms[strconv.FormatInt(room, 10)] = cursor
	}
	return k.ask(ctx, "resume", map[string]any{"rooms": rooms}, func(a answer) error {
		var resumed Resumed
		err := a.into(&resumed)
		if err == nil {
			settle(resumed)
		}
		return err
	})
}

// Send posts a message and waits until it is committed.
func (k *Conn) Send(ctx context.Context, room int64, key, text string) (Sent, error) {
	var sent Sent
	return sent, k.Call(ctx, "send", map[string]any{"room": room, "key": key, "text": text}, &sent)
}

// Call makes one op and reads its answer into out, which may be nil. A
// refusal is an *Error; when the connection ends first, ErrClosed, and
// whether the server did it is not known.
func (k *Conn) Call(ctx context.Context, op string, fields map[string]any, out any) error {
	var got answer
	err := k.ask(ctx, op, fields, func(a answer) error { got = a; return nil })
	if err != nil {
		return err
	}
	return got.into(out)
}

// ask makes one op; answered runs on the goroutine that reads.
func (k *Conn) ask(ctx context.Context, op string, fields map[string]any, answered func(answer) error) error {
	done := make(chan error, 1)
	id, err := k.register(func(a answer) { done <- answered(a) })
	if err != nil {
		return err
	}
	defer k.forget(id)
	if err := k.writeOp(id, op, fields); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-k.ended:
	}
	select {
	case err := <-done: // it came just before the end
		return err
	default:
		return ErrClosed
	}
}

func (k *Conn) writeOp(id int64, op string, fields map[string]any) error {
	body := map[string]any{"id": id, "op": op}
	for name, value := range fields {
		body[name] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if err := k.write(ws.OpText, text); err != nil {
		k.net.Close() // half a frame may be on its way
		return errors.Join(ErrClosed, err)
	}
	return nil
}

func (k *Conn) register(answered func(answer)) (int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting == nil {
		return 0, ErrClosed
	}
	k.next++
	k.waiting[k.next] = answered
	return k.next, nil
}

// forget lets nobody wait for an answer any more.
func (k *Conn) forget(id int64) { k.take(id) }

// take takes out who waits for an answer, nil if nobody does.
func (k *Conn) take(id int64) func(answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	answered := k.waiting[id]
	delete(k.waiting, id)
	return answered
}

// write sends one masked frame.
func (k *Conn) write(op ws.OpCode, payload []byte) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	k.net.SetWriteDeadline(time.Now().Add(stall))
	return k.writeLocked(op, payload)
}

// writeLocked makes one write of a frame. Caller holds k.writing.
func (k *Conn) writeLocked(op ws.OpCode, payload []byte) error {
	var frame bytes.Buffer
	if err := ws.WriteFrame(&frame, ws.MaskFrameInPlace(ws.NewFrame(op, true, payload))); err != nil {
		return err
	}
	_, err := k.net.Write(frame.Bytes())
	return err
}
