package sqlstore

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/parley-chat/parley/internal/chat"
)

// How much is kept back at most before it is written, beyond which a group
// or an import goes on in a further statement.
const (
	maxBulkRows  = 1000
	maxBulkBytes = 4 << 20
)

// bulk keeps back the rows of a transaction's events, to write all rows of a
// table in one statement: over a network each statement costs a round trip.
// A statement about those tables in between makes it write first (see texts),
// so nobody misses a row.
type bulk struct {
	on *pgConn

	// What was asked for in advance, or written since.
	keys    map[sendKey]bool // false: nobody used it
	guessed bool             // of some it is not sure, see takeForNew
	places  map[place]bool   // of messages that exist

	// imports: known keys are found by the database, when the rows are
	// written, and end the transaction.
	imports bool

	messages messageColumns
	changes  changeColumns
	mentions mentionColumns
	bytes    int
}

type sendKey struct {
	room chat.RoomID
	user chat.UserID
	key  string
}

type place struct {
	room chat.RoomID
	seq  chat.Seq
}

// Rows by column: each is the argument of an unnest.
type (
	messageColumns struct {
		rooms, seqs, users, replies, times []int64
		keys, texts                        []string
		digests                            [][]byte
	}
	changeColumns struct {
		rooms, seqs, kinds, users, times, targets []int64
		subjects                                  []*int64
		bodies                                    []string
	}
	mentionColumns struct {
		rooms, seqs, authors []int64
		folds                []string
	}
)

func newBulk(on *pgConn) *bulk {
	b := &bulk{on: on}
	b.forget()
	return b
}

// forget drops what was kept back and what is known.
func (b *bulk) forget() {
	*b = bulk{on: b.on, imports: b.imports, keys: map[sendKey]bool{}, places: map[place]bool{}}
}

// message keeps a message back. It reports false when the key is known.
func (b *bulk) message(t *tx, m chat.Message, digest []byte, folds []string) (bool, error) {
	key := sendKey{m.Room, m.User.ID, m.Key}
	if known, err := b.knows(t, key); err != nil || known {
		return false, err
	}
	if err := b.makeRoom(len(m.Text)); err != nil {
		return false, err
	}
	b.keys[key], b.places[place{m.Room, m.Seq}] = true, true
	c := &b.messages
	c.rooms, c.seqs, c.users = append(c.rooms, int64(m.Room)), append(c.seqs, int64(m.Seq)), append(c.users, int64(m.User.ID))
	c.keys, c.texts, c.digests = append(c.keys, m.Key), append(c.texts, m.Text), append(c.digests, digest)
	c.replies, c.times = append(c.replies, int64(m.ReplyTo)), append(c.times, millis(m.CreatedAt))
	for _, fold := range folds {
		b.mention(m, fold)
	}
	return true, nil
}

func (b *bulk) knows(t *tx, key sendKey) (bool, error) {
	known, asked := b.keys[key]
	if asked || b.imports {
		return known, nil
	}
	return scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND user_id = $2 AND key = $3)",
		key.room, key.user, key.key))
}

// takeForNew spares the question whether the key was used before. If it was,
// the index ends the transaction when the rows are written.
func (b *bulk) takeForNew(key sendKey) {
	if _, asked := b.keys[key]; !asked {
		b.keys[key], b.guessed = false, true
	}
}

// errGuess: a key that was taken for new is not. Nothing is wrong: the group is
// tried again, and asks. It is an errDefect so that dialect.fault leaves it.
var errGuess = fmt.Errorf("%w: a key had been used before", errDefect)

func (b *bulk) mention(m chat.Message, fold string) {
	c := &b.mentions
	c.rooms, c.seqs, c.authors = append(c.rooms, int64(m.Room)), append(c.seqs, int64(m.Seq)), append(c.authors, int64(m.User.ID))
	c.folds = append(c.folds, fold)
}

// change keeps back an event that creates no message.
func (b *bulk) change(ev chat.Event, target chat.Seq, subject *chat.UserID, stored string) error {
	if err := b.makeRoom(len(stored)); err != nil {
		return err
	}
	c := &b.changes
	c.rooms, c.seqs, c.kinds = append(c.rooms, int64(ev.Room)), append(c.seqs, int64(ev.Seq)), append(c.kinds, int64(ev.Kind))
	c.users, c.times = append(c.users, int64(ev.Actor.ID)), append(c.times, millis(ev.At))
	c.targets, c.subjects, c.bodies = append(c.targets, int64(target)), append(c.subjects, (*int64)(subject)), append(c.bodies, stored)
	return nil
}

// makeRoom writes what is kept back when a further row would be too much.
func (b *bulk) makeRoom(bytes int) error {
	if len(b.messages.rooms)+len(b.changes.rooms) >= maxBulkRows || b.bytes+bytes > maxBulkBytes {
		if err := b.write(); err != nil {
			return err
		}
	}
	b.bytes += bytes
	return nil
}

// write writes the rows that are kept back.
func (b *bulk) write() error {
	batch := &pgx.Batch{}
	b.rows(batch)
	return b.send(batch)
}

// flush writes the rows and the heads of the rooms.
func (b *bulk) flush(f *facts) error { return b.send(b.rest(f)) }

// rest gives the rows and the heads of the rooms, to be written.
func (b *bulk) rest(f *facts) *pgx.Batch {
	batch := &pgx.Batch{}
	if len(f.touched) > 0 {
		var ids, seqs, times []int64
		for _, room := range f.touched {
			room.touched = false
			ids, seqs, times = append(ids, int64(room.ID)), append(seqs, int64(room.LastSeq)), append(times, room.lastAt)
		}
		f.touched = f.touched[:0]
		batch.Queue(updateHeads, ids, seqs, times)
	}
	b.rows(batch)
	return batch
}

const updateHeads = `UPDATE rooms AS r SET last_seq = n.seq, last_at = n.at
	FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n (id, seq, at) WHERE r.id = n.id`

// rows adds the rows to the batch and no longer keeps them.
func (b *bulk) rows(batch *pgx.Batch) {
	if c := &b.messages; len(c.rooms) > 0 {
		batch.Queue(`INSERT INTO messages (room_id, seq, user_id, key, digest, text, reply_to, created_at)
			SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::text[], $7::bigint[], $8::bigint[])`,
			c.rooms, c.seqs, c.users, c.keys, c.digests, c.texts, c.replies, c.times)
	}
	if c := &b.changes; len(c.rooms) > 0 {
		batch.Queue(`INSERT INTO changes (room_id, seq, kind, user_id, at, target_seq, subject_id, body)
			SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])`,
			c.rooms, c.seqs, c.kinds, c.users, c.times, c.targets, c.subjects, c.bodies)
	}
	if c := &b.mentions; len(c.rooms) > 0 {
		batch.Queue(`INSERT INTO mentions (user_id, room_id, seq) SELECT u.id, n.room, n.seq
			FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) AS n (room, seq, author, fold)
			JOIN users u ON u.fold = n.fold WHERE u.id <> n.author ON CONFLICT DO NOTHING`,
			c.rooms, c.seqs, c.authors, c.folds)
	}
	b.messages, b.changes, b.mentions, b.bytes = messageColumns{}, changeColumns{}, mentionColumns{}, 0
	if b.imports {
		clear(b.keys)
		clear(b.places)
	}
}

// send runs the batch, if it holds anything.
func (b *bulk) send(batch *pgx.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	err := b.on.batch(batch)
	switch {
	case !violates(err, "messages_key"):
		return err
	case b.imports:
		return fmt.Errorf("%w: %w", chat.ErrKeyReused, err)
	case b.guessed:
		return fmt.Errorf("%w: %w", errGuess, err)
	}
	return err
}

// waits reports whether rows are kept back.
func (b *bulk) waits() bool { return len(b.messages.rooms)+len(b.changes.rooms) > 0 }
