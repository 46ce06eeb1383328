package wire

import "github.com/parley-chat/parley/internal/chat"

// The frames that are neither answers nor events of a room.
type (
	// Hello is the first frame on a socket.
	Hello struct {
		Type      string `json:"type" ts:"'hello'"`
		User      User   `json:"user"`
		Epoch     string `json:"epoch"`
		Heartbeat int    `json:"heartbeat_s"`
		Limits    Limits `json:"limits"`
	}
	// Typing: somebody writes in a room that is watched.
	Typing struct {
		Type string      `json:"type" ts:"'typing'"`
		Room chat.RoomID `json:"room"`
		User UserRef     `json:"user"`
	}
	// Presence: who of a watched room is here. The first one after a watch
	// lists everybody who is; later ones those who changed.
	Presence struct {
		Type  string          `json:"type" ts:"'presence'"`
		Room  chat.RoomID     `json:"room"`
		Users []PresenceState `json:"users"`
	}
	// PresenceState is one person's state. Nobody is "away" yet.
	PresenceState struct {
		ID    chat.UserID `json:"id"`
		State string      `json:"state" ts:"PresenceState"`
	}
	// Read: my read mark moved on another device.
	Read struct {
		Type string      `json:"type" ts:"'read'"`
		Room chat.RoomID `json:"room"`
		Seq  chat.Seq    `json:"seq"`
	}
	// Rooms: my list of rooms changed; fetch it again.
	Rooms struct {
		Type string `json:"type" ts:"'rooms'"`
	}
	// RoomRemoved: I am not in the room any more.
	RoomRemoved struct {
		Type string      `json:"type" ts:"'room.removed'"`
		Room chat.RoomID `json:"room"`
	}
	// Reload: the room's history was replaced.
	Reload struct {
		Type  string      `json:"type" ts:"'reload'"`
		Room  chat.RoomID `json:"room"`
		Seq   chat.Seq    `json:"seq"`
		Epoch string      `json:"epoch"`
	}
	// Ping: the server is there. Pages cannot see a WebSocket ping.
	Ping struct {
		Type string `json:"type" ts:"'ping'"`
	}
)

// Limits are the settings that a client must know.
type Limits struct {
	MessageCharacters    int     `json:"message_characters"`
	MessageBytes         int     `json:"message_bytes"`
	MessagesPerSecond    float64 `json:"messages_per_second"` // 0: no limit
	PasswordCharacters   int     `json:"password_characters"` // at least
	FrameBytes           int     `json:"frame_bytes"`
	Page                 int     `json:"page"`
	ConnectionsPerPerson int     `json:"connections_per_user"` // 0: no limit
}
