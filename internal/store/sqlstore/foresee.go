package sqlstore

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/parley-chat/parley/internal/chat"
)

// foresight is what a group of changes will ask for, by column.
type foresight struct {
	rooms, users []int64
	// who in which room
	memberRooms, memberUsers []int64
	// the keys of posts
	keyRooms, keyUsers []int64
	keys               []string
	// the messages that posts answer
	placeRooms, placeSeqs []int64
}

// foresee has the batch lock the rooms of the group in ascending order, so
// that no two nodes wait for each other, and read what nearly every change
// asks for. Each statement comes after the lock and so sees what the last
// holder committed.
func foresee(batch *pgx.Batch, t *tx, group []work) {
	var f foresight
	for _, w := range group {
		if a, ok := w.(*appending); ok {
			f.add(a, t.facts)
			t.lately.note(memberKey{a.Room, a.Actor}, t.now)
		}
	}
	if len(f.rooms) == 0 {
		return
	}
	for _, author := range t.lately.authors {
		if t.now-author.at < latelyFor && slices.Contains(f.rooms, int64(author.room)) {
			f.addAuthor(author.memberKey, t.facts)
		}
	}
	f.askFacts(batch, t.facts)
	f.askMessages(batch, t.bulk)
}

// lately are those who wrote the latest changes. In a room where much is
// said they are likely to be the next, too: what is asked of them in advance
// lets them join a transaction (tx.admit).
type lately struct {
	authors [maxLately]struct {
		memberKey
		at int64 // milliseconds
	}
	n int
}

// Who counts: more, or for longer, would have a post in a room that has become
// quiet pay for those who said something before.
const (
	maxLately = 64
	latelyFor = 10_000 // milliseconds
)

func (l *lately) note(author memberKey, now int64) {
	for i := range l.authors {
		if l.authors[i].memberKey == author {
			l.authors[i].at = now
			return
		}
	}
	at := &l.authors[l.n%maxLately]
	at.memberKey, at.at = author, now
	l.n++
}

// addAuthor adds a person, and notes that they are asked for.
func (f *foresight) addAuthor(author memberKey, known *facts) {
	if _, asked := known.members[author]; asked {
		return
	}
	known.members[author] = false
	room, user := int64(author.room), int64(author.user)
	f.users = append(f.users, user)
	f.memberRooms, f.memberUsers = append(f.memberRooms, room), append(f.memberUsers, user)
}

func (f *foresight) add(a *appending, known *facts) {
	room, user := int64(a.Room), int64(a.Actor)
	f.rooms = append(f.rooms, room)
	f.addAuthor(memberKey{a.Room, a.Actor}, known)
	post, ok := a.Change.(chat.PostMessage)
	if !ok {
		return
	}
	f.keyRooms, f.keyUsers, f.keys = append(f.keyRooms, room), append(f.keyUsers, user), append(f.keys, post.Key)
	if post.ReplyTo != 0 {
		f.placeRooms, f.placeSeqs = append(f.placeRooms, room), append(f.placeSeqs, int64(post.ReplyTo))
	}
}

func (f *foresight) askFacts(batch *pgx.Batch, known *facts) {
	batch.Queue("SELECT "+roomColumns+`, r.last_at FROM rooms r WHERE r.id = ANY($1::bigint[]) AND NOT r.deleted
		ORDER BY r.id FOR NO KEY UPDATE`, f.rooms).Query(each(func(row pgx.Rows) error {
		room := &roomFacts{}
		err := row.Scan(append(roomInto(&room.Room), &room.lastAt)...)
		known.rooms[room.ID] = room
		return err
	}))
	batch.Queue("SELECT "+userColumns+" FROM users u WHERE u.id = ANY($1::bigint[])", f.users).Query(each(func(row pgx.Rows) error {
		user, err := scanUser(row)
		known.users[user.ID] = user
		return err
	}))
	batch.Queue(`SELECT m.room_id, m.user_id FROM members m JOIN unnest($1::bigint[], $2::bigint[]) AS n (room, person)
		ON m.room_id = n.room AND m.user_id = n.person`, f.memberRooms, f.memberUsers).Query(each(func(row pgx.Rows) error {
		var key memberKey
		err := row.Scan(&key.room, &key.user)
		known.members[key] = true
		return err
	}))
}

func (f *foresight) askMessages(batch *pgx.Batch, known *bulk) {
	for i, key := range f.keys {
		known.keys[sendKey{chat.RoomID(f.keyRooms[i]), chat.UserID(f.keyUsers[i]), key}] = false
	}
	if len(f.keys) > 0 {
		batch.Queue(`SELECT m.room_id, m.user_id, m.key FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS n (room, person, key)
			JOIN messages m ON m.room_id = n.room AND m.user_id = n.person AND m.key = n.key`,
			f.keyRooms, f.keyUsers, f.keys).Query(each(func(row pgx.Rows) error {
			var key sendKey
			err := row.Scan(&key.room, &key.user, &key.key)
			known.keys[key] = true
			return err
		}))
	}
	if len(f.placeRooms) > 0 {
		batch.Queue(`SELECT m.room_id, m.seq FROM unnest($1::bigint[], $2::bigint[]) AS n (room, seq)
			JOIN messages m ON m.room_id = n.room AND m.seq = n.seq`, f.placeRooms, f.placeSeqs).Query(each(func(row pgx.Rows) error {
			var at place
			err := row.Scan(&at.room, &at.seq)
			known.places[at] = true
			return err
		}))
	}
}

// each reads all rows of a statement of a batch.
func each(read func(pgx.Rows) error) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			if err := read(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}
