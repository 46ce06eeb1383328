package store

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// Rooms keeps the rooms, who is in them, and how far each has read. Joining,
// leaving, renaming and archiving are events: they go through Append.
type Rooms interface {
	// CreateRoom adds a room with its creator as the first member (an event
	// of the room's log). chat.ErrAdminsOnly, chat.ErrSlugTaken. Creator 0
	// stands for the shell: no member, no event.
	CreateRoom(ctx context.Context, r NewRoom) (chat.Room, error)
	// DeleteRoom ends a room with all that was said in it; its slug is free
	// again. Only administrators may.
	DeleteRoom(ctx context.Context, actor chat.UserID, room chat.RoomID) error
	// RoomBySlug gives the id of a room; chat.ErrNotFound. It says nothing
	// about who may see it.
	RoomBySlug(ctx context.Context, slug string) (chat.RoomID, error)
	// Room gives a room as the viewer sees it.
	Room(ctx context.Context, v Visit) (chat.RoomView, error)
	// Rooms lists all rooms that the viewer may see, by name. Unread and
	// Mentions stop counting at 1,000, here as in Room.
	Rooms(ctx context.Context, viewer chat.UserID) ([]chat.RoomView, error)
	// AllRooms lists every room, for the shell.
	AllRooms(ctx context.Context) ([]chat.Room, error)
	// Joined gives the rooms that a person is in with their heads, at most
	// chat.MaxMemberRooms.
	Joined(ctx context.Context, user chat.UserID) ([]chat.RoomHead, error)
	// JoinedEach gives what Joined gives for each of the people, as of one
	// moment; nothing for those who are in no room.
	JoinedEach(ctx context.Context, users []chat.UserID) (map[chat.UserID][]chat.RoomHead, error)
	// Members lists the people of a room in order of id.
	Members(ctx context.Context, v Visit, c Cursor) ([]chat.UserRef, error)
	// CountMembers tells how many people are in each room.
	CountMembers(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]int, error)
	// MarkRead moves the viewer's read mark forward to seq, at most to the
	// room's head, and tells where it is now and whether it moved.
	// chat.ErrNotMember outside one's rooms.
	MarkRead(ctx context.Context, v Visit, seq chat.Seq) (now chat.Seq, moved bool, err error)
}

// NewRoom is a room to be made.
type NewRoom struct {
	Creator chat.UserID
	Slug    string
	Name    string
	Topic   string
	Private bool
}
