package sqlstore

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

// OnCommit implements store.Log.
func (s *Store) OnCommit(listen func([]chat.Event)) {
	s.committer.listener.Store(&listen)
}

// Append implements store.Log.
func (s *Store) Append(a store.Append) {
	if err := s.committer.submit(&appending{Append: a, names: mentionedIn(a.Change)}); err != nil {
		a.Done(store.Appended{}, err)
	}
}

// appending is a change on its way through the committer.
type appending struct {
	store.Append
	names []string
	out   store.Appended
	err   error
}

func (a *appending) alone() bool { return false }

func (a *appending) answer(failure error) {
	if failure != nil {
		a.Done(store.Appended{}, failure)
		return
	}
	a.Done(a.out, a.err)
}

func (a *appending) do(t *tx) error {
	a.out, a.err = t.change(a)
	if a.err == nil || isRefusal(a.err) {
		return nil
	}
	return t.dialect().fault(a.err)
}

// admit takes a post into a transaction that has begun, if nothing need be
// asked of the database for it any more. It reports whether it did. What is
// known of the room and its members is true, since the room is locked; what is
// known of the person is as of the moment when the lock was had, a round trip
// ago: whoever was disabled since then may still get a word in.
func (t *tx) admit(w work) bool {
	a, ok := w.(*appending)
	if !ok {
		return false
	}
	post, ok := a.Change.(chat.PostMessage)
	if !ok || post.ReplyTo != 0 || !t.facts.tell(a.Room, a.Actor) {
		return false
	}
	if t.bulk != nil {
		t.bulk.takeForNew(sendKey{a.Room, a.Actor, post.Key})
	}
	return true
}

// scene is who acts where. Its facts are those of the transaction.
type scene struct {
	user   chat.User
	room   *roomFacts
	member chat.Membership // without a read mark
	now    int64
	names  []string // folds of those whom the change mentions
}

func (t *tx) scene(actor chat.UserID, room chat.RoomID) (s scene, err error) {
	s.now = t.now
	if s.user, err = t.user(actor); err != nil {
		return s, err
	}
	if s.room, err = t.room(room); err != nil {
		return s, err
	}
	s.member.Joined, err = t.joined(room, actor)
	return s, err
}

// change applies one change. A refusal comes before anything is written.
func (t *tx) change(a *appending) (store.Appended, error) {
	s, err := t.scene(a.Actor, a.Room)
	if err != nil {
		return store.Appended{}, err
	}
	s.names = a.names
	switch c := a.Change.(type) {
	case chat.PostMessage:
		return t.post(s, c.Draft)
	case chat.EditMessage:
		return t.edit(s, c)
	case chat.DeleteMessage:
		return t.redact(s, c)
	case chat.AddReaction:
		return t.addReaction(s, c)
	case chat.RemoveReaction:
		return t.removeReaction(s, c)
	case chat.AddMember:
		return t.addMember(s, c)
	case chat.RemoveMember:
		return t.removeMember(s, c)
	case chat.ChangeRoom:
		return t.changeRoom(s, c)
	}
	return store.Appended{}, fmt.Errorf("%w: unknown change %T", errDefect, a.Change)
}

// event begins the room's next event, by the person of the scene. Times
// never go back within a room, whatever the clock does.
func (s scene) event(kind chat.EventKind) chat.Event {
	return chat.Event{
		Room: s.room.ID, Seq: s.room.LastSeq + 1, Kind: kind,
		At: instant(max(s.now, s.room.lastAt)), Actor: s.user.UserRef,
	}
}

// record writes an event that creates no message, and numbers it.
func (t *tx) record(s scene, ev chat.Event, target chat.Seq, b body) error {
	if err := t.insertChange(ev, target, b.encode()); err != nil {
		return err
	}
	t.number(s.room, ev)
	return nil
}

func (t *tx) insertChange(ev chat.Event, target chat.Seq, stored string) error {
	var subject *chat.UserID
	if ev.Subject.ID != 0 {
		subject = &ev.Subject.ID
	}
	if t.bulk != nil {
		return t.bulk.change(ev, target, subject, stored)
	}
	return run(t, `INSERT INTO changes (room_id, seq, kind, user_id, at, target_seq, subject_id, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		ev.Room, ev.Seq, ev.Kind, ev.Actor.ID, millis(ev.At), target, subject, stored)
}
