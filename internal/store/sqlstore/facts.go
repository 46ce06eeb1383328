package sqlstore

import (
	"github.com/parley-chat/parley/internal/chat"
)

// How many of each the writer remembers. Beyond it forgets all.
const (
	maxUserFacts   = 20_000
	maxRoomFacts   = 10_000
	maxMemberFacts = 100_000
)

// facts are the rows that nearly every change asks for, remembered between
// transactions. That is safe where only this process writes and every
// write passes the committing goroutine: what it writes itself it writes
// here too, jobs that alter people or rooms make it forget everything, and
// so does any failure. Where other processes write too (dialect.shared) they
// last for one transaction.
type facts struct {
	users   map[chat.UserID]chat.User
	rooms   map[chat.RoomID]*roomFacts
	members map[memberKey]bool
	touched []*roomFacts // heads not yet written
}

// roomFacts is a room with its head as of the transaction.
type roomFacts struct {
	chat.Room
	lastAt  int64
	touched bool
}

type memberKey struct {
	room chat.RoomID
	user chat.UserID
}

func newFacts() *facts {
	f := &facts{}
	f.forget()
	return f
}

// forget drops everything. Heads not written are lost: flush them before,
// unless the transaction failed.
func (f *facts) forget() {
	*f = facts{
		users:   map[chat.UserID]chat.User{},
		rooms:   map[chat.RoomID]*roomFacts{},
		members: map[memberKey]bool{},
	}
}

// bound keeps the maps within their limits, between transactions.
func (f *facts) bound() {
	if len(f.users) > maxUserFacts || len(f.rooms) > maxRoomFacts || len(f.members) > maxMemberFacts {
		f.forget()
	}
}

// touch notes that the room's head must be written.
func (f *facts) touch(room *roomFacts) {
	if !room.touched {
		room.touched = true
		f.touched = append(f.touched, room)
	}
}

// flush writes the heads: once for a room and group, however many events.
func (f *facts) flush(t *tx) error {
	for _, room := range f.touched {
		room.touched = false
		if err := run(t, "UPDATE rooms SET last_seq = $2, last_at = $3 WHERE id = $1", room.ID, room.LastSeq, room.lastAt); err != nil {
			return err
		}
	}
	f.touched = f.touched[:0]
	return nil
}

// tell reports whether they know the room, and the person as a member of it.
func (f *facts) tell(room chat.RoomID, user chat.UserID) bool {
	_, known := f.users[user]
	return known && f.rooms[room] != nil && f.members[memberKey{room, user}]
}

// user gives an account; chat.ErrNotFound.
func (t *tx) user(id chat.UserID) (chat.User, error) {
	if user, known := t.facts.users[id]; known {
		return user, nil
	}
	user, err := scanUser(t.row(selectUser, id))
	if err != nil {
		return chat.User{}, t.dialect().fault(err)
	}
	t.facts.users[id] = user
	return user, nil
}

// room gives a room that was not deleted and locks it, so that what is known
// of it and of its members stays true; chat.ErrNotFound.
func (t *tx) room(id chat.RoomID) (*roomFacts, error) {
	if room, known := t.facts.rooms[id]; known {
		return room, nil
	}
	room := &roomFacts{}
	err := t.row("SELECT "+roomColumns+", r.last_at FROM rooms r WHERE r.id = $1 AND NOT r.deleted FOR NO KEY UPDATE", id).
		Scan(append(roomInto(&room.Room), &room.lastAt)...)
	if err != nil {
		return nil, t.dialect().fault(err)
	}
	t.facts.rooms[id] = room
	return room, nil
}

// joined tells whether the person is in the room.
func (t *tx) joined(room chat.RoomID, user chat.UserID) (bool, error) {
	key := memberKey{room, user}
	if joined, known := t.facts.members[key]; known {
		return joined, nil
	}
	joined, err := scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM members WHERE room_id = $1 AND user_id = $2)", room, user))
	if err != nil {
		return false, t.dialect().fault(err)
	}
	t.facts.members[key] = joined
	return joined, nil
}
