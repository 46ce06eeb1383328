package client

import (
	"encoding/json"

	"github.com/parley-chat/parley/internal/wire"
)

// Frame is one frame from the server that is no answer. Which fields are set
// depends on Type.
type Frame struct {
	Type  string `json:"type"`
	Room  int64  `json:"room"`
	Epoch string `json:"epoch"`
	Seq   int64  `json:"seq"`

	From int64 `json:"from"` // skip
	To   int64 `json:"to"`   // skip

	Message    *Message        `json:"message"`
	MessageSeq int64           `json:"message_seq"` // reactions
	Emoji      string          `json:"emoji"`
	User       *wire.UserRef   `json:"user"`
	By         *wire.UserRef   `json:"by"`
	Changes    json.RawMessage `json:"changes"`
	Users      json.RawMessage `json:"users"` // presence
}

// span gives the numbers that the frame stands for in its room's log; false
// for a frame that has none.
func (f Frame) span() (from, to int64, numbered bool) {
	switch f.Type {
	case "skip":
		return f.From, f.To, true
	case "typing", "presence", "read", "rooms", "reload", "room.removed", "ping", "hello":
		return 0, 0, false
	}
	return f.Seq, f.Seq, f.Seq > 0
}

// answer is the part of a frame that says which op it answers.
type answer struct {
	Re    *int64          `json:"re"`
	OK    json.RawMessage `json:"ok"`
	Error *Problem        `json:"error"`
}

// into reads what was answered; a refusal is an *Error.
func (a answer) into(out any) error {
	if a.Error != nil {
		return &Error{*a.Error}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(a.OK, out)
}

// Cursor is how far one has got in a room.
type Cursor struct {
	Epoch string `json:"epoch,omitempty"`
	Seq   int64  `json:"seq"`
}

// Resumed tells where the rooms are: see docs/protocol.md, op resume.
type Resumed struct {
	Rooms map[string]struct {
		Seq    int64  `json:"seq"`
		Epoch  string `json:"epoch"`
		Reload bool   `json:"reload"`
	} `json:"rooms"`
}

// Sent is the answer to a send.
type Sent struct {
	Seq       int64     `json:"seq"`
	CreatedAt wire.Time `json:"created_at"`
}
