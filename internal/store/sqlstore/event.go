package sqlstore

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
)

// Heads implements store.Log.
func (s *Store) Heads(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]chat.Seq, error) {
	list, err := collect(s.direct(ctx), scanHead,
		"SELECT id, last_seq FROM rooms WHERE id IN ids($1) AND NOT deleted", idList(s.d, rooms))
	heads := make(map[chat.RoomID]chat.Seq, len(list))
	for _, head := range list {
		heads[head.Room] = head.Head
	}
	return heads, s.d.fault(err)
}

// Events implements store.Log; chat.ErrNotFound for a room that does not
// exist.
func (s *Store) Events(ctx context.Context, room chat.RoomID, after chat.Seq, limit int) (events []chat.Event, err error) {
	err = s.snapshot(ctx, func(r querier) error {
		head, err := scanOne[chat.Seq](r.row("SELECT last_seq FROM rooms WHERE id = $1 AND NOT deleted", room))
		if err != nil || head <= after {
			return err
		}
		events, err = readEvents(r, room, after, min(after+chat.Seq(limit), head))
		return err
	})
	return events, err
}

// readEvents gives the events in (after, to], where to is at most the head.
// Each number stands in one of the two tables: a hole is a defect.
func readEvents(r querier, room chat.RoomID, after, to chat.Seq) ([]chat.Event, error) {
	created, err := collect(r, scanCreated, selectCreated, room, after, to)
	if err != nil {
		return nil, err
	}
	changes, err := readChanges(r, room, after, to)
	if err != nil {
		return nil, err
	}
	events := make([]chat.Event, 0, to-after)
	for seq := after + 1; seq <= to; seq++ {
		switch {
		case len(created) > 0 && created[0].Seq == seq:
			events, created = append(events, created[0]), created[1:]
		case len(changes) > 0 && changes[0].Seq == seq:
			events, changes = append(events, changes[0]), changes[1:]
		default:
			return nil, fmt.Errorf("%w: room %d has no event %d", errDefect, room, seq)
		}
	}
	return events, nil
}

// A creation is told with the text as it was first sent.
const selectCreated = `SELECT m.room_id, m.seq, m.key, coalesce(m.first_text, m.text), m.reply_to, m.created_at, m.deleted_at <> 0,
	u.id, u.username, u.name FROM messages m JOIN users u ON u.id = m.user_id
	WHERE m.room_id = $1 AND m.seq > $2 AND m.seq <= $3 ORDER BY m.seq`

func scanCreated(s scanner) (chat.Event, error) {
	ev := chat.Event{Kind: chat.MessageCreated}
	m := &ev.Message
	err := s.Scan(&m.Room, &m.Seq, &m.Key, &m.Text, &m.ReplyTo, (*moment)(&m.CreatedAt), &ev.Gone,
		&m.User.ID, &m.User.Username, &m.User.Name)
	ev.Room, ev.Seq, ev.At, ev.Actor = m.Room, m.Seq, m.CreatedAt, m.User
	return ev, err
}

// All other events, with the message that an edit is about.
const selectChanges = `SELECT c.room_id, c.seq, c.kind, c.at, c.target_seq, c.body, a.id, a.username, a.name,
	coalesce(s.id, 0), coalesce(s.username, ''), coalesce(s.name, ''),
	coalesce(m.key, ''), coalesce(m.reply_to, 0), coalesce(m.created_at, 0), coalesce(m.deleted_at, 0) <> 0
	FROM changes c JOIN users a ON a.id = c.user_id LEFT JOIN users s ON s.id = c.subject_id
	LEFT JOIN messages m ON m.room_id = c.room_id AND m.seq = c.target_seq AND c.kind = 2
	WHERE c.room_id = $1 AND c.seq > $2 AND c.seq <= $3 ORDER BY c.seq`

// change is a stored event before its body is read. Its Target and Message
// are filled from the columns, whatever its kind.
type change struct {
	chat.Event
	body string
}

func scanChange(s scanner) (c change, err error) {
	m := &c.Message
	return c, s.Scan(&c.Room, &c.Seq, &c.Kind, (*moment)(&c.At), &c.Target, &c.body,
		&c.Actor.ID, &c.Actor.Username, &c.Actor.Name, &c.Subject.ID, &c.Subject.Username, &c.Subject.Name,
		&m.Key, &m.ReplyTo, (*moment)(&m.CreatedAt), &c.Gone)
}

func readChanges(r querier, room chat.RoomID, after, to chat.Seq) ([]chat.Event, error) {
	list, err := collect(r, scanChange, selectChanges, room, after, to)
	if err != nil {
		return nil, err
	}
	bodies, people, err := readBodies(r, list)
	if err != nil {
		return nil, err
	}
	events := make([]chat.Event, len(list))
	for i, c := range list {
		events[i] = c.event(bodies[i], people)
	}
	return events, nil
}

// readBodies decodes what the events hold and finds the people in them.
func readBodies(r querier, list []change) ([]body, map[chat.UserID]chat.UserRef, error) {
	bodies := make([]body, len(list))
	var ids []chat.UserID
	for i, c := range list {
		b, err := decodeBody(c.body)
		if err != nil {
			return nil, nil, err
		}
		for _, reaction := range b.Reactions {
			ids = append(ids, reaction.Users...)
		}
		bodies[i] = b
	}
	if len(ids) == 0 {
		return bodies, nil, nil
	}
	people, err := refs(r, ids)
	return bodies, people, err
}

// event gives the event with what belongs to its kind, as it was told when
// it happened.
func (c change) event(b body, people map[chat.UserID]chat.UserRef) chat.Event {
	ev := c.Event
	about, m := ev.Target, ev.Message
	ev.Target, ev.Message = 0, chat.Message{}
	switch ev.Kind {
	case chat.MessageEdited:
		m.Room, m.Seq, m.User = ev.Room, about, ev.Actor
		m.Text, m.EditedAt, m.Reactions = b.Text, ev.At, b.reactions(people)
		ev.Message = m
	case chat.MessageDeleted:
		ev.Message = chat.Message{Seq: about, DeletedAt: ev.At}
	case chat.ReactionAdded, chat.ReactionRemoved:
		ev.Target, ev.Emoji = about, b.Emoji
	case chat.RoomChanged:
		ev.Changes = b.changes()
	}
	return ev
}

func (b body) reactions(people map[chat.UserID]chat.UserRef) []chat.Reaction {
	var list []chat.Reaction
	for _, stored := range b.Reactions {
		reaction := chat.Reaction{Emoji: stored.Emoji, Count: stored.Count}
		for _, id := range stored.Users {
			reaction.Users = append(reaction.Users, people[id])
		}
		list = append(list, reaction)
	}
	return list
}
