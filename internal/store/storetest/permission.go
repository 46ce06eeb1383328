package storetest

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var permissions = []promise{
	{"who may do what follows the rules of chat", permissionTable},
	{"a private room is hidden from strangers and closed to administrators", privateRoom},
	{"an archived room can be read and left, not changed", archivedRoom},
}

// permissionTable has one row a change and one column a person: the
// administrator, who is the author's equal in the room, the author, a member,
// a stranger.
func permissionTable(w *world) {
	dan := w.newUser("dan", chat.RoleMember)
	w.do(dan, w.hall, chat.AddMember{User: dan.ID})
	people := []chat.User{w.ann, w.bob, dan, w.cid}
	for _, row := range []struct {
		change func(chat.Seq) chat.Change
		want   [4]error
	}{
		{func(chat.Seq) chat.Change { return draft("k", "words") }, [4]error{nil, nil, nil, chat.ErrNotMember}},
		{func(s chat.Seq) chat.Change { return chat.EditMessage{Seq: s, Text: "other"} }, [4]error{chat.ErrNotYours, nil, chat.ErrNotYours, chat.ErrNotMember}},
		{func(s chat.Seq) chat.Change { return chat.DeleteMessage{Seq: s} }, [4]error{nil, nil, chat.ErrNotYours, chat.ErrNotMember}},
		{func(s chat.Seq) chat.Change { return chat.AddReaction{Seq: s, Emoji: "🎈"} }, [4]error{nil, nil, nil, chat.ErrNotMember}},
		{func(s chat.Seq) chat.Change { return chat.RemoveReaction{Seq: s, Emoji: "🎈"} }, [4]error{nil, nil, nil, chat.ErrNotMember}},
		{func(chat.Seq) chat.Change { return chat.AddMember{User: w.newUser(w.fresh(), chat.RoleMember).ID} }, [4]error{nil, chat.ErrAdminsOnly, chat.ErrAdminsOnly, chat.ErrAdminsOnly}},
		{func(chat.Seq) chat.Change { return chat.RemoveMember{User: dan.ID} }, [4]error{nil, chat.ErrAdminsOnly, nil, chat.ErrAdminsOnly}},
		{func(chat.Seq) chat.Change {
			return chat.ChangeRoom{RoomChanges: chat.RoomChanges{Topic: ref(w.fresh())}}
		}, [4]error{nil, chat.ErrAdminsOnly, chat.ErrAdminsOnly, chat.ErrAdminsOnly}},
	} {
		for i, person := range people {
			seq := w.do(w.bob, w.hall, draft(w.fresh(), "the message")).Event.Seq
			w.allowed(row.want[i], person, row.change(seq))
			w.do(w.ann, w.hall, chat.AddMember{User: dan.ID})
		}
	}
}

// allowed makes a change and compares its outcome with want.
func (w *world) allowed(want error, actor chat.User, change chat.Change) {
	w.Helper()
	if want == nil {
		w.do(actor, w.hall, change)
		return
	}
	w.refused(want, actor, w.hall, change)
}

// fresh gives a word that was not given before: one for each event.
func (w *world) fresh() string {
	w.clock.add(1e6)
	return fmt.Sprint("w", w.clock.now().UnixMilli())
}

func privateRoom(w *world) {
	den := w.newRoom("den", true).ID
	w.do(w.ann, den, chat.AddMember{User: w.bob.ID})
	w.say(w.bob, den, "behind closed doors")
	for _, err := range w.readsOf(w.cid, den) {
		if err != nil {
			w.is(err, chat.ErrNotFound)
		}
	}
	w.refused(chat.ErrNotFound, w.cid, den, draft("k", "knock"))
	w.refused(chat.ErrNotFound, w.cid, den, chat.AddMember{User: w.cid.ID})
	w.refused(chat.ErrAdminsOnly, w.bob, den, chat.AddMember{User: w.cid.ID})

	w.do(w.ann, den, chat.RemoveMember{User: w.ann.ID})
	v := store.Visit{Viewer: w.ann.ID, Room: den}
	_, err := w.Room(w.Context(), v)
	w.must(err)
	_, err = w.Page(w.Context(), v, chat.PageQuery{Limit: 10})
	w.is(err, chat.ErrNotMember)
	_, err = w.Message(w.Context(), v, 3)
	w.is(err, chat.ErrNotMember)
	w.do(w.ann, den, chat.AddMember{User: w.ann.ID})
	same(w, "page", len(w.page(w.ann, den)), 1)
}

func archivedRoom(w *world) {
	seq := w.say(w.bob, w.hall, "before")
	w.do(w.ann, w.hall, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Archived: ref(true)}})
	for _, change := range []chat.Change{
		draft("k", "after"),
		chat.EditMessage{Seq: seq, Text: "x"},
		chat.DeleteMessage{Seq: seq},
		chat.AddReaction{Seq: seq, Emoji: "🎈"},
	} {
		w.refused(chat.ErrArchived, w.bob, w.hall, change)
	}
	w.refused(chat.ErrArchived, w.cid, w.hall, chat.AddMember{User: w.cid.ID})
	same(w, "page", len(w.page(w.bob, w.hall)), 1)
	repeated := w.do(w.bob, w.hall, draft("key of before", "before"))
	same(w, "a late retry", repeated.Repeated, true)
	w.do(w.bob, w.hall, chat.RemoveMember{User: w.bob.ID})
	w.do(w.ann, w.hall, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Archived: ref(false)}})
	w.say(w.ann, w.hall, "after")
}
