package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// maxUnread is where counting unread messages and mentions ends: beyond it
// nobody reads the figure, and the count must not walk through a long absence.
const maxUnread = 1000

const roomColumns = "r.id, coalesce(r.slug, ''), r.name, r.topic, r.private, r.archived, r.last_seq, r.created_at"

func roomInto(r *chat.Room) []any {
	return []any{&r.ID, &r.Slug, &r.Name, &r.Topic, &r.Private, &r.Archived, &r.LastSeq, (*moment)(&r.CreatedAt)}
}

func scanRoom(s scanner) (r chat.Room, err error) { return r, s.Scan(roomInto(&r)...) }

func scanHead(s scanner) (h chat.RoomHead, err error) { return h, s.Scan(&h.Room, &h.Head) }

// A room as person $1 sees it; $2 is maxUnread.
const selectRoomViews = "SELECT " + roomColumns + `, m.user_id IS NOT NULL, coalesce(m.read_seq, 0),
	(SELECT count(*) FROM (SELECT 1 FROM messages x WHERE x.room_id = m.room_id AND x.seq > m.read_seq
		AND x.user_id <> m.user_id AND x.deleted_at = 0 LIMIT $2) AS capped),
	(SELECT count(*) FROM (SELECT 1 FROM mentions x WHERE x.user_id = m.user_id AND x.room_id = m.room_id
		AND x.seq > m.read_seq LIMIT $2) AS capped)
	FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = $1 `

func scanRoomView(s scanner) (v chat.RoomView, err error) {
	return v, s.Scan(append(roomInto(&v.Room), &v.Joined, &v.ReadSeq, &v.Unread, &v.Mentions)...)
}

// visit is who looks at which room.
type visit struct {
	user   chat.User
	room   chat.Room
	member chat.Membership
}

// visitRoom reads the facts that a rule of access asks for, and asks it.
func visitRoom(q querier, v store.Visit, rule func(chat.User, chat.Room, chat.Membership) error) (visit, error) {
	var found visit
	into := append(userInto(&found.user), roomInto(&found.room)...)
	err := q.row("SELECT "+userColumns+", "+roomColumns+`, m.user_id IS NOT NULL, coalesce(m.read_seq, 0)
		FROM users u JOIN rooms r ON r.id = $2 LEFT JOIN members m ON m.room_id = r.id AND m.user_id = u.id
		WHERE u.id = $1 AND NOT r.deleted`, v.Viewer, v.Room).
		Scan(append(into, &found.member.Joined, &found.member.ReadSeq)...)
	if err != nil {
		return visit{}, q.dialect().fault(err)
	}
	return found, rule(found.user, found.room, found.member)
}

// Room implements store.Rooms.
func (s *Store) Room(ctx context.Context, v store.Visit) (view chat.RoomView, err error) {
	err = s.snapshot(ctx, func(r querier) error {
		if _, err := visitRoom(r, v, chat.CanSeeRoom); err != nil {
			return err
		}
		view, err = scanRoomView(r.row(selectRoomViews+"WHERE r.id = $3", v.Viewer, maxUnread, v.Room))
		return err
	})
	return view, err
}

// Rooms implements store.Rooms.
func (s *Store) Rooms(ctx context.Context, viewer chat.UserID) (list []chat.RoomView, err error) {
	err = s.snapshot(ctx, func(r querier) error {
		user, err := scanUser(r.row(selectUser, viewer))
		if err != nil {
			return err
		}
		if user.Disabled {
			return chat.ErrDisabled
		}
		list, err = collect(r, scanRoomView, selectRoomViews+"WHERE NOT r.deleted AND (NOT r.private OR m.user_id IS NOT NULL OR $3)",
			viewer, maxUnread, user.IsAdmin())
		return err
	})
	slices.SortFunc(list, func(a, b chat.RoomView) int { return byName(a.Room, b.Room) })
	return list, err
}

func byName(a, b chat.Room) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
}

// AllRooms implements store.Rooms, by name.
func (s *Store) AllRooms(ctx context.Context) ([]chat.Room, error) {
	list, err := collect(s.direct(ctx), scanRoom, "SELECT "+roomColumns+" FROM rooms r WHERE NOT r.deleted")
	slices.SortFunc(list, byName)
	return list, s.d.fault(err)
}

// RoomBySlug implements store.Rooms.
func (s *Store) RoomBySlug(ctx context.Context, slug string) (chat.RoomID, error) {
	if !utf8.ValidString(slug) || strings.ContainsRune(slug, 0) {
		return 0, chat.ErrNotFound // what no engine stores, one even refuses to look for
	}
	id, err := scanOne[chat.RoomID](s.direct(ctx).row(selectSlug, slug))
	return id, s.d.fault(err)
}

const selectSlug = "SELECT id FROM rooms WHERE slug = $1"

// CreateRoom implements store.Rooms.
func (s *Store) CreateRoom(ctx context.Context, n store.NewRoom) (created chat.Room, err error) {
	err = s.write(ctx, job{keepsFacts: true, numbers: true, run: func(t *tx) (err error) {
		created, err = t.createRoom(n)
		return err
	}})
	return created, err
}

func (t *tx) createRoom(n store.NewRoom) (chat.Room, error) {
	if n.Creator == 0 {
		return t.addRoom(n)
	}
	creator, err := t.user(n.Creator)
	if err != nil {
		return chat.Room{}, err
	}
	if err := chat.CanAdminister(creator); err != nil {
		return chat.Room{}, err
	}
	if err := t.needFreeMembership(creator.ID); err != nil {
		return chat.Room{}, err
	}
	room, err := t.addRoom(n)
	if err != nil {
		return chat.Room{}, err
	}
	there, err := t.scene(creator.ID, room.ID)
	if err != nil {
		return chat.Room{}, err
	}
	_, err = t.join(there, creator)
	return there.room.Room, err
}

// addRoom inserts a room without members; chat.ErrSlugTaken.
func (t *tx) addRoom(n store.NewRoom) (chat.Room, error) {
	room := chat.Room{Slug: n.Slug, Name: n.Name, Topic: n.Topic, Private: n.Private, CreatedAt: instant(t.now)}
	err := t.row(`INSERT INTO rooms (slug, name, topic, private, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (slug) DO NOTHING RETURNING id`, orNull(n.Slug), n.Name, n.Topic, n.Private, t.now).Scan(&room.ID)
	if err = t.dialect().fault(err); errors.Is(err, chat.ErrNotFound) {
		err = chat.ErrSlugTaken
	}
	return room, err
}

// orNull stores a missing slug as NULL, which is never equal to another.
func orNull(slug string) *string {
	if slug == "" {
		return nil
	}
	return &slug
}

func (t *tx) changeRoom(s scene, c chat.ChangeRoom) (store.Appended, error) {
	if err := s.needAdmin(); err != nil {
		return store.Appended{}, err
	}
	after, changes := c.Apply(s.room.Room)
	if changes.Empty() {
		return store.Appended{}, nil
	}
	if changes.Slug != nil {
		if err := t.needFreeSlug(s.room.ID, after.Slug); err != nil {
			return store.Appended{}, err
		}
	}
	err := run(t, "UPDATE rooms SET slug = $2, name = $3, topic = $4, private = $5, archived = $6 WHERE id = $1",
		after.ID, orNull(after.Slug), after.Name, after.Topic, after.Private, after.Archived)
	if err != nil {
		return store.Appended{}, err
	}
	s.room.Room = after
	ev := s.event(chat.RoomChanged)
	ev.Changes = changes
	return store.Appended{Event: ev}, t.record(s, ev, 0, bodyOfChanges(changes))
}

// needAdmin refuses unless the person sees the room and looks after it.
func (s scene) needAdmin() error {
	if err := chat.CanSeeRoom(s.user, s.room.Room, s.member); err != nil {
		return err
	}
	return chat.CanAdminister(s.user)
}

func (t *tx) needFreeSlug(room chat.RoomID, slug string) error {
	taken, err := scanOne[bool](t.row("SELECT EXISTS (SELECT 1 FROM rooms WHERE slug = $1 AND id <> $2)", slug, room))
	if err == nil && taken {
		err = chat.ErrSlugTaken
	}
	return err
}

// DeleteRoom implements store.Rooms. At once the room is no more; what was
// said in it is erased in small steps afterwards (see purger).
func (s *Store) DeleteRoom(ctx context.Context, actor chat.UserID, room chat.RoomID) error {
	err := s.write(ctx, job{run: func(t *tx) error { return t.deleteRoom(actor, room) }})
	if err == nil {
		s.purger.wake()
	}
	return err
}

func (t *tx) deleteRoom(actor chat.UserID, room chat.RoomID) error {
	s, err := t.scene(actor, room)
	if err != nil {
		return err
	}
	if err := s.needAdmin(); err != nil {
		return err
	}
	if err := run(t, "DELETE FROM members WHERE room_id = $1", room); err != nil {
		return err
	}
	return run(t, "UPDATE rooms SET deleted = $2, slug = NULL, name = '', topic = '' WHERE id = $1", room, true)
}
