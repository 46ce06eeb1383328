package storetest

import (
	"fmt"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
)

var redactions = []promise{
	{"a deleted message leaves its place and no word of it", deletedText},
	{"a deleted message cannot be changed, and deleting again is nothing", deletedStays},
	{"an administrator's deletion names who did it", deletedByAdmin},
}

func deletedText(w *world) {
	seq := w.do(w.bob, w.hall, draft("k", "the secret one @ann")).Event.Seq
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	edit := w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "the secret two @ann"}).Event.Seq
	w.clock.add(1e9)
	done := w.do(w.bob, w.hall, chat.DeleteMessage{Seq: seq})
	same(w, "event", done.Event.Message, chat.Message{Seq: seq, DeletedAt: done.Event.At})
	same(w, "answer", done.Message, w.message(w.bob, w.hall, seq))
	w.noSecret(done)
	w.reopen()
	w.noSecret(w.log(w.hall), w.page(w.ann, w.hall), w.message(w.ann, w.hall, seq), w.view(w.ann, w.hall))
	log := w.log(w.hall)
	same(w, "gone", []bool{log[seq-1].Gone, log[edit-1].Gone, log[done.Event.Seq-1].Gone}, []bool{true, true, false})
	m := w.message(w.ann, w.hall, seq)
	same(w, "place", []any{m.Text, m.DeletedAt, len(m.Reactions), m.Key}, []any{"", done.Event.At, 0, "k"})
	same(w, "mentions", w.view(w.ann, w.hall).Mentions, 0)
}

// noSecret fails the test if anything says the word.
func (w *world) noSecret(things ...any) {
	w.Helper()
	if text := fmt.Sprintf("%+v", things); strings.Contains(text, "secret") {
		w.Fatalf("deleted text is told: %s", text)
	}
}

func deletedStays(w *world) {
	seq := w.say(w.bob, w.hall, "oops")
	w.do(w.bob, w.hall, chat.DeleteMessage{Seq: seq})
	done := w.do(w.bob, w.hall, chat.DeleteMessage{Seq: seq})
	same(w, "again", []any{done.Event.Seq, done.Message.Deleted()}, []any{chat.Seq(0), true})
	w.refused(chat.ErrNotFound, w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "x"})
	w.refused(chat.ErrNotFound, w.bob, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.refused(chat.ErrNotFound, w.bob, w.hall, chat.RemoveReaction{Seq: seq, Emoji: "🎈"})
}

func deletedByAdmin(w *world) {
	seq := w.say(w.bob, w.hall, "rude")
	done := w.do(w.ann, w.hall, chat.DeleteMessage{Seq: seq})
	same(w, "actor", done.Event.Actor, w.ann.UserRef)
	same(w, "author", w.message(w.cid, w.hall, seq).User, w.bob.UserRef)
}
