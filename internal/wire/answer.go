package wire

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Resumed is the answer to a resume: where each of my rooms is.
type Resumed struct {
	Rooms map[chat.RoomID]ResumedRoom `json:"rooms"`
}

// ResumedRoom is one room's head. Reload asks the client to fetch a page.
type ResumedRoom struct {
	Seq    chat.Seq `json:"seq"`
	Epoch  string   `json:"epoch"`
	Reload bool     `json:"reload,omitempty"`
}

// AppendResumed writes the answer to the resume with op id, rooms in order.
func AppendResumed(dst []byte, id int64, r Resumed) []byte {
	dst = append(dst, `{"re":`...)
	dst = strconv.AppendInt(dst, id, 10)
	dst = append(dst, `,"ok":{"rooms":{`...)
	for _, room := range slices.Sorted(maps.Keys(r.Rooms)) {
		at := r.Rooms[room]
		dst = append(dst, '"')
		dst = strconv.AppendInt(dst, int64(room), 10)
		dst = append(dst, `":{"seq":`...)
		dst = strconv.AppendInt(dst, int64(at.Seq), 10)
		dst = append(dst, `,"epoch":`...)
		dst = appendString(dst, at.Epoch)
		if at.Reload {
			dst = append(dst, `,"reload":true`...)
		}
		dst = append(dst, "},"...)
	}
	if len(r.Rooms) > 0 {
		dst = dst[:len(dst)-1]
	}
	return append(dst, "}}}"...)
}

// AppendDone writes the answer to an op that has nothing to tell.
func AppendDone(dst []byte, id int64) []byte {
	dst = append(dst, `{"re":`...)
	dst = strconv.AppendInt(dst, id, 10)
	return append(dst, `,"ok":{}}`...)
}

// AppendSent writes the answer to a send: the number and time of the message.
func AppendSent(dst []byte, id int64, seq chat.Seq, createdAt time.Time) []byte {
	dst = append(dst, `{"re":`...)
	dst = strconv.AppendInt(dst, id, 10)
	dst = append(dst, `,"ok":{"seq":`...)
	dst = strconv.AppendInt(dst, int64(seq), 10)
	dst = append(dst, `,"created_at":`...)
	return append(appendTime(dst, createdAt), `}}`...)
}

// AppendError writes the refusal of op id.
func AppendError(dst []byte, id int64, err error) []byte {
	dst = append(dst, `{"re":`...)
	dst = strconv.AppendInt(dst, id, 10)
	dst = append(dst, `,"error":`...)
	return append(appendJSON(dst, ProblemOf(err)), '}')
}

// AppendSignal writes one of the frames of signal.go.
func AppendSignal(dst []byte, frame any) []byte { return appendJSON(dst, frame) }

// Sent is the answer to a send.
type Sent struct {
	Seq       chat.Seq `json:"seq"`
	CreatedAt Time     `json:"created_at"`
}
