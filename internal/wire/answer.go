package wire

import (
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

// AppendOK writes the answer to op id with a value, which must marshal.
func AppendOK(dst []byte, id int64, v any) []byte {
	dst = append(dst, `{"re":`...)
	dst = strconv.AppendInt(dst, id, 10)
	dst = append(dst, `,"ok":`...)
	return append(appendJSON(dst, v), '}')
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
