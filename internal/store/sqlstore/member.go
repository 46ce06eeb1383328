package sqlstore

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/store"
)

func (t *tx) addMember(s scene, c chat.AddMember) (store.Appended, error) {
	if err := chat.CanAddMember(s.user, s.room.Room, s.member, c.User); err != nil {
		return store.Appended{}, err
	}
	subject, err := t.user(c.User)
	if err != nil {
		return store.Appended{}, err
	}
	if subject.Disabled {
		return store.Appended{}, chat.ErrDisabled
	}
	joined, err := t.joined(s.room.ID, subject.ID)
	if err != nil || joined {
		return store.Appended{}, err
	}
	if err := t.needFreeMembership(subject.ID); err != nil {
		return store.Appended{}, err
	}
	return t.join(s, subject)
}

// needFreeMembership refuses a room more than a person can be in.
func (t *tx) needFreeMembership(user chat.UserID) error {
	n, err := scanOne[int](t.row("SELECT count(*) FROM members WHERE user_id = $1", user))
	if err == nil && n >= chat.MaxMemberRooms {
		err = chat.ErrTooManyRooms
	}
	return err
}

// join lets subject into the room. All that was said before counts as read.
func (t *tx) join(s scene, subject chat.User) (store.Appended, error) {
	ev := s.event(chat.MemberJoined)
	ev.Subject = subject.UserRef
	if err := run(t, insertMember, ev.Room, subject.ID, ev.Seq, ev.Seq); err != nil {
		return store.Appended{}, err
	}
	t.facts.members[memberKey{ev.Room, subject.ID}] = true
	return store.Appended{Event: ev}, t.record(s, ev, 0, body{})
}

const insertMember = "INSERT INTO members (room_id, user_id, joined_seq, read_seq) VALUES ($1, $2, $3, $4)"

func (t *tx) removeMember(s scene, c chat.RemoveMember) (store.Appended, error) {
	if err := chat.CanRemoveMember(s.user, s.room.Room, s.member, c.User); err != nil {
		return store.Appended{}, err
	}
	joined, err := t.joined(s.room.ID, c.User)
	if err != nil || !joined {
		return store.Appended{}, err
	}
	subject, err := t.user(c.User)
	if err != nil {
		return store.Appended{}, err
	}
	if err := run(t, "DELETE FROM members WHERE room_id = $1 AND user_id = $2", s.room.ID, subject.ID); err != nil {
		return store.Appended{}, err
	}
	t.facts.members[memberKey{s.room.ID, subject.ID}] = planted.Bug == planted.RightsKept
	ev := s.event(chat.MemberLeft)
	ev.Subject = subject.UserRef
	return store.Appended{Event: ev}, t.record(s, ev, 0, body{})
}

// Members implements store.Rooms.
func (s *Store) Members(ctx context.Context, v store.Visit, c store.Cursor) (list []chat.UserRef, err error) {
	err = s.snapshot(ctx, func(r querier) error {
		if _, err := visitRoom(r, v, chat.CanSeeRoom); err != nil {
			return err
		}
		list, err = collect(r, scanRef, `SELECT u.id, u.username, u.name FROM members m JOIN users u ON u.id = m.user_id
			WHERE m.room_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3`, v.Room, c.After, c.Limit)
		return err
	})
	return list, err
}

// CountMembers implements store.Rooms. Rooms that nobody is in are left out.
func (s *Store) CountMembers(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]int, error) {
	type count struct {
		room chat.RoomID
		n    int
	}
	list, err := collect(s.direct(ctx), func(row scanner) (c count, err error) { return c, row.Scan(&c.room, &c.n) },
		"SELECT room_id, count(*) FROM members WHERE room_id IN ids($1) GROUP BY room_id", idList(s.d, rooms))
	counts := make(map[chat.RoomID]int, len(list))
	for _, c := range list {
		counts[c.room] = c.n
	}
	return counts, s.d.fault(err)
}

// Joined implements store.Rooms, in order of id.
func (s *Store) Joined(ctx context.Context, user chat.UserID) ([]chat.RoomHead, error) {
	list, err := collect(s.direct(ctx), scanHead, `SELECT r.id, r.last_seq FROM members m JOIN rooms r ON r.id = m.room_id
		WHERE m.user_id = $1 AND NOT r.deleted ORDER BY m.room_id LIMIT $2`, user, chat.MaxMemberRooms)
	return list, s.d.fault(err)
}

// JoinedEach implements store.Rooms. That nobody is in too many rooms was seen
// to when they joined.
func (s *Store) JoinedEach(ctx context.Context, users []chat.UserID) (map[chat.UserID][]chat.RoomHead, error) {
	type seat struct {
		user chat.UserID
		chat.RoomHead
	}
	list, err := collect(s.direct(ctx), func(row scanner) (at seat, err error) { return at, row.Scan(&at.user, &at.Room, &at.Head) },
		`SELECT m.user_id, r.id, r.last_seq FROM members m JOIN rooms r ON r.id = m.room_id
		WHERE m.user_id IN ids($1) AND NOT r.deleted ORDER BY m.user_id, m.room_id`, idList(s.d, users))
	all := make(map[chat.UserID][]chat.RoomHead, len(users))
	for _, at := range list {
		all[at.user] = append(all[at.user], at.RoomHead)
	}
	return all, s.d.fault(err)
}

// MarkRead implements store.Rooms.
func (s *Store) MarkRead(ctx context.Context, v store.Visit, seq chat.Seq) (now chat.Seq, moved bool, err error) {
	err = s.write(ctx, job{keepsFacts: true, run: func(t *tx) (err error) {
		now, moved, err = t.markRead(v, seq)
		return err
	}})
	return now, moved, err
}

func (t *tx) markRead(v store.Visit, seq chat.Seq) (now chat.Seq, moved bool, err error) {
	here, err := visitRoom(t, v, chat.CanSeeRoom)
	if err != nil {
		return 0, false, err
	}
	if !here.member.Joined {
		return 0, false, chat.ErrNotMember
	}
	seq, now = min(seq, here.room.LastSeq), here.member.ReadSeq
	if now >= seq {
		return now, false, nil
	}
	n, err := affected(t, "UPDATE members SET read_seq = $3 WHERE room_id = $1 AND user_id = $2 AND read_seq < $3", v.Room, v.Viewer, seq)
	if err != nil || n > 0 {
		return seq, n > 0, err
	}
	// Another node was faster, or the person left just now.
	now, err = scanOne[chat.Seq](t.row("SELECT read_seq FROM members WHERE room_id = $1 AND user_id = $2", v.Room, v.Viewer))
	if errors.Is(t.dialect().fault(err), chat.ErrNotFound) {
		err = chat.ErrNotMember
	}
	return now, false, err
}
