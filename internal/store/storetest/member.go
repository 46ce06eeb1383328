package storetest

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var members = []promise{
	{"joining twice makes one event", joinTwice},
	{"leaving ends the membership, and joining again begins it anew", leaveAndJoin},
	{"unknown and disabled people cannot be let in", badSubjects},
	{"the members are listed in pages, by id", memberPages},
	{"a person is in at most so many rooms", tooManyRooms},
}

func joinTwice(w *world) {
	done := w.do(w.cid, w.hall, chat.AddMember{User: w.cid.ID})
	same(w, "event", done.Event, chat.Event{
		Room: w.hall, Seq: 3, Kind: chat.MemberJoined, At: done.Event.At, Actor: w.cid.UserRef, Subject: w.cid.UserRef,
	})
	w.idle(w.cid, w.hall, chat.AddMember{User: w.cid.ID})
	w.idle(w.ann, w.hall, chat.AddMember{User: w.cid.ID})
	same(w, "head", w.head(w.hall), 3)
}

func leaveAndJoin(w *world) {
	w.do(w.ann, w.hall, chat.RemoveMember{User: w.bob.ID})
	same(w, "joined", w.view(w.bob, w.hall).Joined, false)
	w.refused(chat.ErrNotMember, w.bob, w.hall, draft("k", "I was thrown out"))
	w.idle(w.bob, w.hall, chat.RemoveMember{User: w.bob.ID})
	w.idle(w.ann, w.hall, chat.RemoveMember{User: 999})
	w.say(w.ann, w.hall, "while you were away")
	w.do(w.bob, w.hall, chat.AddMember{User: w.bob.ID})
	same(w, "read mark", w.view(w.bob, w.hall).ReadSeq, 5)
	w.say(w.bob, w.hall, "back")
}

func badSubjects(w *world) {
	w.refused(chat.ErrNotFound, w.ann, w.hall, chat.AddMember{User: 999})
	_, _, err := w.ChangeUser(w.Context(), w.cid.ID, store.UserChanges{Disabled: ref(true)})
	w.must(err)
	w.refused(chat.ErrDisabled, w.ann, w.hall, chat.AddMember{User: w.cid.ID})
	w.refused(chat.ErrNotFound, chat.User{}, w.hall, draft("k", "from nobody"))
	w.refused(chat.ErrNotFound, w.ann, 999, draft("k", "to nowhere"))
}

func memberPages(w *world) {
	v := store.Visit{Viewer: w.cid.ID, Room: w.hall}
	page, err := w.Members(w.Context(), v, store.Cursor{Limit: 1})
	w.must(err)
	same(w, "first page", page, []chat.UserRef{w.ann.UserRef})
	page, err = w.Members(w.Context(), v, store.Cursor{After: int64(w.ann.ID), Limit: 9})
	w.must(err)
	same(w, "second page", page, []chat.UserRef{w.bob.UserRef})
}

func tooManyRooms(w *world) {
	w.must(w.Import(w.Context(), func(i store.Importer) error {
		for n := range chat.MaxMemberRooms {
			room, err := i.AddRoom(store.NewRoom{Slug: fmt.Sprint("room-", n), Name: "Room"})
			if err != nil {
				return err
			}
			if err := i.AddMember(room.ID, w.cid.ID); err != nil {
				return err
			}
		}
		return nil
	}))
	w.refused(chat.ErrTooManyRooms, w.cid, w.hall, chat.AddMember{User: w.cid.ID})
	joined, err := w.Joined(w.Context(), w.cid.ID)
	w.must(err)
	same(w, "joined", len(joined), chat.MaxMemberRooms)
	w.do(w.cid, joined[0].Room, chat.RemoveMember{User: w.cid.ID})
	w.heard.forget(joined[0].Room)
	w.do(w.cid, w.hall, chat.AddMember{User: w.cid.ID})
}
