package simulate

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// book is the database: what is in it survives every node. It keeps the rules
// of the store's contract: dense numbers, permanent keys, rights checked where
// the change is made. Earlier histories stay, to compare with.
type book struct {
	mu       sync.Mutex
	eras     []*era                  // guarded by mu; the last is the present
	sessions map[chat.SessionID]bool // guarded by mu; false: ended
}

// era is one history of the database, between two restores.
type era struct {
	epoch string
	rooms map[chat.RoomID]*ledger
}

// ledger is the log of a room with what follows from it.
type ledger struct {
	records []record
	stays   map[chat.UserID][]stay
	keys    map[sendKey]chat.Seq
}

// record is an event, its frame, and the deletion that took its text.
type record struct {
	event chat.Event
	frame []byte
	gone  chat.Seq // 0: it stands
	sum   [sha256.Size]byte
}

// stay is a membership: from the join's number to the leave's, 0 for none.
type stay struct{ from, to chat.Seq }

type sendKey struct {
	user chat.UserID
	key  string
}

// outcome is what became of a change.
type outcome struct {
	event    chat.Event // Seq 0: nothing was altered
	message  chat.Message
	repeated bool
}

func newBook(rooms int) *book {
	b := &book{sessions: map[chat.SessionID]bool{}}
	b.eras = []*era{newEra(1, rooms)}
	return b
}

func newEra(number, rooms int) *era {
	e := &era{epoch: fmt.Sprintf("epoch-%d", number), rooms: map[chat.RoomID]*ledger{}}
	for id := range chat.RoomID(rooms) {
		e.rooms[id+1] = &ledger{stays: map[chat.UserID][]stay{}, keys: map[sendKey]chat.Seq{}}
	}
	return e
}

// now is the present history. Caller holds b.mu.
func (b *book) now() *era { return b.eras[len(b.eras)-1] }

// era gives a history by its name. Caller holds b.mu.
func (b *book) era(epoch string) *era {
	for _, e := range b.eras {
		if e.epoch == epoch {
			return e
		}
	}
	return nil
}

// ledger gives a room's log of a history, nil if there is none. Caller holds
// b.mu.
func (b *book) ledger(epoch string, room chat.RoomID) *ledger {
	if e := b.era(epoch); e != nil {
		return e.rooms[room]
	}
	return nil
}

// restore begins a new history with all but the last few events of each room,
// as a backup or a promoted replica would.
func (b *book) restore(lost int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.now()
	next := newEra(len(b.eras)+1, len(old.rooms))
	for id, l := range old.rooms {
		for i := range max(0, len(l.records)-lost) {
			next.rooms[id].add(next.epoch, l.records[i].event, l.records[i].sum)
		}
	}
	b.eras = append(b.eras, next)
}

func (l *ledger) head() chat.Seq { return chat.Seq(len(l.records)) }

// add writes an event down.
func (l *ledger) add(epoch string, e chat.Event, sum [sha256.Size]byte) {
	switch user := e.Subject.ID; e.Kind {
	case chat.MessageCreated:
		l.keys[sendKey{e.Actor.ID, e.Message.Key}] = e.Seq
	case chat.MessageDeleted:
		l.erase(e.Message.Seq, e.Seq)
	case chat.MemberJoined:
		l.stays[user] = append(l.stays[user], stay{from: e.Seq})
	case chat.MemberLeft:
		stays := l.stays[user]
		stays[len(stays)-1].to = e.Seq
	}
	l.records = append(l.records, record{event: e, frame: wire.AppendEvent(nil, epoch, e), sum: sum})
}

// erase takes the text of a message from all events that have it.
func (l *ledger) erase(message, by chat.Seq) {
	for i := range l.records {
		r := &l.records[i]
		if k := r.event.Kind; (k == chat.MessageCreated || k == chat.MessageEdited) && r.event.Message.Seq == message {
			r.gone = by
		}
	}
}

// joined tells whether the person is in the room now.
func (l *ledger) joined(user chat.UserID) bool {
	stays := l.stays[user]
	return len(stays) > 0 && stays[len(stays)-1].to == 0
}

// hears tells whether the event is one from a person's time in the room, with
// their join and their leave.
func (l *ledger) hears(user chat.UserID, seq chat.Seq) bool {
	for _, s := range l.stays[user] {
		if s.from <= seq && (s.to == 0 || seq <= s.to) {
			return true
		}
	}
	return false
}

// genuine tells what is wrong with a frame that claims to be an event, and
// which promise that breaks: "" if it was committed with this text, or if its
// text was deleted and it is a skip.
func (b *book) genuine(epoch string, room chat.RoomID, seq chat.Seq, frame []byte) (p Promise, wrong string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.ledger(epoch, room)
	switch {
	case l == nil:
		return Durable, "of a history that never was"
	case seq < 1 || seq > l.head():
		return Durable, fmt.Sprintf("not committed: the log ends at %d", l.head())
	}
	r := &l.records[seq-1]
	skip := wire.AppendSkip(nil, room, seq, seq)
	if bytes.Equal(frame, r.frame) || (r.gone != 0 || r.event.Only != nil) && bytes.Equal(frame, skip) {
		return "", ""
	}
	return Agreement, "not what was committed"
}

// shown gives an event as the store does: without its text if that is gone.
func (r *record) shown() chat.Event {
	e := r.event
	if r.gone != 0 {
		e.Gone, e.Message = true, chat.Message{}
	}
	return e
}

// change does what somebody wants done to a room, if it is allowed.
func (b *book) change(by chat.UserRef, room chat.RoomID, c chat.Change) (outcome, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	era := b.now()
	l := era.rooms[room]
	e := chat.Event{Epoch: era.epoch, Room: room, Seq: l.head() + 1, At: time.Now().UTC().Truncate(time.Millisecond), Actor: by}
	switch c := c.(type) {
	case chat.PostMessage:
		return l.post(era.epoch, e, c.Draft)
	case chat.EditMessage:
		return l.edit(era.epoch, e, c)
	case chat.DeleteMessage:
		return l.redact(era.epoch, e, c)
	case chat.AddMember:
		return l.join(era.epoch, e, by), nil
	}
	return l.leave(era.epoch, e, by), nil
}

func (l *ledger) post(epoch string, e chat.Event, d chat.Draft) (outcome, error) {
	sum := d.Digest()
	if seq, known := l.keys[sendKey{e.Actor.ID, d.Key}]; known {
		first := &l.records[seq-1]
		if first.sum != sum {
			return outcome{}, chat.ErrKeyReused
		}
		return outcome{message: first.event.Message, repeated: true}, nil
	}
	if !l.joined(e.Actor.ID) {
		return outcome{}, chat.ErrNotMember
	}
	e.Kind, e.Only = chat.MessageCreated, audienceOf(e.Actor.ID, d.Key)
	e.Message = chat.Message{Room: e.Room, Seq: e.Seq, Key: d.Key, User: e.Actor, Text: d.Text, CreatedAt: e.At}
	l.add(epoch, e, sum)
	return outcome{event: e, message: e.Message}, nil
}

// audienceOf are those for whom a message is: every eighth of a person is for
// them and their neighbour alone, the others, nil, are for everybody.
func audienceOf(user chat.UserID, key string) []chat.UserID {
	if numberOf(key)%8 != 0 {
		return nil
	}
	return []chat.UserID{user, user + 1}
}

// own gives a message that stands and is the person's own.
func (l *ledger) own(user chat.UserID, seq chat.Seq) (chat.Message, error) {
	switch {
	case seq < 1 || seq > l.head() || l.records[seq-1].event.Kind != chat.MessageCreated || l.records[seq-1].gone != 0:
		return chat.Message{}, chat.ErrNotFound
	case !l.joined(user):
		return chat.Message{}, chat.ErrNotMember
	case l.records[seq-1].event.Actor.ID != user:
		return chat.Message{}, chat.ErrNotYours
	}
	return l.records[seq-1].event.Message, nil
}

func (l *ledger) edit(epoch string, e chat.Event, c chat.EditMessage) (outcome, error) {
	m, err := l.own(e.Actor.ID, c.Seq)
	if err != nil {
		return outcome{}, err
	}
	m.Text, m.EditedAt = c.Text, e.At
	e.Kind, e.Message, e.Only = chat.MessageEdited, m, audienceOf(e.Actor.ID, m.Key)
	l.add(epoch, e, [sha256.Size]byte{})
	return outcome{event: e, message: m}, nil
}

func (l *ledger) redact(epoch string, e chat.Event, c chat.DeleteMessage) (outcome, error) {
	if _, err := l.own(e.Actor.ID, c.Seq); err != nil {
		return outcome{}, err
	}
	e.Kind, e.Message = chat.MessageDeleted, chat.Message{Room: e.Room, Seq: c.Seq, DeletedAt: e.At}
	l.add(epoch, e, [sha256.Size]byte{})
	return outcome{event: e, message: e.Message}, nil
}

func (l *ledger) join(epoch string, e chat.Event, who chat.UserRef) outcome {
	if l.joined(who.ID) {
		return outcome{}
	}
	e.Kind, e.Subject = chat.MemberJoined, who
	l.add(epoch, e, [sha256.Size]byte{})
	return outcome{event: e}
}

func (l *ledger) leave(epoch string, e chat.Event, who chat.UserRef) outcome {
	if !l.joined(who.ID) {
		return outcome{}
	}
	e.Kind, e.Subject = chat.MemberLeft, who
	l.add(epoch, e, [sha256.Size]byte{})
	return outcome{event: e}
}
