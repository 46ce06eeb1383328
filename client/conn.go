package client

import (
	"bufio"
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
	"github.com/gobwas/ws/wsutil"

	"github.com/parley-chat/parley/internal/wire"
)

// ErrClosed is what calls get once the connection has ended; Conn.Err tells
// why it did.
var ErrClosed = errors.New("client: connection closed")

// silence is how long nothing may be heard: the server pings every 25 s.
const silence = 45 * time.Second

// Conn is one socket. Its methods are safe for concurrent use.
type Conn struct {
	net     net.Conn
	buffer  io.Reader
	deliver func(Frame)
	hello   wire.Hello
	ended   chan struct{} // closed by read, after err is set
	err     error

	writing sync.Mutex // one frame at a time

	mu      sync.Mutex
	next    int64                 // guarded by mu
	waiting map[int64]chan answer // by id; nil once ended; guarded by mu
}

// Dial opens a socket and waits for the server's hello. Every frame that is
// no answer is handed to deliver, in order, on the goroutine that reads:
// while deliver runs, nothing else is heard.
func (c *Client) Dial(ctx context.Context, deliver func(Frame)) (*Conn, error) {
	dialer := ws.Dialer{
		Protocols: []string{wire.Subprotocol},
		Header:    ws.HandshakeHeaderHTTP(http.Header{"Authorization": {"Bearer " + c.token}}),
	}
	conn, buffered, _, err := dialer.Dial(ctx, "ws"+strings.TrimPrefix(c.base, "http")+"/api/v1/ws")
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	k := &Conn{net: conn, buffer: conn, deliver: deliver, ended: make(chan struct{}), waiting: map[int64]chan answer{}}
	if buffered != nil {
		k.buffer = buffered
	} else {
		k.buffer = bufio.NewReader(conn)
	}
	if err := k.readHello(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	go k.read() // ends when the connection does
	return k, nil
}

func (k *Conn) readHello(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		k.net.SetReadDeadline(deadline)
	}
	text, err := k.readText()
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &k.hello)
}

// Epoch names the history of the database that the server told of.
func (k *Conn) Epoch() string { return k.hello.Epoch }

// Ended is closed when the connection has ended.
func (k *Conn) Ended() <-chan struct{} { return k.ended }

// Err tells why the connection ended; nil before.
func (k *Conn) Err() error {
	select {
	case <-k.ended:
		return k.err
	default:
		return nil
	}
}

// Close ends the connection.
func (k *Conn) Close() error { return k.net.Close() }

// read hands frames over until the connection ends.
func (k *Conn) read() {
	for {
		k.net.SetReadDeadline(time.Now().Add(silence))
		text, err := k.readText()
		if err != nil {
			k.end(err)
			return
		}
		if err := k.dispatch(text); err != nil {
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
			err = wsutil.ClosedError{Code: code, Reason: reason}
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
	if a.Re == nil {
		var f Frame
		if err := json.Unmarshal(text, &f); err != nil {
			return err
		}
		k.deliver(f)
		return nil
	}
	k.mu.Lock()
	waiting := k.waiting[*a.Re]
	delete(k.waiting, *a.Re)
	k.mu.Unlock()
	if waiting != nil {
		waiting <- a
	}
	return nil
}

// end tells everybody who waits.
func (k *Conn) end(err error) {
	k.net.Close()
	k.mu.Lock()
	k.waiting = nil
	k.mu.Unlock()
	k.err = err
	close(k.ended)
}

// CloseCode gives the code that the server closed with, 1006 for none.
func (k *Conn) CloseCode() int {
	var closed wsutil.ClosedError
	if errors.As(k.Err(), &closed) {
		return int(closed.Code)
	}
	return int(ws.StatusAbnormalClosure)
}

// Resume subscribes to all rooms that one is in and asks for what was missed
// since the cursors. It must be the first call, and comes once.
func (k *Conn) Resume(ctx context.Context, cursors map[int64]Cursor) (Resumed, error) {
	rooms := make(map[string]Cursor, len(cursors))
	for room, cursor := range cursors {
		rooms[strconv.FormatInt(room, 10)] = cursor
	}
	var resumed Resumed
	return resumed, k.Call(ctx, "resume", map[string]any{"rooms": rooms}, &resumed)
}

// Send posts a message and waits until it is committed.
func (k *Conn) Send(ctx context.Context, room int64, key, text string) (Sent, error) {
	var sent Sent
	return sent, k.Call(ctx, "send", map[string]any{"room": room, "key": key, "text": text}, &sent)
}

// Call makes one op and reads its answer into out, which may be nil. A
// refusal is an *Error; when the connection ends first, ErrClosed.
func (k *Conn) Call(ctx context.Context, op string, fields map[string]any, out any) error {
	id, answered, err := k.register()
	if err != nil {
		return err
	}
	body := map[string]any{"id": id, "op": op}
	for name, value := range fields {
		body[name] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if err := k.write(ws.OpText, text); err != nil {
		return errors.Join(ErrClosed, err)
	}
	select {
	case a := <-answered:
		return a.into(out)
	case <-k.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a answer) into(out any) error {
	if a.Error != nil {
		return &Error{*a.Error}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(a.OK, out)
}

func (k *Conn) register() (int64, chan answer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting == nil {
		return 0, nil, ErrClosed
	}
	k.next++
	answered := make(chan answer, 1)
	k.waiting[k.next] = answered
	return k.next, answered, nil
}

// write sends one masked frame.
func (k *Conn) write(op ws.OpCode, payload []byte) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	return ws.WriteFrame(k.net, ws.MaskFrameInPlace(ws.NewFrame(op, true, payload)))
}
