package simulate

import (
	"maps"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
)

// joined gives a person's rooms with their heads, as one snapshot.
func (b *book) joined(user chat.UserID) (list []chat.RoomHead) {
	b.mu.Lock()
	defer b.mu.Unlock()
	rooms := b.now().rooms
	for _, id := range slices.Sorted(maps.Keys(rooms)) {
		if l := rooms[id]; l.joined(user) {
			list = append(list, chat.RoomHead{Room: id, Head: l.head()})
		}
	}
	return list
}

// events gives those of a room in (after, after+limit].
func (b *book) events(room chat.RoomID, after chat.Seq, limit int) ([]chat.Event, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.now().rooms[room]
	if l == nil {
		return nil, chat.ErrNotFound
	}
	var list []chat.Event
	for seq := after + 1; seq <= l.head() && len(list) < limit; seq++ {
		list = append(list, l.records[seq-1].shown())
	}
	return list, nil
}

func (b *book) heads(rooms []chat.RoomID) map[chat.RoomID]chat.Seq {
	b.mu.Lock()
	defer b.mu.Unlock()
	heads := map[chat.RoomID]chat.Seq{}
	for _, id := range rooms {
		if l := b.now().rooms[id]; l != nil {
			heads[id] = l.head()
		}
	}
	return heads
}

func (b *book) epoch() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now().epoch
}

// knows tells whether there is or was a history of that name.
func (b *book) knows(epoch string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.era(epoch) != nil
}

// reaches tells whether a room's log of a history goes so far.
func (b *book) reaches(epoch string, room chat.RoomID, seq chat.Seq) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.ledger(epoch, room)
	return l != nil && seq <= l.head()
}

// open makes a session; end ends it.
func (b *book) openSession() chat.SessionID {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := chat.SessionID(len(b.sessions) + 1)
	b.sessions[id] = true
	return id
}

func (b *book) endSession(id chat.SessionID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sessions[id] = false
}

func (b *book) live(ids ...chat.SessionID) map[chat.SessionID]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	live := map[chat.SessionID]bool{}
	for _, id := range ids {
		live[id] = b.sessions[id]
	}
	return live
}
