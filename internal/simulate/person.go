package simulate

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// person is a client that keeps the rules of the protocol: it remembers how
// far it has got in each room, applies only the next event, and has at most
// one unanswered message in each room, which it sends again, under the same
// key, wherever it finds a node.
type person struct {
	w      *world
	who    chat.UserRef
	random *rand.Rand // of the goroutine that acts

	mu      sync.Mutex
	session chat.SessionID         // guarded by mu
	cursors map[chat.RoomID]cursor // guarded by mu
	drafts  map[chat.RoomID]*draft // guarded by mu; the unanswered
	acked   []ack                  // guarded by mu
	refused map[string]bool        // guarded by mu; texts that were given up
	said    int                    // guarded by mu; texts made so far
	socket  *session               // guarded by mu; nil while away
}

// cursor is how far one has got in a room.
type cursor struct {
	epoch string
	seq   chat.Seq
}

// draft is a message that was not answered yet.
type draft struct {
	key, text string
	number    int
	sent      *session  // where it was sent last
	again     time.Time // not before that
}

// ack is an answer: this text has this number.
type ack struct {
	epoch string
	room  chat.RoomID
	seq   chat.Seq
	key   string
}

func newPerson(w *world, id chat.UserID) *person {
	name := fmt.Sprintf("p%d", id)
	return &person{
		w: w, who: chat.UserRef{ID: id, Username: name, Name: name},
		random:  rand.New(rand.NewPCG(w.dice.seed, uint64(id))),
		session: w.book.openSession(),
		cursors: map[chat.RoomID]cursor{}, drafts: map[chat.RoomID]*draft{}, refused: map[string]bool{},
	}
}

// run is a person's life: come, talk, go. Started by world.start, ends when
// all do.
func (p *person) run() {
	for p.pause(p.within(time.Second)) {
		if s := p.connect(); s != nil {
			p.stay(s)
			s.leave()
		}
	}
}

// within is a random time.
func (p *person) within(longest time.Duration) time.Duration {
	return time.Duration(1 + p.random.Int64N(int64(longest)))
}

// pause waits; it returns false when all is to end.
func (p *person) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.w.ended:
		return false
	}
}

// connect tries a node, any.
func (p *person) connect() *session {
	l := p.w.nodes[p.random.IntN(len(p.w.nodes))].now.Load()
	if l == nil {
		return nil
	}
	s, err := p.dial(l)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	p.socket = s
	p.mu.Unlock()
	p.w.goes(s.read)
	return s
}

// answerWait is how long one waits for the answer to a message before one
// looks for another node.
const answerWait = 12 * time.Second

// stay acts on a connection until it ends or one has enough of it.
func (p *person) stay(s *session) {
	for {
		timer := time.NewTimer(p.within(p.w.plan.pace))
		select {
		case <-timer.C:
		case <-s.ended:
			timer.Stop()
			return
		case <-p.w.ended:
			timer.Stop()
			return
		}
		if p.isStuck(s) || !p.act(s) {
			return
		}
	}
}

// isStuck reports whether an answer does not come.
func (p *person) isStuck(s *session) bool {
	return time.Since(s.oldest()) > answerWait
}

// act does one thing, or sends again what is to be sent again. It returns
// false to part with the connection.
func (p *person) act(s *session) bool {
	if !s.isSeated() || p.resend(s) || p.w.healed.Load() {
		return true
	}
	room := chat.RoomID(1 + p.random.IntN(p.w.plan.rooms))
	switch p.random.IntN(24) {
	case 0, 1:
		p.join(s, room)
	case 2:
		p.askFor(s, room, chat.RemoveMember{User: p.who.ID})
	case 3, 4, 5:
		p.change(s)
	case 6, 7, 8:
		if !p.w.plan.homely {
			return p.stray(s, p.random.IntN(3))
		}
	default:
		p.speak(s, room)
	}
	return true
}

// stray loses or ends the connection, or stops reading for a while. It returns
// false to part with the connection.
func (p *person) stray(s *session, how int) bool {
	switch how {
	case 0:
		s.socket.sever()
	case 1:
		return false
	default:
		s.doze(p.within(15 * time.Second))
	}
	return true
}

// join makes sure that there is somebody to talk to.
func (p *person) join(s *session, room chat.RoomID) {
	p.askFor(s, room, chat.AddMember{User: p.who.ID})
}

// speak says something, if nothing unanswered is in the way.
func (p *person) speak(s *session, room chat.RoomID) {
	p.mu.Lock()
	_, member := p.cursors[room]
	if p.drafts[room] != nil || !member {
		p.mu.Unlock()
		if !member {
			p.join(s, room)
		}
		return
	}
	p.said++
	d := &draft{key: fmt.Sprintf("key-%d-%d", p.who.ID, p.said), text: p.words(room, p.said), number: p.said}
	p.drafts[room] = d
	p.mu.Unlock()
	s.send(room, d)
}

// words are a text that is unlike all others, some of them long.
func (p *person) words(room chat.RoomID, number int) string {
	text := fmt.Sprintf("%d says %d in %d ", p.who.ID, number, room)
	for range p.random.IntN(8) * p.random.IntN(8) {
		text += "and so on "
	}
	return text
}

// resend sends what was not answered elsewhere, or was put off.
func (p *person) resend(s *session) (did bool) {
	for room := range chat.RoomID(p.w.plan.rooms + 1) {
		p.mu.Lock()
		d := p.drafts[room]
		due := d != nil && d.sent != s && !time.Now().Before(d.again)
		p.mu.Unlock()
		if due {
			s.send(room, d)
			did = true
		}
	}
	return did
}

// change edits or deletes something of one's own.
func (p *person) change(s *session) {
	p.mu.Lock()
	n := len(p.acked)
	if n == 0 {
		p.mu.Unlock()
		return
	}
	mine := p.acked[max(0, n-1-p.random.IntN(6))]
	p.mu.Unlock()
	if p.random.IntN(2) == 0 {
		p.askFor(s, mine.room, chat.EditMessage{Seq: mine.seq, Text: p.words(mine.room, p.random.IntN(1000))})
	} else {
		p.askFor(s, mine.room, chat.DeleteMessage{Seq: mine.seq})
	}
}

// askFor has a change made through a node's HTTP API, so to say. Nobody
// waits for the answer: it may never come.
func (p *person) askFor(s *session, room chat.RoomID, change chat.Change) {
	l := p.w.nodes[p.random.IntN(len(p.w.nodes))].now.Load()
	if l == nil || p.random.IntN(2) == 0 {
		l = s.life
	}
	l.enqueue(job{by: p.who, room: room, change: change, done: func(o outcome, err error) {
		if o.event.Kind == chat.MemberJoined || o.event.Kind == chat.MemberLeft {
			l.hub.RoomListChanged(p.who.ID)
		}
	}})
}

// endSession signs the person out and in again, and gives the old session.
func (p *person) endSession() chat.SessionID {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.session
	p.w.book.endSession(old)
	p.session = p.w.book.openSession()
	return old
}

// lacks says what a person still waits for, "" for nothing.
func (p *person) lacks() (Promise, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.socket == nil || !p.socket.isSeated() {
		return Progress, "is not connected"
	}
	if signIn := p.socket.signIn; !p.w.book.live(signIn)[signIn] {
		return Revoked, "is connected by a session that has ended"
	}
	if len(p.drafts) > 0 {
		return Progress, fmt.Sprintf("waits for %d answers", len(p.drafts))
	}
	for room, l := range p.w.book.present() {
		at, here := p.cursors[room]
		switch {
		case l.member(p.who.ID) != here:
			return Progress, fmt.Sprintf("is a member of room %d: %v, and believes: %v", room, !here, here)
		case here && at != cursor{l.epoch, l.head}:
			return Progress, fmt.Sprintf("has come to %v in room %d, whose log ends at %v", at, room, cursor{l.epoch, l.head})
		}
	}
	return "", ""
}
