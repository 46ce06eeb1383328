package chat

import "time"

// Room is a place where people chat.
type Room struct {
	ID        RoomID
	Slug      string
	Name      string
	Topic     string
	Private   bool
	Archived  bool
	LastSeq   Seq // number of the newest event, 0 for none
	CreatedAt time.Time
}

// RoomView is a room as one person sees it.
type RoomView struct {
	Room
	Joined   bool
	ReadSeq  Seq
	Unread   int // others' undeleted messages after ReadSeq; 0 unless joined
	Mentions int // those of them that name this person
}

// RoomChanges are the parts of a room that an event or a request changes;
// nil means unchanged.
type RoomChanges struct {
	Name     *string
	Slug     *string
	Topic    *string
	Private  *bool
	Archived *bool
}

// Empty reports whether nothing is to be changed.
func (c RoomChanges) Empty() bool { return c == RoomChanges{} }

// Apply gives r with the changes made, and those that really changed it.
func (c RoomChanges) Apply(r Room) (Room, RoomChanges) {
	return r, RoomChanges{
		Name:     set(&r.Name, c.Name),
		Slug:     set(&r.Slug, c.Slug),
		Topic:    set(&r.Topic, c.Topic),
		Private:  set(&r.Private, c.Private),
		Archived: set(&r.Archived, c.Archived),
	}
}

func set[T comparable](field *T, to *T) *T {
	if to == nil || *field == *to {
		return nil
	}
	*field = *to
	return to
}

// Membership is what a room knows of one person. The zero value is a
// stranger.
type Membership struct {
	Joined  bool
	ReadSeq Seq
}

// RoomHead is a room and the number of its newest event.
type RoomHead struct {
	Room RoomID
	Head Seq
}
