package simulate

import (
	"encoding/json"
	"time"

	"github.com/gobwas/ws"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// heard is any frame of the server.
type heard struct {
	Type  string
	Room  chat.RoomID
	Epoch string
	Seq   chat.Seq
	From  chat.Seq
	To    chat.Seq
	User  struct{ ID chat.UserID }
	Re    int64
	OK    json.RawMessage
	Error *wire.Problem
}

// hear takes one frame; false ends the connection.
func (s *session) hear(op ws.OpCode, payload []byte) bool {
	w := s.person.w
	w.findings.tell(int64(s.person.who.ID), payload)
	if op == ws.OpText {
		w.findings.line("person %d hears from node %d: %s", s.person.who.ID, s.life.node.number, payload)
	}
	switch op {
	case ws.OpPing:
		s.writeFrame(ws.NewPongFrame(nil))
		return true
	case ws.OpClose:
		s.closed(ws.ParseCloseFrameData(payload))
		return false
	}
	var h heard
	if err := json.Unmarshal(payload, &h); err != nil {
		s.broken(Protocol, "a frame that is no JSON: %v", err)
		return false
	}
	switch h.Type {
	case "":
		return s.answered(h)
	case "hello":
		if !s.person.w.book.knows(h.Epoch) {
			s.broken(Protocol, "hello has the epoch %q", h.Epoch)
		}
	case "reload":
		s.reload(h)
	case "room.removed":
		s.removed(h.Room)
	case "ping", "rooms", "presence", "typing", "read":
	case "skip":
		return s.numbered(h, payload, h.From, h.To)
	default:
		return s.numbered(h, payload, h.Seq, h.Seq)
	}
	return true
}

// broken notes a broken promise.
func (s *session) broken(promise Promise, format string, args ...any) {
	args = append([]any{s.person.who.ID, s.life.node.number}, args...)
	s.person.w.findings.add(promise, "person %d at node %d: "+format, args...)
}

// closed looks at the code of a close: some blame the client, who did nothing
// wrong.
func (s *session) closed(code ws.StatusCode, reason string) {
	s.person.w.findings.line("person %d is closed by node %d: %d %s", s.person.who.ID, s.life.node.number, code, reason)
	switch wire.CloseCode(code) {
	case wire.CloseProtocol, wire.CloseBinary, wire.CloseBadText, wire.ClosePolicy, wire.CloseTooBig, wire.CloseInternal:
		s.broken(Protocol, "closed with %d %s", code, reason)
	case wire.CloseSessionEnded:
		if s.person.w.book.live(s.signIn)[s.signIn] {
			s.broken(Revoked, "closed with %d though the session lives", code)
		}
	}
}

// answered takes the answer to an op.
func (s *session) answered(h heard) bool {
	if h.Re == 1 {
		return s.resumed(h)
	}
	s.mu.Lock()
	room, known := s.sends[h.Re]
	delete(s.sends, h.Re)
	s.since = time.Time{}
	if len(s.sends) > 0 {
		s.since = time.Now()
	}
	s.mu.Unlock()
	if !known {
		s.broken(Protocol, "an answer to op %d, which was not asked", h.Re)
		return false
	}
	s.sent(room, h)
	return true
}

// sent takes the answer to a message: it is stored, refused, or to be sent
// again later.
func (s *session) sent(room chat.RoomID, h heard) {
	p := s.person
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.drafts[room]
	switch {
	case d == nil || d.sent != s:
		s.broken(Protocol, "an answer in room %d where nothing waits for one", room)
	case h.Error == nil:
		var ok wire.Sent
		if err := json.Unmarshal(h.OK, &ok); err != nil {
			s.broken(Protocol, "the answer to a message: %v", err)
		}
		delete(p.drafts, room)
		epoch, wrong := p.w.book.standsIn(room, p.who.ID, d.key, ok.Seq)
		p.acked = append(p.acked, ack{epoch, room, ok.Seq, d.key})
		if wrong != "" {
			s.broken(Answer, "the message %s in room %d is answered with %d: %s", d.key, room, ok.Seq, wrong)
		}
	case h.Error.Code == chat.ErrUnavailable.Code || h.Error.Code == chat.ErrOverloaded.Code:
		d.sent, d.again = nil, time.Now().Add(300*time.Millisecond)
	default:
		delete(p.drafts, room)
		p.refused[d.key] = true
	}
}

// resumed takes the answer to the resume and compares it with what was so
// then.
func (s *session) resumed(h heard) bool {
	if h.Error != nil {
		return false // come again
	}
	var ok wire.Resumed
	if err := json.Unmarshal(h.OK, &ok); err != nil {
		s.broken(Protocol, "the answer to a resume: %v", err)
		return false
	}
	s.checkResumed(ok)
	p := s.person
	p.mu.Lock()
	defer p.mu.Unlock()
	seats := map[chat.RoomID]*seat{}
	cursors := map[chat.RoomID]cursor{}
	for id, room := range ok.Rooms {
		at, named := p.cursors[id]
		if want := !named || at.epoch != room.Epoch || at.seq > room.Seq; want != room.Reload {
			s.broken(Resume, "room %d from %v to %d: reload is %v", id, at, room.Seq, room.Reload)
		}
		if room.Reload {
			at = cursor{room.Epoch, room.Seq}
			p.w.note(func(t *Tally) { t.Reloads++ })
		}
		cursors[id] = at
		seats[id] = &seat{epoch: room.Epoch, next: at.seq + 1, answered: room.Seq}
	}
	p.cursors = cursors
	p.w.note(func(t *Tally) { t.Resumes++ })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seats = seats
	return true
}

// reload begins a room anew: the history of the database is another one. What
// a client would fetch is what was so at that number.
func (s *session) reload(h heard) {
	p := s.person
	if !p.w.book.reaches(h.Epoch, h.Room, h.Seq) {
		s.broken(Durable, "room %d is to be loaded anew at %d of %q, which is not there", h.Room, h.Seq, h.Epoch)
	}
	p.w.note(func(t *Tally) { t.Turns++ })
	s.mu.Lock()
	if s.seats != nil {
		s.seats[h.Room] = &seat{epoch: h.Epoch, next: h.Seq + 1, answered: h.Seq}
	}
	s.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cursors[h.Room] = cursor{h.Epoch, h.Seq}
}

// removed ends a room for this connection.
func (s *session) removed(room chat.RoomID) {
	s.mu.Lock()
	at := s.seats[room]
	delete(s.seats, room)
	s.mu.Unlock()
	if at == nil {
		if s.person.w.book.epoch() == s.asked.epoch { // else the joining may be lost with its history
			s.broken(Membership, "removed from room %d, where it was not", room)
		}
		return
	}
	p := s.person
	if !p.w.book.leftAt(at.epoch, room, p.who.ID, at.next-1) {
		s.broken(Membership, "removed from room %d after %d, which is not the leave", room, at.next-1)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.cursors, room)
}

// numbered takes an event or a skip. Each must be the next of its room.
func (s *session) numbered(h heard, frame []byte, from, to chat.Seq) bool {
	s.mu.Lock()
	at := s.seats[h.Room]
	if at == nil && s.seats != nil && h.Type == "member.joined" && h.User.ID == s.person.who.ID {
		at = &seat{epoch: h.Epoch, next: from, answered: from - 1}
		s.seats[h.Room] = at
	}
	s.mu.Unlock()
	switch {
	case at == nil:
		s.broken(Membership, "an event of room %d, where it is not: %s", h.Room, frame)
		return false
	case h.Epoch != "" && h.Epoch != at.epoch:
		s.broken(Prefix, "room %d: an event of %s comes where %s is told", h.Room, h.Epoch, at.epoch)
		return false
	case from != at.next || to < from:
		s.broken(Prefix, "room %d: %d to %d comes where %d is next", h.Room, from, to, at.next)
		return false
	}
	for seq := from; seq <= to; seq++ {
		s.checkEvent(h, frame, seq, at)
	}
	at.next = to + 1
	s.apply(h.Room, at.epoch, to)
	return true
}

// apply moves the cursor on.
func (s *session) apply(room chat.RoomID, epoch string, seq chat.Seq) {
	p := s.person
	p.mu.Lock()
	defer p.mu.Unlock()
	at, here := p.cursors[room]
	if here && at.epoch == epoch && at.seq != seq-1 {
		s.broken(Prefix, "room %d: %d applied after %d", room, seq, at.seq)
	}
	p.cursors[room] = cursor{epoch, seq}
	p.w.note(func(t *Tally) { t.Delivered++ })
}
