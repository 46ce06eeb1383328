// Package chat is the domain: what exists (people, rooms, messages and the
// numbered events of a room) and what is allowed. It does no I/O and imports
// no other package of Parley; storing, sending and showing are others' work.
package chat

// Ids are given by the database, start at 1 and stay below 2^53, so that
// JavaScript can hold them. The zero value never names anything.
type (
	// UserID names an account.
	UserID int64
	// RoomID names a room.
	RoomID int64
	// SessionID names a signed-in device or a bearer token.
	SessionID int64
	// InviteID names an invitation.
	InviteID int64
)

// Seq numbers the events of one room, densely from 1. A message is addressed
// by its room and the Seq of the event that created it.
type Seq int64
