package wire

import (
	"github.com/parley-chat/parley/internal/chat"
)

// The events of a room as values. AppendEvent writes the same JSON by hand,
// which is checked against these.
type (
	// Numbered is what all of them have: seq grows by exactly one from frame
	// to frame of a room. Only, where it is there, names those who see the
	// event; others get a Skip in its place.
	Numbered struct {
		Only  []chat.UserID `json:"only,omitempty"`
		Room  chat.RoomID   `json:"room"`
		Epoch string        `json:"epoch"`
		Seq   chat.Seq      `json:"seq"`
	}
	// MessageCreated: somebody said something.
	MessageCreated struct {
		Type string `json:"type" ts:"'message.created'"`
		Numbered
		Message Message `json:"message"`
	}
	// MessageEdited carries the whole message after the change.
	MessageEdited struct {
		Type string `json:"type" ts:"'message.edited'"`
		Numbered
		Message Message `json:"message"`
	}
	// MessageDeleted: a message was taken back.
	MessageDeleted struct {
		Type string `json:"type" ts:"'message.deleted'"`
		Numbered
		Message Deleted `json:"message"`
	}
	// Deleted is what is left of a message.
	Deleted struct {
		Seq       chat.Seq `json:"seq"`
		DeletedAt Time     `json:"deleted_at"`
	}
	// ReactionAdded: somebody put an emoji under a message.
	ReactionAdded struct {
		Type string `json:"type" ts:"'reaction.added'"`
		Numbered
		MessageSeq chat.Seq `json:"message_seq"`
		Emoji      string   `json:"emoji"`
		User       UserRef  `json:"user"`
	}
	// ReactionRemoved: somebody took an emoji away.
	ReactionRemoved struct {
		Type string `json:"type" ts:"'reaction.removed'"`
		Numbered
		MessageSeq chat.Seq `json:"message_seq"`
		Emoji      string   `json:"emoji"`
		User       UserRef  `json:"user"`
	}
	// MemberJoined: user came in; by let them in, possibly themselves.
	MemberJoined struct {
		Type string `json:"type" ts:"'member.joined'"`
		Numbered
		User UserRef `json:"user"`
		By   UserRef `json:"by"`
		At   Time    `json:"at"`
	}
	// MemberLeft: user is no longer in the room.
	MemberLeft struct {
		Type string `json:"type" ts:"'member.left'"`
		Numbered
		User UserRef `json:"user"`
		By   UserRef `json:"by"`
		At   Time    `json:"at"`
	}
	// RoomChanged: the room has another name, topic and so on.
	RoomChanged struct {
		Type string `json:"type" ts:"'room.changed'"`
		Numbered
		Changes RoomChanges `json:"changes"`
		By      UserRef     `json:"by"`
		At      Time        `json:"at"`
	}
	// Skip stands for events that this person may not see, or whose text is
	// gone: those with the numbers from one to the other.
	Skip struct {
		Type string      `json:"type" ts:"'skip'"`
		Room chat.RoomID `json:"room"`
		From chat.Seq    `json:"from"`
		To   chat.Seq    `json:"to"`
	}
)

// EventOf gives an event as a value; a Skip for one whose text is gone.
func EventOf(epoch string, e chat.Event) any {
	if e.Gone {
		return Skip{"skip", e.Room, e.Seq, e.Seq}
	}
	kind, numbered, by, at := e.Kind.String(), Numbered{e.Only, e.Room, epoch, e.Seq}, UserRef(e.Actor), Time{e.At}
	switch e.Kind {
	case chat.MessageCreated:
		return MessageCreated{kind, numbered, MessageOf(e.Message)}
	case chat.MessageEdited:
		return MessageEdited{kind, numbered, MessageOf(e.Message)}
	case chat.MessageDeleted:
		return MessageDeleted{kind, numbered, Deleted{e.Message.Seq, Time{e.Message.DeletedAt}}}
	case chat.ReactionAdded:
		return ReactionAdded{kind, numbered, e.Target, e.Emoji, by}
	case chat.ReactionRemoved:
		return ReactionRemoved{kind, numbered, e.Target, e.Emoji, by}
	case chat.MemberJoined:
		return MemberJoined{kind, numbered, UserRef(e.Subject), by, at}
	case chat.MemberLeft:
		return MemberLeft{kind, numbered, UserRef(e.Subject), by, at}
	}
	return RoomChanged{kind, numbered, RoomChanges(e.Changes), by, at}
}
