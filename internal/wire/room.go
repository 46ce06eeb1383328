package wire

import "github.com/parley-chat/parley/internal/chat"

// Room is a room as one person sees it.
type Room struct {
	ID       chat.RoomID `json:"id"`
	Slug     string      `json:"slug"`
	Name     string      `json:"name"`
	Topic    string      `json:"topic"`
	Private  bool        `json:"private"`
	Archived bool        `json:"archived"`
	Joined   bool        `json:"joined"`
	Epoch    string      `json:"epoch"`
	LastSeq  chat.Seq    `json:"last_seq"`
	ReadSeq  chat.Seq    `json:"read_seq"`
	Unread   int         `json:"unread"`
	Mentions int         `json:"mentions"`
	Members  *int        `json:"members,omitempty"` // how many people, where asked for
}

// RoomOf turns a room into what clients get.
func RoomOf(r chat.RoomView, epoch string) Room {
	return Room{
		ID: r.ID, Slug: r.Slug, Name: r.Name, Topic: r.Topic,
		Private: r.Private, Archived: r.Archived, Joined: r.Joined,
		Epoch: epoch, LastSeq: r.LastSeq, ReadSeq: r.ReadSeq,
		Unread: r.Unread, Mentions: r.Mentions,
	}
}

// RoomList are the rooms that one person may see, by name.
type RoomList struct {
	Rooms []Room `json:"rooms"`
}

// RoomsOf turns rooms into what clients get; never nil.
func RoomsOf(rooms []chat.RoomView, epoch string) []Room {
	list := make([]Room, len(rooms))
	for i, r := range rooms {
		list[i] = RoomOf(r, epoch)
	}
	return list
}

// What is asked about rooms.
type (
	// NewRoom makes a room; without a slug one is made from the name.
	NewRoom struct {
		Name    string `json:"name"`
		Slug    string `json:"slug,omitempty"`
		Topic   string `json:"topic,omitempty"`
		Private bool   `json:"private,omitempty"`
	}
	// RoomChange alters a room; archiving has calls of its own.
	RoomChange struct {
		Name    *string `json:"name,omitempty"`
		Slug    *string `json:"slug,omitempty"`
		Topic   *string `json:"topic,omitempty"`
		Private *bool   `json:"private,omitempty"`
	}
	// MemberList is a piece of the list of a room's people. Next is the
	// cursor of the following piece; without it this is the last one.
	MemberList struct {
		Members []UserRef `json:"members"`
		Next    string    `json:"next,omitempty"`
	}
	// ReadRequest moves one's read mark forward.
	ReadRequest struct {
		Seq *Int `json:"seq"`
	}
)

// RoomChanges are the changed parts in a room.changed event.
type RoomChanges struct {
	Name     *string `json:"name,omitempty"`
	Slug     *string `json:"slug,omitempty"`
	Topic    *string `json:"topic,omitempty"`
	Private  *bool   `json:"private,omitempty"`
	Archived *bool   `json:"archived,omitempty"`
}
