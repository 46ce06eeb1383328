package storetest

import (
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var messages = []promise{
	{"a posted message is what was drafted", postMessage},
	{"a known key gives the first message, as it is now", knownKey},
	{"a key belongs to a person and a room", keyScope},
	{"a known key with other words is a conflict", keyReused},
	{"an answer needs a message of the room", replyTo},
	{"an edit changes the text and keeps what was said first in the log", editMessage},
	{"the same text again is no edit", editNothing},
	{"only messages can be edited and deleted", notAMessage},
}

func postMessage(w *world) {
	first := w.say(w.ann, w.hall, "first")
	done := w.do(w.bob, w.hall, chat.PostMessage{Draft: chat.Draft{Key: "k", Text: "second 👋\n<b>", ReplyTo: first}})
	want := chat.Message{
		Room: w.hall, Seq: 4, Key: "k", User: w.bob.UserRef, Text: "second 👋\n<b>",
		CreatedAt: done.Event.At, ReplyTo: first,
	}
	same(w, "message", done.Message, want)
	same(w, "event", done.Event, chat.Event{
		Room: w.hall, Seq: 4, Kind: chat.MessageCreated, At: want.CreatedAt, Actor: w.bob.UserRef, Message: want,
	})
	same(w, "read again", w.message(w.cid, w.hall, 4), want)
}

func knownKey(w *world) {
	seq := w.say(w.bob, w.hall, "original")
	again := draft("key of original", "original")
	done := w.do(w.bob, w.hall, again)
	same(w, "repeated", []any{done.Repeated, done.Event, done.Message.Seq}, []any{true, chat.Event{}, seq})
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "edited"})
	done = w.do(w.bob, w.hall, again)
	same(w, "after an edit", done.Message, w.message(w.bob, w.hall, seq))
	same(w, "text", done.Message.Text, "edited")
	w.do(w.bob, w.hall, chat.DeleteMessage{Seq: seq})
	w.reopen()
	done = w.do(w.bob, w.hall, again)
	same(w, "after the deletion", []any{done.Repeated, done.Message.Deleted(), done.Message.Text}, []any{true, true, ""})
	w.do(w.bob, w.hall, chat.RemoveMember{User: w.bob.ID})
	same(w, "after leaving", w.do(w.bob, w.hall, again).Repeated, true)
}

func keyScope(w *world) {
	other := w.newRoom("other", false).ID
	seqs := []chat.Seq{
		w.do(w.bob, w.hall, draft("key", "words")).Event.Seq,
		w.do(w.ann, w.hall, draft("key", "words")).Event.Seq,
		w.do(w.ann, other, draft("key", "words")).Event.Seq,
	}
	same(w, "numbers", seqs, []chat.Seq{3, 4, 2})
}

func keyReused(w *world) {
	seq := w.say(w.bob, w.hall, "original")
	w.refused(chat.ErrKeyReused, w.bob, w.hall, draft("key of original", "another"))
	reply := chat.PostMessage{Draft: chat.Draft{Key: "key of original", Text: "original", ReplyTo: seq}}
	w.refused(chat.ErrKeyReused, w.bob, w.hall, reply)
	w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "another"})
	w.refused(chat.ErrKeyReused, w.bob, w.hall, draft("key of original", "another"))
	same(w, "head", w.head(w.hall), seq+1)
}

func replyTo(w *world) {
	seq := w.say(w.bob, w.hall, "original")
	for _, wrong := range []chat.Seq{1, seq + 1, -1} { // 1 is the founder's joining
		w.refused(chat.FieldProblem("reply_to", "", ""), w.bob, w.hall,
			chat.PostMessage{Draft: chat.Draft{Key: "k", Text: "answer", ReplyTo: wrong}})
	}
	w.do(w.bob, w.hall, chat.DeleteMessage{Seq: seq})
	w.do(w.bob, w.hall, chat.PostMessage{Draft: chat.Draft{Key: "k", Text: "answer", ReplyTo: seq}})
}

func editMessage(w *world) {
	seq := w.say(w.bob, w.hall, "frist")
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.bob, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.clock.add(1e9)
	done := w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "first"})
	w.do(w.ann, w.hall, chat.RemoveReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "the first"})
	same(w, "for the editor", done.Message.Reactions[0].Mine, true)
	same(w, "for all", done.Event.Message.Reactions, []chat.Reaction{
		{Emoji: "🎈", Count: 2, Users: []chat.UserRef{w.ann.UserRef, w.bob.UserRef}},
	})
	same(w, "edited at", done.Message.EditedAt, done.Event.At)
	log := w.log(w.hall)
	same(w, "texts", []string{log[seq-1].Message.Text, log[done.Event.Seq-1].Message.Text, w.message(w.ann, w.hall, seq).Text},
		[]string{"frist", "first", "the first"})
	same(w, "created unedited", log[seq-1].Message.EditedAt.IsZero(), true)
}

func editNothing(w *world) {
	seq := w.say(w.bob, w.hall, "as it is")
	done := w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "as it is"})
	same(w, "event", done.Event.Seq, 0)
	same(w, "message", done.Message, w.message(w.bob, w.hall, seq))
}

func notAMessage(w *world) {
	for _, seq := range []chat.Seq{0, 1, 2, 99, -1} {
		w.refused(chat.ErrNotFound, w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "x"})
		w.refused(chat.ErrNotFound, w.bob, w.hall, chat.DeleteMessage{Seq: seq})
		w.refused(chat.ErrNotFound, w.bob, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
		_, err := w.Message(w.Context(), store.Visit{Viewer: w.bob.ID, Room: w.hall}, seq)
		w.is(err, chat.ErrNotFound)
	}
}
