package wire

import (
	"bytes"
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
	dst = append(dst, '"')
	dst = appendOnly(dst, e.Only)
	dst = append(dst, `,"room":`...)
	dst = strconv.AppendInt(dst, int64(e.Room), 10)
	dst = append(dst, `,"epoch":`...)
	dst = appendString(dst, epoch)
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendInt(dst, int64(e.Seq), 10)
	return append(appendBody(dst, e), '}')
}

// onlyField begins the field with those who may see an event. It stands right
// behind the type, where AudienceOf looks for it.
const onlyField = `,"only":[`

func appendOnly(dst []byte, only []chat.UserID) []byte {
	if len(only) == 0 {
		return dst
	}
	dst = append(dst, onlyField...)
	for i, user := range only {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(user), 10)
	}
	return append(dst, ']')
}

// AudienceOf reads off a frame that AppendEvent has written who may see it:
// nobody named means everybody in the room.
func AudienceOf(event []byte) (only []chat.UserID) {
	_, rest, _ := bytes.Cut(event, []byte(`,`)) // there is none in a type
	list, found := bytes.CutPrefix(rest, []byte(onlyField[1:]))
	if !found {
		return nil
	}
	list, _, _ = bytes.Cut(list, []byte(`]`))
	for id := range bytes.SplitSeq(list, []byte(`,`)) {
		user, _ := strconv.ParseInt(string(id), 10, 64)
		only = append(only, chat.UserID(user))
	}
	return only
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
