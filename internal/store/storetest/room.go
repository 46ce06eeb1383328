package storetest

import (
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var rooms = []promise{
	{"a new room has its creator as first member, by an event", newRoomHasCreator},
	{"a room made from the shell is empty", shellRoom},
	{"a slug is used once, and is free again after the room", slugIsUnique},
	{"a change of a room is an event with what changed", changeRoom},
	{"the list holds what one may see, by name", roomList},
	{"a deleted room does not exist", deletedRoom},
	{"unread counts others' standing messages after the mark", unread},
	{"counting the unread ends at a thousand", unreadIsCapped},
	{"mentions count where one is named", mentions},
	{"the read mark moves forward, at most to the head", readMark},
	{"times of a room never go back", timesClamp},
}

func newRoomHasCreator(w *world) {
	room := w.newRoom("den", true)
	same(w, "answer", room, chat.Room{
		ID: room.ID, Slug: "den", Name: "DEN", Private: true, LastSeq: 1,
		CreatedAt: w.clock.now().Truncate(time.Millisecond),
	})
	same(w, "log", w.log(room.ID), []chat.Event{{
		Room: room.ID, Seq: 1, Kind: chat.MemberJoined, At: room.CreatedAt, Actor: w.ann.UserRef, Subject: w.ann.UserRef,
	}})
	same(w, "view", w.view(w.ann, room.ID), chat.RoomView{Room: room, Joined: true, ReadSeq: 1})
}

func shellRoom(w *world) {
	room, err := w.CreateRoom(w.Context(), store.NewRoom{Slug: "shell", Name: "Shell", Topic: "by hand"})
	w.must(err)
	same(w, "events", len(w.log(room.ID)), 0)
	same(w, "view", w.view(w.bob, room.ID), chat.RoomView{Room: room})
	_, err = w.CreateRoom(w.Context(), store.NewRoom{Creator: w.bob.ID, Slug: "mine", Name: "Mine"})
	w.is(err, chat.ErrAdminsOnly)
}

func slugIsUnique(w *world) {
	_, err := w.CreateRoom(w.Context(), store.NewRoom{Creator: w.ann.ID, Slug: "hall", Name: "Another"})
	w.is(err, chat.ErrSlugTaken)
	other := w.newRoom("other", false)
	w.refused(chat.ErrSlugTaken, w.ann, other.ID, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Slug: ref("hall")}})
	w.must(w.DeleteRoom(w.Context(), w.ann.ID, w.hall))
	again := w.newRoom("hall", false)
	found, err := w.RoomBySlug(w.Context(), "hall")
	w.must(err)
	same(w, "id", found, again.ID)
	if again.ID == w.hall {
		w.Fatal("the id of a deleted room was used again")
	}
}

func changeRoom(w *world) {
	same(w, "old name", w.view(w.bob, w.hall).Name, "HALL")
	done := w.do(w.ann, w.hall, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Name: ref("Great hall"), Topic: ref("")}})
	same(w, "changes", done.Event.Changes, chat.RoomChanges{Name: ref("Great hall")})
	w.idle(w.ann, w.hall, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Name: ref("Great hall")}})
	w.do(w.ann, w.hall, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Slug: ref("great"), Private: ref(true), Topic: ref("all"), Archived: ref(true)}})
	view := w.view(w.bob, w.hall)
	same(w, "view", []any{view.Slug, view.Name, view.Topic, view.Private, view.Archived}, []any{"great", "Great hall", "all", true, true})
	_, err := w.RoomBySlug(w.Context(), "hall")
	w.is(err, chat.ErrNotFound)
}

func roomList(w *world) {
	den := w.newRoom("den", true).ID
	attic := w.newRoom("attic", false).ID
	names := func(viewer chat.User) (names []string) {
		list, err := w.Rooms(w.Context(), viewer.ID)
		w.must(err)
		for _, view := range list {
			names = append(names, view.Slug)
		}
		return names
	}
	same(w, "stranger's", names(w.cid), []string{"attic", "hall"})
	same(w, "administrator's", names(w.ann), []string{"attic", "den", "hall"})
	w.do(w.ann, den, chat.AddMember{User: w.cid.ID})
	same(w, "member's", names(w.cid), []string{"attic", "den", "hall"})
	joined, err := w.Joined(w.Context(), w.cid.ID)
	w.must(err)
	same(w, "joined", joined, []chat.RoomHead{{Room: den, Head: 2}})
	each, err := w.JoinedEach(w.Context(), []chat.UserID{w.cid.ID, w.ann.ID, 999})
	w.must(err)
	anns, err := w.Joined(w.Context(), w.ann.ID)
	w.must(err)
	same(w, "joined each", each, map[chat.UserID][]chat.RoomHead{w.cid.ID: joined, w.ann.ID: anns})
	counts, err := w.CountMembers(w.Context(), []chat.RoomID{den, attic, w.hall, 999})
	w.must(err)
	same(w, "members", counts, map[chat.RoomID]int{den: 2, attic: 1, w.hall: 2})
}

func deletedRoom(w *world) {
	seq := w.say(w.bob, w.hall, "soon gone")
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: "👋"})
	w.is(w.DeleteRoom(w.Context(), w.bob.ID, w.hall), chat.ErrAdminsOnly)
	w.must(w.DeleteRoom(w.Context(), w.ann.ID, w.hall))
	w.is(w.DeleteRoom(w.Context(), w.ann.ID, w.hall), chat.ErrNotFound)
	for name, err := range w.readsOf(w.ann, w.hall) {
		if err == nil {
			w.Fatalf("%s of a deleted room succeeded", name)
		}
		w.is(err, chat.ErrNotFound)
	}
	w.refused(chat.ErrNotFound, w.bob, w.hall, draft("k", "anybody?"))
	joined, err := w.Joined(w.Context(), w.bob.ID)
	w.must(err)
	same(w, "joined", len(joined), 0)
	same(w, "head", w.head(w.hall), 0)
	w.reopen()
	w.is(w.DeleteRoom(w.Context(), w.ann.ID, w.hall), chat.ErrNotFound)
}

// readsOf reads a room in every way and gives the errors.
func (w *world) readsOf(viewer chat.User, room chat.RoomID) map[string]error {
	v := store.Visit{Viewer: viewer.ID, Room: room}
	errs := map[string]error{}
	_, errs["room"] = w.Room(w.Context(), v)
	_, errs["page"] = w.Page(w.Context(), v, chat.PageQuery{Limit: 1})
	_, errs["message"] = w.Message(w.Context(), v, 3)
	_, errs["members"] = w.Members(w.Context(), v, store.Cursor{Limit: 1})
	_, errs["events"] = w.Events(w.Context(), room, 0, 10)
	_, _, errs["mark"] = w.MarkRead(w.Context(), v, 1)
	return errs
}

func unread(w *world) {
	w.say(w.bob, w.hall, "one")
	gone := w.say(w.bob, w.hall, "two")
	w.say(w.ann, w.hall, "my own")
	last := w.say(w.bob, w.hall, "three")
	same(w, "unread", w.view(w.ann, w.hall).Unread, 3)
	w.do(w.bob, w.hall, chat.DeleteMessage{Seq: gone})
	same(w, "without the deleted", w.view(w.ann, w.hall).Unread, 2)
	w.mark(w.ann, last-1)
	same(w, "after the mark", w.view(w.ann, w.hall).Unread, 1)
	w.do(w.cid, w.hall, chat.AddMember{User: w.cid.ID})
	same(w, "of a new member", w.view(w.cid, w.hall).Unread, 0)
	w.do(w.cid, w.hall, chat.RemoveMember{User: w.cid.ID})
	w.say(w.bob, w.hall, "four")
	same(w, "of a stranger", w.view(w.cid, w.hall).Unread, 0)
}

func unreadIsCapped(w *world) {
	w.must(w.Import(w.Context(), func(i store.Importer) error {
		for n := range 1005 {
			if _, err := i.AddMessage(w.hall, w.bob.ID, w.clock.now(), chat.Draft{Key: string(rune(0x4e00 + n)), Text: "hi @ann"}); err != nil {
				return err
			}
		}
		return nil
	}))
	view := w.view(w.ann, w.hall)
	same(w, "unread, mentions", [2]int{view.Unread, view.Mentions}, [2]int{1000, 1000})
	w.heard.forget(w.hall)
}

// forget drops what was heard of a room: an import is not heard.
func (h *heard) forget(room chat.RoomID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.byRoom, room)
}

func mentions(w *world) {
	seq := w.say(w.bob, w.hall, "@Ann and @bob, look; not @nobody or `@ann`")
	deleted := w.say(w.bob, w.hall, "@ann again")
	same(w, "named", w.view(w.ann, w.hall).Mentions, 2)
	w.do(w.bob, w.hall, chat.DeleteMessage{Seq: deleted})
	same(w, "without the deleted", w.view(w.ann, w.hall).Mentions, 1)
	w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "nobody"})
	same(w, "edited out", w.view(w.ann, w.hall).Mentions, 0)
	w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "@ann after all"})
	same(w, "edited in", w.view(w.ann, w.hall).Mentions, 1)
	w.mark(w.ann, seq)
	same(w, "read", w.view(w.ann, w.hall).Mentions, 0)
	same(w, "oneself", w.view(w.bob, w.hall).Mentions, 0)
}

func (w *world) mark(user chat.User, seq chat.Seq) (chat.Seq, bool) {
	w.Helper()
	now, moved, err := w.MarkRead(w.Context(), store.Visit{Viewer: user.ID, Room: w.hall}, seq)
	w.must(err)
	return now, moved
}

func readMark(w *world) {
	for _, text := range []string{"one", "two", "three"} {
		w.say(w.ann, w.hall, text)
	}
	for _, step := range []struct {
		to, now chat.Seq
		moved   bool
	}{{3, 3, true}, {3, 3, false}, {2, 3, false}, {999, 5, true}, {0, 5, false}} {
		now, moved := w.mark(w.bob, step.to)
		same(w, "now", now, step.now)
		same(w, "moved", moved, step.moved)
	}
	_, _, err := w.MarkRead(w.Context(), store.Visit{Viewer: w.cid.ID, Room: w.hall}, 1)
	w.is(err, chat.ErrNotMember)
	same(w, "kept", w.view(w.bob, w.hall).ReadSeq, 5)
}

func timesClamp(w *world) {
	w.say(w.bob, w.hall, "now")
	w.clock.add(-time.Hour)
	seq := w.say(w.bob, w.hall, "an hour before now")
	w.reopen()
	again := w.say(w.bob, w.hall, "still before")
	same(w, "raised", w.message(w.bob, w.hall, seq).CreatedAt, newClock().now().Truncate(time.Millisecond))
	same(w, "raised after a restart", w.message(w.bob, w.hall, again).CreatedAt, newClock().now().Truncate(time.Millisecond))
}
