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

// RoomChanges are the changed parts in a room.changed event.
type RoomChanges struct {
	Name     *string `json:"name,omitempty"`
	Slug     *string `json:"slug,omitempty"`
	Topic    *string `json:"topic,omitempty"`
	Private  *bool   `json:"private,omitempty"`
	Archived *bool   `json:"archived,omitempty"`
}
