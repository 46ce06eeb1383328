package storetest

import (
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
)

var reactions = []promise{
	{"a reaction is an event, once a person and emoji", reactOnce},
	{"reactions stand in the order in which they came, with the first people", reactionOrder},
	{"an emoji keeps its place while anybody's is left", reactionPlace},
	{"a message has room for so many emoji", reactionKinds},
}

func reactOnce(w *world) {
	seq := w.say(w.bob, w.hall, "look")
	add := chat.AddReaction{Seq: seq, Emoji: "🎈"}
	done := w.do(w.ann, w.hall, add)
	same(w, "event", done.Event, chat.Event{
		Room: w.hall, Seq: seq + 1, Kind: chat.ReactionAdded, At: done.Event.At, Actor: w.ann.UserRef, Target: seq, Emoji: "🎈",
	})
	w.idle(w.ann, w.hall, add)
	w.idle(w.bob, w.hall, chat.RemoveReaction(add))
	w.do(w.bob, w.hall, add)
	w.do(w.ann, w.hall, chat.RemoveReaction(add))
	w.idle(w.ann, w.hall, chat.RemoveReaction(add))
	same(w, "for bob", w.message(w.bob, w.hall, seq).Reactions,
		[]chat.Reaction{{Emoji: "🎈", Count: 1, Users: []chat.UserRef{w.bob.UserRef}, Mine: true}})
	same(w, "for ann", w.message(w.ann, w.hall, seq).Reactions[0].Mine, false)
}

func reactionOrder(w *world) {
	seq, next := w.say(w.bob, w.hall, "look"), w.say(w.bob, w.hall, "and here")
	var first []chat.UserRef
	for n := range chat.MaxReactionUsers + 2 {
		user := w.newUser(fmt.Sprintf("user%02d", 50-n), chat.RoleMember)
		w.do(user, w.hall, chat.AddMember{User: user.ID})
		w.do(user, w.hall, chat.AddReaction{Seq: seq, Emoji: "🦉"})
		first = append(first, user.UserRef)
	}
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.ann, w.hall, chat.AddReaction{Seq: next, Emoji: "🎈"})
	page := w.page(w.cid, w.hall)
	same(w, "first", page[0].Reactions, []chat.Reaction{
		{Emoji: "🦉", Count: chat.MaxReactionUsers + 2, Users: first[:chat.MaxReactionUsers]},
		{Emoji: "🎈", Count: 1, Users: []chat.UserRef{w.ann.UserRef}},
	})
	same(w, "second", len(page[1].Reactions), 1)
}

func reactionPlace(w *world) {
	seq := w.say(w.bob, w.hall, "look")
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: "🦉"})
	w.do(w.bob, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.ann, w.hall, chat.RemoveReaction{Seq: seq, Emoji: "🎈"})
	w.placed(seq, "🎈", "🦉")
	w.do(w.bob, w.hall, chat.RemoveReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.bob, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.placed(seq, "🦉", "🎈")
}

// placed checks which emoji stand under a message, in their order.
func (w *world) placed(seq chat.Seq, want ...string) {
	w.Helper()
	var got []string
	for _, reaction := range w.message(w.cid, w.hall, seq).Reactions {
		got = append(got, reaction.Emoji)
	}
	same(w, "emoji", got, want)
}

func reactionKinds(w *world) {
	seq := w.say(w.bob, w.hall, "look")
	for n := range chat.MaxReactionKinds {
		w.do(w.bob, w.hall, chat.AddReaction{Seq: seq, Emoji: string(rune(0x1f600 + n))})
	}
	w.refused(chat.ErrTooManyReactions, w.bob, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: string(rune(0x1f600))})
	w.do(w.bob, w.hall, chat.RemoveReaction{Seq: seq, Emoji: string(rune(0x1f601))})
	w.do(w.bob, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
}
