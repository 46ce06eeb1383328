package chat

import "time"

// EventKind says what an event did to its room.
type EventKind uint8

// The kinds of event. Their numbers are stored: never change or reuse one.
const (
	MessageCreated  EventKind = 1
	MessageEdited   EventKind = 2
	MessageDeleted  EventKind = 3
	ReactionAdded   EventKind = 4
	ReactionRemoved EventKind = 5
	MemberJoined    EventKind = 6
	MemberLeft      EventKind = 7
	RoomChanged     EventKind = 8
)

var eventNames = [...]string{
	MessageCreated:  "message.created",
	MessageEdited:   "message.edited",
	MessageDeleted:  "message.deleted",
	ReactionAdded:   "reaction.added",
	ReactionRemoved: "reaction.removed",
	MemberJoined:    "member.joined",
	MemberLeft:      "member.left",
	RoomChanged:     "room.changed",
}

// String gives the name that clients see, such as "message.created".
func (k EventKind) String() string {
	if k == 0 || int(k) >= len(eventNames) {
		return "unknown"
	}
	return eventNames[k]
}

// Event is one numbered change of a room's visible state. Which fields are
// set depends on Kind.
type Event struct {
	Room  RoomID
	Seq   Seq
	Kind  EventKind
	At    time.Time // never before that of an earlier event of the room
	Actor UserRef   // who did it

	// Only names those who may see it; where it names nobody, everybody in the
	// room may. To all others the number stands for nothing.
	Only []UserID

	// Message is the whole message for MessageCreated and MessageEdited, as
	// it was after the change; for MessageDeleted only Seq and DeletedAt.
	Message Message
	// Target is the message that a reaction belongs to.
	Target Seq
	Emoji  string
	// Subject joined or left.
	Subject UserRef
	Changes RoomChanges
	// Epoch names the history of the database that the event was committed in;
	// empty where it can only be the present one.
	Epoch string
	// Gone marks an event whose text was deleted since: it keeps its number
	// and is replayed as a skip.
	Gone bool
}
