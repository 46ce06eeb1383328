package storetest

import (
	"slices"

	"github.com/parley-chat/parley/internal/chat"
)

// fold adds events up to the messages that they leave, as a client would.
func fold(events []chat.Event) []chat.Message {
	var list []chat.Message
	for _, ev := range events {
		switch ev.Kind {
		case chat.MessageCreated:
			list = append(list, ev.Message)
		case chat.MessageEdited:
			*find(list, ev.Message.Seq) = ev.Message
		case chat.MessageDeleted:
			m := find(list, ev.Message.Seq)
			m.Text, m.Reactions, m.DeletedAt = "", nil, ev.Message.DeletedAt
		case chat.ReactionAdded:
			foldReaction(find(list, ev.Target), ev)
		case chat.ReactionRemoved:
			unfoldReaction(find(list, ev.Target), ev)
		}
	}
	return list
}

func find(list []chat.Message, seq chat.Seq) *chat.Message {
	i := slices.IndexFunc(list, func(m chat.Message) bool { return m.Seq == seq })
	return &list[i]
}

func foldReaction(m *chat.Message, ev chat.Event) {
	m.Reactions = slices.Clone(m.Reactions)
	i := slices.IndexFunc(m.Reactions, func(r chat.Reaction) bool { return r.Emoji == ev.Emoji })
	if i < 0 {
		m.Reactions = append(m.Reactions, chat.Reaction{Emoji: ev.Emoji, Count: 1, Users: []chat.UserRef{ev.Actor}})
		return
	}
	m.Reactions[i].Count++
	m.Reactions[i].Users = append(slices.Clone(m.Reactions[i].Users), ev.Actor)
}

// unfoldReaction takes a person away. The first who is left says since when
// the emoji stands there.
func unfoldReaction(m *chat.Message, ev chat.Event) {
	m.Reactions = slices.Clone(m.Reactions)
	i := slices.IndexFunc(m.Reactions, func(r chat.Reaction) bool { return r.Emoji == ev.Emoji })
	r := &m.Reactions[i]
	r.Count--
	r.Users = slices.DeleteFunc(slices.Clone(r.Users), func(u chat.UserRef) bool { return u.ID == ev.Actor.ID })
	if r.Count == 0 {
		m.Reactions = slices.Delete(m.Reactions, i, i+1)
	}
	if len(m.Reactions) == 0 {
		m.Reactions = nil
	}
}
