package sqlstore

import (
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// The first people of each reaction under the messages of a range, in the
// order in which they came, with the count of all.
const selectReactions = `SELECT w.seq, w.emoji, w.total, w.mine, u.id, u.username, u.name FROM (
		SELECT seq, emoji, user_id, since_seq,
			row_number() OVER (PARTITION BY seq, emoji ORDER BY event_seq) AS place,
			count(*) OVER (PARTITION BY seq, emoji) AS total,
			max(CASE WHEN user_id = $4 THEN 1 ELSE 0 END) OVER (PARTITION BY seq, emoji) AS mine
		FROM reactions WHERE room_id = $1 AND seq BETWEEN $2 AND $3
	) AS w JOIN users u ON u.id = w.user_id
	WHERE w.place <= $5 ORDER BY w.seq, w.since_seq, w.place`

type reactionRow struct {
	seq   chat.Seq
	emoji string
	count int
	mine  bool
	user  chat.UserRef
}

func scanReaction(s scanner) (r reactionRow, err error) {
	return r, s.Scan(&r.seq, &r.emoji, &r.count, &r.mine, &r.user.ID, &r.user.Username, &r.user.Name)
}

// addReactions fills in the reactions of messages that ascend by Seq.
func addReactions(q querier, v store.Visit, messages []chat.Message) error {
	if len(messages) == 0 {
		return nil
	}
	rows, err := collect(q, scanReaction, selectReactions, v.Room,
		messages[0].Seq, messages[len(messages)-1].Seq, v.Viewer, chat.MaxReactionUsers)
	if err != nil {
		return err
	}
	at := 0
	for _, row := range rows {
		for messages[at].Seq < row.seq {
			at++
		}
		messages[at].Reactions = addReactionRow(messages[at].Reactions, row)
	}
	return nil
}

// addReactionRow adds a row to its reaction, which is the last or new.
func addReactionRow(list []chat.Reaction, row reactionRow) []chat.Reaction {
	if n := len(list); n == 0 || list[n-1].Emoji != row.emoji {
		list = append(list, chat.Reaction{Emoji: row.emoji, Count: row.count, Mine: row.mine})
	}
	reaction := &list[len(list)-1]
	reaction.Users = append(reaction.Users, row.user)
	return list
}

func (t *tx) addReaction(s scene, c chat.AddReaction) (store.Appended, error) {
	if err := chat.CanPost(s.user, s.room.Room, s.member); err != nil {
		return store.Appended{}, err
	}
	return t.react(s, c)
}

// react adds a reaction without asking who may.
func (t *tx) react(s scene, c chat.AddReaction) (store.Appended, error) {
	if err := t.needStanding(s.room.ID, c.Seq); err != nil {
		return store.Appended{}, err
	}
	there, err := t.reacted(s, c.Seq, c.Emoji)
	if err != nil || there {
		return store.Appended{}, err
	}
	if err := t.needReactionKind(s.room.ID, c.Seq, c.Emoji); err != nil {
		return store.Appended{}, err
	}
	ev := s.event(chat.ReactionAdded)
	ev.Target, ev.Emoji = c.Seq, c.Emoji
	err = run(t, `INSERT INTO reactions (room_id, seq, emoji, user_id, event_seq, since_seq) VALUES ($1, $2, $3, $4, $5,
		coalesce((SELECT min(since_seq) FROM reactions WHERE room_id = $1 AND seq = $2 AND emoji = $3), $5))`,
		s.room.ID, c.Seq, c.Emoji, s.user.ID, ev.Seq)
	if err != nil {
		return store.Appended{}, err
	}
	return store.Appended{Event: ev}, t.record(s, ev, c.Seq, body{Emoji: c.Emoji})
}

func (t *tx) removeReaction(s scene, c chat.RemoveReaction) (store.Appended, error) {
	if err := chat.CanPost(s.user, s.room.Room, s.member); err != nil {
		return store.Appended{}, err
	}
	if err := t.needStanding(s.room.ID, c.Seq); err != nil {
		return store.Appended{}, err
	}
	there, err := t.reacted(s, c.Seq, c.Emoji)
	if err != nil || !there {
		return store.Appended{}, err
	}
	err = run(t, "DELETE FROM reactions WHERE room_id = $1 AND seq = $2 AND emoji = $3 AND user_id = $4",
		s.room.ID, c.Seq, c.Emoji, s.user.ID)
	if err != nil {
		return store.Appended{}, err
	}
	ev := s.event(chat.ReactionRemoved)
	ev.Target, ev.Emoji = c.Seq, c.Emoji
	return store.Appended{Event: ev}, t.record(s, ev, c.Seq, body{Emoji: c.Emoji})
}

// needStanding refuses unless there is the message and it was not deleted.
func (t *tx) needStanding(room chat.RoomID, seq chat.Seq) error {
	stands, err := scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND seq = $2 AND deleted_at = 0)", room, seq))
	if err == nil && !stands {
		err = chat.ErrNotFound
	}
	return err
}

func (t *tx) reacted(s scene, seq chat.Seq, emoji string) (bool, error) {
	return scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM reactions WHERE room_id = $1 AND seq = $2 AND emoji = $3 AND user_id = $4)",
		s.room.ID, seq, emoji, s.user.ID))
}

// needReactionKind refuses an emoji more than a message has room for.
func (t *tx) needReactionKind(room chat.RoomID, seq chat.Seq, emoji string) error {
	others, err := scanOne[int](t.row("SELECT count(DISTINCT emoji) FROM reactions WHERE room_id = $1 AND seq = $2 AND emoji <> $3", room, seq, emoji))
	if err == nil && others >= chat.MaxReactionKinds {
		there, err := scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM reactions WHERE room_id = $1 AND seq = $2 AND emoji = $3)", room, seq, emoji))
		if err == nil && !there {
			err = chat.ErrTooManyReactions
		}
		return err
	}
	return err
}
