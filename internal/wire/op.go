package wire

import (
	"encoding/json"
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
)

// Ops are what a client can ask on a socket: each is one text frame
// {"id": N, "op": "…", …}, answered by {"re": N, "ok": …} or
// {"re": N, "error": …}.
type (
	// Resume must be the first op and comes once.
	Resume struct {
		Cursors map[chat.RoomID]ResumeFrom
	}
	// ResumeFrom is how far a client has got in one room.
	ResumeFrom struct {
		Epoch string // empty: not told
		Seq   chat.Seq
	}
	// Send posts a message.
	Send struct {
		Room chat.RoomID
		chat.Draft
	}
	// MarkRead moves the read mark.
	MarkRead struct {
		Room chat.RoomID
		Seq  chat.Seq
	}
	// TypingIn says that the person writes in a room.
	TypingIn struct{ Room chat.RoomID }
	// Watch asks for presence and typing of a room.
	Watch struct{ Room chat.RoomID }
	// Unwatch ends that.
	Unwatch struct{ Room chat.RoomID }
	// PingOp is answered, that is all.
	PingOp struct{}
)

// What stands in the frames beside id and op.
type (
	// ResumeBody tells how far the client has got in each room: a seq of the
	// epoch beside it, or a Cursor.
	ResumeBody struct {
		Epoch string                     `json:"epoch,omitempty"`
		Rooms map[string]json.RawMessage `json:"rooms"`
	}
	// Cursor is a place in a room's log.
	Cursor struct {
		Epoch string `json:"epoch"`
		Seq   *Int   `json:"seq"`
	}
	// SendBody is a message.
	SendBody struct {
		Room    Int    `json:"room"`
		Key     string `json:"key"`
		Text    string `json:"text"`
		ReplyTo Int    `json:"reply_to,omitempty"`
	}
	// ReadBody is a read mark.
	ReadBody struct {
		Room Int  `json:"room"`
		Seq  *Int `json:"seq"`
	}
	// RoomBody names the room of typing, watch and unwatch.
	RoomBody struct {
		Room Int `json:"room"`
	}
)

// header is in every op.
type header struct {
	ID *Int   `json:"id"`
	Op string `json:"op"`
}

// DecodeOp reads a frame. The id is given also with an error, if it could be
// read, so that the refusal can be told which op it is about; 0 otherwise.
func DecodeOp(frame []byte) (id int64, op any, err error) {
	if id, send, ok := plainSend(frame); ok {
		return id, send, nil
	}
	if id, resume, ok := plainResume(frame); ok {
		return id, resume, nil
	}
	return decodeStrictly(frame)
}

func decodeStrictly(frame []byte) (id int64, op any, err error) {
	keys, err := scan(frame, maxFrameKeys)
	if err != nil {
		return 0, nil, err
	}
	var h header
	if err := json.Unmarshal(frame, &h); err != nil {
		return 0, nil, decodeProblem(err)
	}
	if h.ID == nil || *h.ID < 1 {
		return 0, nil, InvalidJSON(`Each frame needs an "id": a whole number from 1.`)
	}
	decode, known := ops[h.Op]
	if !known {
		return int64(*h.ID), nil, &chat.Error{Kind: chat.Invalid, Code: "unknown_op", Detail: "This op is not known here."}
	}
	op, err = decode(frame, keys)
	return int64(*h.ID), op, err
}

var ops = map[string]func(frame []byte, keys []string) (any, error){
	"resume":  decodeResume,
	"send":    decodeSend,
	"read":    decodeRead,
	"typing":  roomOp(func(r chat.RoomID) any { return TypingIn{r} }),
	"watch":   roomOp(func(r chat.RoomID) any { return Watch{r} }),
	"unwatch": roomOp(func(r chat.RoomID) any { return Unwatch{r} }),
	"ping":    decodePing,
}

func decodeSend(frame []byte, keys []string) (any, error) {
	var body struct {
		header
		SendBody
	}
	if err := decodeKnown(frame, keys, &body); err != nil {
		return nil, err
	}
	return Send{chat.RoomID(body.Room), chat.Draft{Key: body.Key, Text: body.Text, ReplyTo: chat.Seq(body.ReplyTo)}}, nil
}

func decodeRead(frame []byte, keys []string) (any, error) {
	var body struct {
		header
		ReadBody
	}
	if err := decodeKnown(frame, keys, &body); err != nil {
		return nil, err
	}
	if body.Seq == nil || *body.Seq < 0 {
		return nil, chat.FieldProblem("seq", "bad_seq", "A seq is a whole number from 0.")
	}
	return MarkRead{chat.RoomID(body.Room), chat.Seq(*body.Seq)}, nil
}

func decodePing(frame []byte, keys []string) (any, error) {
	var body struct{ header }
	return PingOp{}, decodeKnown(frame, keys, &body)
}

func roomOp(op func(chat.RoomID) any) func([]byte, []string) (any, error) {
	return func(frame []byte, keys []string) (any, error) {
		var body struct {
			header
			RoomBody
		}
		if err := decodeKnown(frame, keys, &body); err != nil {
			return nil, err
		}
		return op(chat.RoomID(body.Room)), nil
	}
}

func decodeResume(frame []byte, keys []string) (any, error) {
	var body struct {
		header
		ResumeBody
	}
	if err := decodeKnown(frame, keys, &body); err != nil {
		return nil, err
	}
	cursors := make(map[chat.RoomID]ResumeFrom, len(body.Rooms))
	for name, raw := range body.Rooms {
		room, err := strconv.ParseInt(name, 10, 64)
		if err != nil || room < 1 || strconv.FormatInt(room, 10) != name { // "01" is "1" a second time
			return nil, chat.FieldProblem("rooms", "bad_room", "The keys of rooms are room ids.")
		}
		from, err := resumeFrom(raw, body.Epoch)
		if err != nil {
			return nil, err
		}
		cursors[chat.RoomID(room)] = from
	}
	return Resume{cursors}, nil
}

// resumeFrom reads SEQ or {"epoch": E, "seq": SEQ}.
func resumeFrom(raw json.RawMessage, epoch string) (ResumeFrom, error) {
	body := Cursor{Epoch: epoch}
	var err error
	if raw[0] == '{' {
		err = Decode(raw, &body)
	} else {
		err = json.Unmarshal(raw, &body.Seq)
	}
	if err != nil || body.Seq == nil || *body.Seq < 0 {
		return ResumeFrom{}, chat.FieldProblem("rooms", "bad_seq", "A seq is a whole number from 0.")
	}
	return ResumeFrom{body.Epoch, chat.Seq(*body.Seq)}, nil
}
