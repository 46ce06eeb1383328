package simulate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// session is one connection of a person, from the handshake to its end.
type session struct {
	person *person
	life   *life
	socket *socket
	input  *bufio.Reader
	ended  chan struct{} // closed by read
	woken  chan struct{} // closed to end a sleep
	signIn chat.SessionID

	asked asking // as things were when the resume was sent

	mu    sync.Mutex
	ops   int64                 // guarded by mu
	sends map[int64]chat.RoomID // guarded by mu; unanswered, by op
	since time.Time             // guarded by mu; the oldest unanswered op, zero for none
	seats map[chat.RoomID]*seat // guarded by mu; nil before the answer to the resume
	lazy  time.Time             // guarded by mu; nothing is read until then
	gone  bool                  // guarded by mu
}

// seat is what a connection is to get of a room: all from next on. What is not
// beyond answered is replayed.
type seat struct {
	epoch          string
	next, answered chat.Seq
}

// asking is what the book says of a person's rooms, when a resume is sent.
type asking struct {
	epoch string
	rooms map[chat.RoomID]standing
}

type standing struct {
	head  chat.Seq
	stays int // joins and leaves so far
	here  bool
}

// handshake is the answer to our request: where the hub takes the socket
// over, like net/http does it.
type handshake struct {
	socket *socket
	header http.Header
}

func (h *handshake) Header() http.Header         { return h.header }
func (h *handshake) Write(b []byte) (int, error) { return len(b), nil }
func (h *handshake) WriteHeader(int)             {}

func (h *handshake) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.socket, bufio.NewReadWriter(bufio.NewReader(h.socket), bufio.NewWriter(h.socket)), nil
}

var errRefused = errors.New("simulate: refused")

// dial opens a connection and sends the resume.
func (p *person) dial(l *life) (*session, error) {
	near, far := newSockets(p.w.plan.socket)
	far.labour = l.labour
	if !l.keep(far) {
		return nil, errRefused
	}
	p.mu.Lock()
	signIn := p.session
	p.mu.Unlock()
	request, err := http.NewRequest(http.MethodGet, "/api/v1/socket", nil)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13",
		"Sec-Websocket-Key": "c2VlZHNlZWRzZWVkc2VlZA==", "Sec-Websocket-Protocol": wire.Subprotocol,
	} {
		request.Header.Set(name, value)
	}
	request.Host = "simulated"
	if err := l.hub.Accept(&handshake{far, http.Header{}}, request, principal(p.who, signIn)); err != nil {
		return nil, err
	}
	s := &session{
		person: p, life: l, socket: near, input: bufio.NewReader(near), ended: make(chan struct{}), woken: make(chan struct{}),
		signIn: signIn, sends: map[int64]chat.RoomID{},
	}
	return s, s.begin()
}

// begin reads the end of the handshake and asks for what was missed.
func (s *session) begin() error {
	for {
		line, err := s.input.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	p := s.person
	rooms := map[string]any{}
	p.mu.Lock()
	for room, at := range p.cursors {
		rooms[fmt.Sprint(room)] = map[string]any{"epoch": at.epoch, "seq": at.seq}
	}
	p.mu.Unlock()
	s.asked = p.w.book.standings(p.who.ID)
	s.write(map[string]any{"id": 1, "op": "resume", "rooms": rooms})
	s.ops = 1
	return nil
}

// send sends a message over this connection.
func (s *session) send(room chat.RoomID, d *draft) {
	s.mu.Lock()
	s.ops++
	id := s.ops
	s.sends[id] = room
	if s.since.IsZero() {
		s.since = time.Now()
	}
	s.mu.Unlock()
	s.person.mu.Lock()
	d.sent = s
	s.person.mu.Unlock()
	s.write(map[string]any{"id": id, "op": "send", "room": room, "key": d.key, "text": d.text})
}

// write sends a frame. A dead socket is noticed by read.
func (s *session) write(op map[string]any) {
	text, _ := json.Marshal(op) // of texts and numbers: cannot fail
	s.person.w.findings.line("person %d says to node %d: %s", s.person.who.ID, s.life.node.number, text)
	s.writeFrame(ws.NewTextFrame(text))
}

func (s *session) writeFrame(f ws.Frame) {
	_ = ws.WriteFrame(s.socket, ws.MaskFrameInPlaceWith(f, [4]byte{1, 2, 3, 4}))
}

// oldest is since when an answer is missing; now if none is.
func (s *session) oldest() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() {
		return time.Now()
	}
	return s.since
}

func (s *session) isSeated() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seats != nil && !s.gone
}

// doze has nothing read for a while.
func (s *session) doze(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lazy = time.Now().Add(d)
}

// nap is how long read is to wait before the next frame.
func (s *session) nap() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.person.w.healed.Load() && s.person != s.person.w.statue {
		return 0
	}
	return time.Until(s.lazy)
}

// sleep is person.pause, until somebody wakes the session.
func (s *session) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.woken:
		return true
	case <-s.person.w.ended:
		return false
	}
}

// wake ends a sleep, once.
func (s *session) wake() { close(s.woken) }

// isOver reports whether read has ended.
func (s *session) isOver() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// leave ends the connection from our side.
func (s *session) leave() {
	_ = s.socket.Close()
	<-s.ended
}

// read hears the server until the connection ends.
func (s *session) read() {
	defer close(s.ended)
	for {
		if d := s.nap(); d > 0 && !s.sleep(d) {
			break
		}
		header, payload, err := s.next()
		if err != nil || !s.hear(header.OpCode, payload) {
			break
		}
	}
	_ = s.socket.Close()
	s.mu.Lock()
	s.gone = true
	s.mu.Unlock()
	s.person.away(s)
}

// next reads a frame.
func (s *session) next() (ws.Header, []byte, error) {
	header, err := ws.ReadHeader(s.input)
	if err != nil {
		return header, nil, err
	}
	payload := make([]byte, header.Length)
	_, err = io.ReadFull(s.input, payload)
	return header, payload, err
}

// away forgets a connection that has ended.
func (p *person) away(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.socket == s {
		p.socket = nil
	}
	for _, d := range p.drafts {
		if d.sent == s {
			d.sent = nil
		}
	}
}

// keep notes our end of a socket; false if the process is dead.
func (l *life) keep(s *socket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sockets = append(l.sockets, s)
	return !l.dead.Load()
}
