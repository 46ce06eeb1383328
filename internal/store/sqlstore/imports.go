package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// Import implements store.Imports. fill runs on the writing goroutine.
func (s *Store) Import(ctx context.Context, fill func(store.Importer) error) error {
	return s.write(ctx, job{exclusive: true, run: func(t *tx) error {
		i := &importer{tx: t, ctx: ctx}
		if err := i.prepare(); err != nil {
			return i.fault(err)
		}
		if err := fill(i); err != nil {
			return err
		}
		t.events = nil // nobody is to hear of them
		return i.fault(t.flush())
	}})
}

// prepare makes ready for rows in great number and for what fill does between
// them, such as hashing passwords.
func (i *importer) prepare() error {
	if i.bulk == nil {
		return nil
	}
	i.bulk.imports = true
	return run(i.tx, "SET LOCAL idle_in_transaction_session_timeout = 0")
}

// importer writes within an Import. The transaction's facts are its memory
// of rooms and their heads.
type importer struct {
	*tx
	ctx context.Context
}

// fault turns an error into one of the contract, and ends an import whose
// context ended.
func (i *importer) fault(err error) error {
	if err == nil {
		err = i.ctx.Err()
	}
	return i.dialect().fault(err)
}

func (i *importer) Imported(source, kind, foreign string) (int64, error) {
	id, err := scanOne[int64](i.row("SELECT id FROM imports WHERE source = $1 AND kind = $2 AND foreign_id = $3", source, kind, foreign))
	return id, i.fault(err)
}

func (i *importer) Remember(source, kind, foreign string, id int64) error {
	return i.fault(run(i.tx, `INSERT INTO imports (source, kind, foreign_id, id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (source, kind, foreign_id) DO UPDATE SET id = excluded.id`, source, kind, foreign, id))
}

func (i *importer) AddUser(u store.NewUser) (chat.User, error) {
	user, err := i.addUser(u)
	return user, i.fault(err)
}

func (i *importer) UserByFold(fold string) (chat.User, error) {
	user, err := scanUser(i.row(selectFold, fold))
	return user, i.fault(err)
}

func (i *importer) AddSession(n store.NewSession) (chat.Session, error) {
	session, err := i.addSession(n)
	return session, i.fault(err)
}

// SetDisabled may leave the server without an administrator: an import
// brings people as they were.
func (i *importer) SetDisabled(id chat.UserID) error {
	delete(i.facts.users, id)
	err := run(i.tx, "UPDATE users SET disabled = $2 WHERE id = $1", id, true)
	if err == nil {
		err = run(i.tx, "DELETE FROM sessions WHERE user_id = $1", id)
	}
	return i.fault(err)
}

func (i *importer) AddRoom(n store.NewRoom) (chat.Room, error) {
	room, err := i.addRoom(n)
	return room, i.fault(err)
}

func (i *importer) RoomBySlug(slug string) (chat.RoomID, error) {
	id, err := scanOne[chat.RoomID](i.row(selectSlug, slug))
	return id, i.fault(err)
}

// AddMember adds nothing if the person is in the room. What was said before
// counts as unread.
func (i *importer) AddMember(id chat.RoomID, user chat.UserID) error {
	room, err := i.room(id)
	if err != nil {
		return err
	}
	i.facts.members[memberKey{id, user}] = true
	return i.fault(run(i.tx, insertMember+" ON CONFLICT (room_id, user_id) DO NOTHING", id, user, room.LastSeq, 0))
}

func (i *importer) AddMessage(id chat.RoomID, author chat.UserID, at time.Time, d chat.Draft) (chat.Seq, error) {
	s, err := i.place(id, author, at)
	if err != nil {
		return 0, err
	}
	if d.ReplyTo != 0 {
		if err := i.needMessage(id, d.ReplyTo); err != nil {
			return 0, i.fault(err)
		}
	}
	s.names = mentioned(d.Text)
	ev := s.event(chat.MessageCreated)
	ev.Message = chat.Message{
		Room: ev.Room, Seq: ev.Seq, Key: d.Key, User: ev.Actor,
		Text: d.Text, CreatedAt: ev.At, ReplyTo: d.ReplyTo,
	}
	added, err := i.insertMessage(s, ev.Message, d)
	if err != nil {
		return 0, i.fault(err)
	}
	if !added {
		return 0, fmt.Errorf("%w: %s", chat.ErrKeyReused, d.Key)
	}
	i.number(s.room, ev)
	i.events = i.events[:0]
	return ev.Seq, i.fault(nil)
}

func (i *importer) AddReaction(id chat.RoomID, user chat.UserID, at time.Time, seq chat.Seq, emoji string) error {
	s, err := i.place(id, user, at)
	if err != nil {
		return err
	}
	_, err = i.react(s, chat.AddReaction{Seq: seq, Emoji: emoji})
	i.events = i.events[:0]
	return i.fault(err)
}

func (i *importer) ReadToHead(id chat.RoomID) error {
	room, err := i.room(id)
	if err != nil {
		return err
	}
	return i.fault(run(i.tx, "UPDATE members SET read_seq = $2 WHERE room_id = $1", id, room.LastSeq))
}

// place gives the scene of an old event. Rights are not asked: people may
// have left since.
func (i *importer) place(id chat.RoomID, user chat.UserID, at time.Time) (s scene, err error) {
	if s.user, err = i.user(user); err != nil {
		return s, err
	}
	s.now = millis(at)
	s.room, err = i.room(id)
	return s, err
}
