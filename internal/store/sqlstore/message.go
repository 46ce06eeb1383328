package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/store"
)

const selectMessages = `SELECT m.room_id, m.seq, m.key, m.text, m.reply_to, m.created_at, m.edited_at, m.deleted_at,
	u.id, u.username, u.name FROM messages m JOIN users u ON u.id = m.user_id WHERE m.room_id = $1 `

func scanMessage(s scanner) (m chat.Message, err error) {
	return m, s.Scan(&m.Room, &m.Seq, &m.Key, &m.Text, &m.ReplyTo,
		(*moment)(&m.CreatedAt), (*moment)(&m.EditedAt), (*moment)(&m.DeletedAt),
		&m.User.ID, &m.User.Username, &m.User.Name)
}

// Page implements store.Messages.
func (s *Store) Page(ctx context.Context, v store.Visit, q chat.PageQuery) (page chat.Page, err error) {
	err = s.snapshot(ctx, func(r querier) error {
		visit, err := visitRoom(r, v, chat.CanReadRoom)
		if err != nil {
			return err
		}
		if page, err = readPage(r, v.Room, q); err != nil {
			return err
		}
		page.Head = visit.room.LastSeq
		return addReactions(r, v, page.Messages)
	})
	return page, err
}

// readPage reads one message more than asked for at each open end: that one
// tells whether there are more.
func readPage(r querier, room chat.RoomID, q chat.PageQuery) (chat.Page, error) {
	switch {
	case q.Around > 0:
		return readAround(r, room, q)
	case q.After > 0:
		newer, err := readNewer(r, room, q.After, q.Limit+1)
		if err != nil {
			return chat.Page{}, err
		}
		before, err := scanOne[bool](r.row("SELECT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND seq <= $2)", room, q.After))
		return chat.Page{Messages: first(newer, q.Limit), MoreBefore: before, MoreAfter: len(newer) > q.Limit}, err
	}
	before := q.Before
	if before <= 0 {
		before = math.MaxInt64
	}
	older, err := readOlder(r, room, before, q.Limit+1)
	if err != nil {
		return chat.Page{}, err
	}
	after, err := scanOne[bool](r.row("SELECT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND seq >= $2)", room, before))
	return chat.Page{Messages: last(older, q.Limit), MoreBefore: len(older) > q.Limit, MoreAfter: after}, err
}

// readAround gives half of the page to each side; what one side does not
// need the other gets. The message asked for counts to the newer side.
func readAround(r querier, room chat.RoomID, q chat.PageQuery) (chat.Page, error) {
	older, err := readOlder(r, room, q.Around, q.Limit+1)
	if err != nil {
		return chat.Page{}, err
	}
	newer, err := readNewer(r, room, q.Around-1, q.Limit+1)
	if err != nil {
		return chat.Page{}, err
	}
	take := min(len(older), max(q.Limit/2, q.Limit-len(newer)))
	rest := q.Limit - take
	return chat.Page{
		Messages:   append(last(older, take), first(newer, rest)...),
		MoreBefore: len(older) > take, MoreAfter: len(newer) > rest,
	}, nil
}

func readOlder(r querier, room chat.RoomID, before chat.Seq, limit int) ([]chat.Message, error) {
	list, err := collect(r, scanMessage, selectMessages+"AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3", room, before, limit)
	slices.Reverse(list)
	return list, err
}

func readNewer(r querier, room chat.RoomID, after chat.Seq, limit int) ([]chat.Message, error) {
	return collect(r, scanMessage, selectMessages+"AND m.seq > $2 ORDER BY m.seq LIMIT $3", room, after, limit)
}

func first(list []chat.Message, n int) []chat.Message { return list[:min(n, len(list))] }

func last(list []chat.Message, n int) []chat.Message { return list[max(0, len(list)-n):] }

// Message implements store.Messages.
func (s *Store) Message(ctx context.Context, v store.Visit, seq chat.Seq) (m chat.Message, err error) {
	err = s.snapshot(ctx, func(r querier) error {
		if _, err := visitRoom(r, v, chat.CanReadRoom); err != nil {
			return err
		}
		m, err = readMessage(r, v, seq)
		return err
	})
	return m, err
}

// readMessage gives a message as it is now, for the eyes of the viewer.
func readMessage(r querier, v store.Visit, seq chat.Seq) (chat.Message, error) {
	m, err := scanMessage(r.row(selectMessages+"AND m.seq = $2", v.Room, seq))
	if err != nil {
		return chat.Message{}, r.dialect().fault(err)
	}
	list := []chat.Message{m}
	err = addReactions(r, v, list)
	return list[0], err
}

// post adds a message. Its key is unique, so the insert itself finds a
// repeated one, before a number is used.
func (t *tx) post(s scene, d chat.Draft) (store.Appended, error) {
	if err := chat.CanPost(s.user, s.room.Room, s.member); err != nil {
		return t.repeat(s, d, err)
	}
	if d.ReplyTo != 0 {
		if err := t.needMessage(s.room.ID, d.ReplyTo); err != nil {
			return store.Appended{}, err
		}
	}
	ev := s.event(chat.MessageCreated)
	ev.Message = chat.Message{
		Room: ev.Room, Seq: ev.Seq, Key: d.Key, User: ev.Actor,
		Text: d.Text, CreatedAt: ev.At, ReplyTo: d.ReplyTo,
	}
	switch added, err := t.insertMessage(s, ev.Message, d); {
	case err != nil:
		return store.Appended{}, err
	case !added:
		return t.repeat(s, d, nil)
	}
	t.number(s.room, ev)
	return store.Appended{Event: ev, Message: ev.Message}, nil
}

// insertMessage reports false when the key is known.
func (t *tx) insertMessage(s scene, m chat.Message, d chat.Draft) (bool, error) {
	digest := d.Digest()
	if planted.Bug == planted.KeysForgotten {
		m.Key += fmt.Sprint(" ", m.Seq)
	}
	if t.bulk != nil {
		return t.bulk.message(t, m, digest[:], s.names)
	}
	n, err := affected(t, `INSERT INTO messages (room_id, seq, user_id, key, digest, text, reply_to, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (room_id, user_id, key) DO NOTHING`,
		m.Room, m.Seq, m.User.ID, m.Key, digest[:], m.Text, m.ReplyTo, millis(m.CreatedAt))
	if err != nil || n == 0 {
		return false, err
	}
	return true, t.addMentions(m, s.names)
}

// needMessage refuses an answer to what is no message of the room. A deleted
// one still has its place.
func (t *tx) needMessage(room chat.RoomID, seq chat.Seq) error {
	if t.bulk != nil && t.bulk.places[place{room, seq}] {
		return nil
	}
	exists, err := scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND seq = $2)", room, seq))
	if err == nil && !exists {
		err = chat.FieldProblem("reply_to", "no_such_message", "The message that this answers does not exist.")
	}
	return err
}

// repeat answers a key that was used before: the same words give the message
// that they made, even to somebody who may no longer post but still read.
// refused is what is answered to a key that is new, nil if it is known.
func (t *tx) repeat(s scene, d chat.Draft, refused error) (store.Appended, error) {
	var seq chat.Seq
	var digest []byte
	err := t.row("SELECT seq, digest FROM messages WHERE room_id = $1 AND user_id = $2 AND key = $3", s.room.ID, s.user.ID, d.Key).
		Scan(&seq, &digest)
	err = t.dialect().fault(err)
	if errors.Is(err, chat.ErrNotFound) {
		if refused == nil {
			err = fmt.Errorf("%w: room %d: the message of a known key is missing", errDefect, s.room.ID)
		} else {
			err = refused
		}
	}
	if err != nil {
		return store.Appended{}, err
	}
	if err := chat.CanReadRoom(s.user, s.room.Room, s.member); err != nil {
		return store.Appended{}, err
	}
	if first := d.Digest(); !slices.Equal(first[:], digest) {
		return store.Appended{}, chat.ErrKeyReused
	}
	if planted.Bug == planted.NumberBurnt {
		s.room.LastSeq++
		t.facts.touch(s.room)
	}
	m, err := readMessage(t, store.Visit{Viewer: s.user.ID, Room: s.room.ID}, seq)
	return store.Appended{Message: m, Repeated: true}, err
}

// subject finds the message that a change is about, for somebody who may
// post; chat.ErrNotFound.
func (t *tx) subject(s scene, seq chat.Seq) (chat.Message, error) {
	if err := chat.CanPost(s.user, s.room.Room, s.member); err != nil {
		return chat.Message{}, err
	}
	return readMessage(t, store.Visit{Viewer: s.user.ID, Room: s.room.ID}, seq)
}

func (t *tx) edit(s scene, c chat.EditMessage) (store.Appended, error) {
	m, err := t.subject(s, c.Seq)
	if err != nil {
		return store.Appended{}, err
	}
	if err := chat.CanEdit(s.user, s.room.Room, s.member, m.User.ID); err != nil {
		return store.Appended{}, err
	}
	switch {
	case m.Deleted():
		return store.Appended{}, chat.ErrNotFound
	case m.Text == c.Text:
		return store.Appended{Message: m}, nil
	}
	ev := s.event(chat.MessageEdited)
	m.Text, m.EditedAt = c.Text, ev.At
	err = run(t, `UPDATE messages SET first_text = coalesce(first_text, text), text = $3, edited_at = $4
		WHERE room_id = $1 AND seq = $2`, m.Room, m.Seq, m.Text, millis(m.EditedAt))
	if err != nil {
		return store.Appended{}, err
	}
	if err := t.replaceMentions(m, s.names); err != nil {
		return store.Appended{}, err
	}
	ev.Message = forAll(m)
	return store.Appended{Event: ev, Message: m}, t.record(s, ev, m.Seq, bodyOfMessage(m))
}

// redact deletes a message: its place stays, every copy of its text goes,
// and who reacted to it.
func (t *tx) redact(s scene, c chat.DeleteMessage) (store.Appended, error) {
	m, err := t.subject(s, c.Seq)
	if err != nil {
		return store.Appended{}, err
	}
	if err := chat.CanDelete(s.user, s.room.Room, s.member, m.User.ID); err != nil {
		return store.Appended{}, err
	}
	if m.Deleted() {
		return store.Appended{Message: m}, nil
	}
	ev := s.event(chat.MessageDeleted)
	ev.Message = chat.Message{Seq: m.Seq, DeletedAt: ev.At}
	m.Text, m.DeletedAt, m.Reactions = "", ev.At, nil
	if err := t.blank(m); err != nil {
		return store.Appended{}, err
	}
	return store.Appended{Event: ev, Message: m}, t.record(s, ev, m.Seq, body{})
}

func (t *tx) blank(m chat.Message) error {
	err := run(t, "UPDATE messages SET text = '', first_text = NULL, deleted_at = $3 WHERE room_id = $1 AND seq = $2",
		m.Room, m.Seq, millis(m.DeletedAt))
	if err != nil {
		return err
	}
	for _, query := range []string{
		"UPDATE changes SET body = '' WHERE room_id = $1 AND target_seq = $2 AND kind = 2",
		"DELETE FROM mentions WHERE room_id = $1 AND seq = $2",
		"DELETE FROM reactions WHERE room_id = $1 AND seq = $2",
	} {
		if err := run(t, query, m.Room, m.Seq); err != nil {
			return err
		}
	}
	return nil
}

// forAll gives the message without what is so for one viewer only.
func forAll(m chat.Message) chat.Message {
	m.Reactions = slices.Clone(m.Reactions)
	for i := range m.Reactions {
		m.Reactions[i].Mine = false
	}
	return m
}
