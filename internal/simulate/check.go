package simulate

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// note counts something.
func (w *world) note(count func(*Tally)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	count(&w.tally)
}

// checkEvent looks at one event that came to somebody.
func (s *session) checkEvent(h heard, frame []byte, seq chat.Seq, at *seat) {
	p := s.person
	b := p.w.book
	if promise, wrong := b.genuine(at.epoch, h.Room, seq, frame); wrong != "" {
		s.broken(promise, "room %d seq %d is %s: %s", h.Room, seq, wrong, frame)
		return
	}
	if h.Type == "skip" {
		p.w.note(func(t *Tally) { t.Skips++ })
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.ledger(at.epoch, h.Room)
	r := &l.records[seq-1]
	hidden := r.event.Only != nil && !slices.Contains(r.event.Only, p.who.ID)
	switch told := bytes.Equal(frame, r.frame); {
	case hidden && told:
		s.broken(Membership, "room %d seq %d is not for this person", h.Room, seq)
	case !hidden && !told && r.gone == 0:
		s.broken(Agreement, "room %d seq %d is told to be nothing", h.Room, seq)
	case seq > at.answered && !l.hears(p.who.ID, seq):
		s.broken(Membership, "room %d seq %d is not from the person's time there", h.Room, seq)
	case seq <= at.answered && r.gone != 0 && r.gone <= at.answered && bytes.Equal(frame, r.frame):
		s.broken(Erased, "room %d seq %d is replayed with the text that %d deleted", h.Room, seq, r.gone)
	}
}

// Bounds that the hubs keep, whatever happens.
const (
	ringSlack = 8   // times as long a ring may be while somebody reads it
	maxHeld   = 256 // events of a room that wait for earlier ones
)

// checkBounds looks how much the hubs keep.
func (w *world) checkBounds() {
	for _, n := range w.nodes {
		if l := n.now.Load(); l != nil {
			s := l.hub.Stats()
			if s.Kept > w.plan.rooms*w.plan.ring*ringSlack || s.Held > w.plan.rooms*maxHeld {
				w.findings.add(Bounded, "node %d keeps %d events and holds %d", n.number, s.Kept, s.Held)
			}
		}
	}
}

// checkResumed looks at the answer to a resume: it must name all rooms, and
// tell at least what was committed when it was asked for.
func (s *session) checkResumed(ok wire.Resumed) {
	p := s.person
	now := p.w.book.standings(p.who.ID).rooms
	for id, was := range s.asked.rooms {
		is := now[id]
		room, named := ok.Rooms[id]
		steady := was.stays == is.stays
		switch {
		case p.w.book.epoch() != s.asked.epoch || named && room.Epoch != s.asked.epoch:
			return // the history has become another one meanwhile
		case steady && was.here != named:
			s.broken(Resume, "room %d is in the answer to the resume: %v; is a member: %v", id, named, was.here)
		case named && room.Seq < was.head:
			s.broken(Resume, "room %d is said to end at %d, it was at %d before", id, room.Seq, was.head)
		case named && room.Seq > is.head:
			s.broken(Durable, "room %d is said to end at %d, it is at %d", id, room.Seq, is.head)
		}
	}
}

// standings is how things are for a person.
func (b *book) standings(user chat.UserID) asking {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[chat.RoomID]standing{}
	for id, l := range b.now().rooms {
		n := 2 * len(l.stays[user])
		if l.joined(user) {
			n--
		}
		all[id] = standing{head: l.head(), stays: n, here: l.joined(user)}
	}
	return asking{b.now().epoch, all}
}

// standsIn gives the newest history in which an answer to a message is true,
// or else what is wrong with it.
func (b *book) standsIn(room chat.RoomID, user chat.UserID, key string, seq chat.Seq) (epoch, wrong string) {
	b.mu.Lock()
	eras := slices.Clone(b.eras)
	b.mu.Unlock()
	for _, e := range slices.Backward(eras) {
		if epoch = e.epoch; b.stands(epoch, room, user, key, seq) == "" {
			return epoch, ""
		}
	}
	return "", b.stands(eras[len(eras)-1].epoch, room, user, key, seq)
}

// stands tells what is wrong with an answer to a message, "" if it is true.
func (b *book) stands(epoch string, room chat.RoomID, user chat.UserID, key string, seq chat.Seq) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.ledger(epoch, room)
	if seq < 1 || seq > l.head() {
		return "there is no such row"
	}
	e := &l.records[seq-1].event
	if e.Kind != chat.MessageCreated || e.Actor.ID != user || e.Message.Key != key {
		return "that is another row"
	}
	return ""
}

// leftAt tells whether the event is the person's leave, or of a history that
// is gone.
func (b *book) leftAt(epoch string, room chat.RoomID, user chat.UserID, seq chat.Seq) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := func(s stay) bool { return s.to == seq }
	return epoch != b.now().epoch || slices.ContainsFunc(b.ledger(epoch, room).stays[user], left)
}

// room is what lacks asks of one.
type room struct {
	epoch   string
	head    chat.Seq
	members map[chat.UserID]bool
}

func (r room) member(user chat.UserID) bool { return r.members[user] }

// present is how things are in all rooms.
func (b *book) present() map[chat.RoomID]room {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[chat.RoomID]room{}
	for id, l := range b.now().rooms {
		members := map[chat.UserID]bool{}
		for user := range l.stays {
			members[user] = l.joined(user)
		}
		all[id] = room{b.now().epoch, l.head(), members}
	}
	return all
}

// judge looks at what is left when all is over.
func (w *world) judge() {
	w.tally.Repeated = int(w.repeated.Load())
	for _, e := range w.book.eras {
		for id, l := range e.rooms {
			w.judgeRoom(e.epoch, id, l)
			w.tally.Committed += len(l.records)
		}
	}
	for _, p := range w.people {
		w.tally.Acked += len(p.acked)
		for _, a := range p.acked {
			if wrong := w.book.stands(a.epoch, a.room, p.who.ID, a.key, a.seq); wrong != "" {
				w.findings.add(Answer, "person %d was answered %d for %s in room %d, but %s", p.who.ID, a.seq, a.key, a.room, wrong)
			}
		}
	}
}

// judgeRoom looks at a log: dense, each key once, and each person's words in
// the order in which they were sent.
func (w *world) judgeRoom(epoch string, id chat.RoomID, l *ledger) {
	seen := map[sendKey]chat.Seq{}
	last := map[chat.UserID]int{}
	for i := range l.records {
		e := &l.records[i].event
		if e.Seq != chat.Seq(i+1) {
			w.findings.add(Dense, "%s room %d: %d stands at %d", epoch, id, e.Seq, i+1)
		}
		if e.Kind != chat.MessageCreated {
			continue
		}
		key := sendKey{e.Actor.ID, e.Message.Key}
		if first := seen[key]; first != 0 {
			w.findings.add(Answer, "%s room %d: %s stands at %d and at %d", epoch, id, key.key, first, e.Seq)
		}
		seen[key] = e.Seq
		if p := w.people[e.Actor.ID-1]; !p.refused[key.key] && !p.ackedElsewhere(epoch, key.key) {
			number := numberOf(key.key)
			if number < last[e.Actor.ID] {
				w.findings.add(Order, "%s room %d: %s stands after %d of the same person", epoch, id, key.key, last[e.Actor.ID])
			}
			last[e.Actor.ID] = number
		}
	}
}

// ackedElsewhere reports whether the answer was about another history. Where
// that lost the message, an earlier try that still waited somewhere may bring it
// back late.
func (p *person) ackedElsewhere(epoch, key string) bool {
	return slices.ContainsFunc(p.acked, func(a ack) bool { return a.key == key && a.epoch != epoch })
}

// numberOf is what a person counts in their keys.
func numberOf(key string) (n int) {
	_, _ = fmt.Sscanf(key[strings.LastIndexByte(key, '-')+1:], "%d", &n)
	return n
}
