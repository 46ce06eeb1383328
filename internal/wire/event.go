package wire

import (
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
)

// AppendEvent writes the frame of a room's event: {"type", "room", "epoch",
// "seq", …}. One whose text is gone becomes a skip of its one number.
func AppendEvent(dst []byte, epoch string, e chat.Event) []byte {
	if e.Gone {
		return AppendSkip(dst, e.Room, e.Seq, e.Seq)
	}
	dst = append(dst, `{"type":"`...)
	dst = append(dst, e.Kind.String()...)
	dst = append(dst, `","room":`...)
	dst = strconv.AppendInt(dst, int64(e.Room), 10)
	dst = append(dst, `,"epoch":`...)
	dst = appendString(dst, epoch)
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendInt(dst, int64(e.Seq), 10)
	return append(appendBody(dst, e), '}')
}

// appendBody writes the fields that depend on the kind.
func appendBody(dst []byte, e chat.Event) []byte {
	switch e.Kind {
	case chat.MessageCreated, chat.MessageEdited:
		dst = append(dst, `,"message":`...)
		return appendMessage(dst, e.Message)
	case chat.MessageDeleted:
		dst = append(dst, `,"message":{"seq":`...)
		dst = strconv.AppendInt(dst, int64(e.Message.Seq), 10)
		dst = append(dst, `,"deleted_at":`...)
		return append(appendTime(dst, e.Message.DeletedAt), '}')
	case chat.ReactionAdded, chat.ReactionRemoved:
		dst = append(dst, `,"message_seq":`...)
		dst = strconv.AppendInt(dst, int64(e.Target), 10)
		dst = append(dst, `,"emoji":`...)
		dst = appendString(dst, e.Emoji)
		dst = append(dst, `,"user":`...)
		return appendUserRef(dst, e.Actor)
	case chat.MemberJoined, chat.MemberLeft:
		dst = append(dst, `,"user":`...)
		dst = appendUserRef(dst, e.Subject)
		return appendBy(dst, e)
	case chat.RoomChanged:
		dst = append(dst, `,"changes":`...)
		dst = appendJSON(dst, RoomChanges(e.Changes))
		return appendBy(dst, e)
	}
	return dst
}

// appendBy writes who did it and when: what the line in the room says.
func appendBy(dst []byte, e chat.Event) []byte {
	dst = append(dst, `,"by":`...)
	dst = appendUserRef(dst, e.Actor)
	dst = append(dst, `,"at":`...)
	return appendTime(dst, e.At)
}

// AppendSkip writes the frame that stands for the events from one number to
// another, which the reader may not see or whose text is gone.
func AppendSkip(dst []byte, room chat.RoomID, from, to chat.Seq) []byte {
	dst = append(dst, `{"type":"skip","room":`...)
	dst = strconv.AppendInt(dst, int64(room), 10)
	dst = append(dst, `,"from":`...)
	dst = strconv.AppendInt(dst, int64(from), 10)
	dst = append(dst, `,"to":`...)
	dst = strconv.AppendInt(dst, int64(to), 10)
	return append(dst, '}')
}
