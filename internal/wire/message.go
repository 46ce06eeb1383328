package wire

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/markup"
)

// Message is what was said, as it is now.
type Message struct {
	Room      chat.RoomID   `json:"room"`
	Seq       chat.Seq      `json:"seq"`
	Key       string        `json:"key"`
	User      UserRef       `json:"user"`
	Text      string        `json:"text"`
	Rich      []markup.Node `json:"rich,omitempty"` // only where the text has markup
	CreatedAt Time          `json:"created_at"`
	EditedAt  *Time         `json:"edited_at,omitempty"`
	DeletedAt *Time         `json:"deleted_at,omitempty"`
	ReplyTo   chat.Seq      `json:"reply_to,omitempty"`
	Reactions []Reaction    `json:"reactions,omitempty"`
}

// Reaction is one emoji under a message. Mine is there only in pages, where
// there is one viewer.
type Reaction struct {
	Emoji string    `json:"emoji"`
	Count int       `json:"count"`
	Users []UserRef `json:"users"`
	Mine  bool      `json:"mine,omitempty"`
}

// MessagePage is a piece of history. More is in the asked direction; the other two
// are there for a page around a message.
type MessagePage struct {
	Messages   []Message `json:"messages"`
	Epoch      string    `json:"epoch"`
	Head       chat.Seq  `json:"head"`
	More       bool      `json:"more"`
	MoreBefore *bool     `json:"more_before,omitempty"`
	MoreAfter  *bool     `json:"more_after,omitempty"`
}

// What is asked about messages.
type (
	// NewMessage says something under a key of the client's making.
	NewMessage struct {
		Key     string `json:"key"`
		Text    string `json:"text"`
		ReplyTo Int    `json:"reply_to,omitempty"`
	}
	// MessageEdit gives a message another text.
	MessageEdit struct {
		Text string `json:"text"`
	}
)

// MessageOf turns a message into what clients get.
func MessageOf(m chat.Message) Message {
	return Message{
		Room: m.Room, Seq: m.Seq, Key: m.Key, User: UserRef(m.User), Text: m.Text,
		Rich:      markup.Parse(m.Text),
		CreatedAt: Time{m.CreatedAt}, EditedAt: timePtr(m.EditedAt), DeletedAt: timePtr(m.DeletedAt),
		ReplyTo: m.ReplyTo, Reactions: reactionsOf(m.Reactions),
	}
}

func reactionsOf(reactions []chat.Reaction) []Reaction {
	if len(reactions) == 0 {
		return nil
	}
	list := make([]Reaction, len(reactions))
	for i, r := range reactions {
		list[i] = Reaction{Emoji: r.Emoji, Count: r.Count, Users: UserRefsOf(r.Users), Mine: r.Mine}
	}
	return list
}

// PageOf turns a page into what clients get. q tells the asked direction; an
// After other than 0 means the newer side.
func PageOf(p chat.Page, q chat.PageQuery, epoch string) MessagePage {
	page := MessagePage{Messages: make([]Message, len(p.Messages)), Epoch: epoch, Head: p.Head, More: p.MoreBefore}
	for i, m := range p.Messages {
		page.Messages[i] = MessageOf(m)
	}
	switch {
	case q.After != 0:
		page.More = p.MoreAfter
	case q.Around > 0:
		page.More = p.MoreBefore || p.MoreAfter
		page.MoreBefore, page.MoreAfter = &p.MoreBefore, &p.MoreAfter
	}
	return page
}

// appendMessage writes what MessageOf would marshal to. It is written by
// hand because every message passes here once, on the path to its readers.
func appendMessage(dst []byte, m chat.Message) []byte {
	dst = append(dst, `{"room":`...)
	dst = strconv.AppendInt(dst, int64(m.Room), 10)
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendInt(dst, int64(m.Seq), 10)
	dst = append(dst, `,"key":`...)
	dst = appendString(dst, m.Key)
	dst = append(dst, `,"user":`...)
	dst = appendUserRef(dst, m.User)
	dst = append(dst, `,"text":`...)
	dst = appendString(dst, m.Text)
	if rich := markup.Parse(m.Text); rich != nil {
		dst = append(dst, `,"rich":`...)
		dst = appendJSON(dst, rich)
	}
	dst = append(dst, `,"created_at":`...)
	dst = appendTime(dst, m.CreatedAt)
	if !m.EditedAt.IsZero() {
		dst = append(dst, `,"edited_at":`...)
		dst = appendTime(dst, m.EditedAt)
	}
	if m.Deleted() {
		dst = append(dst, `,"deleted_at":`...)
		dst = appendTime(dst, m.DeletedAt)
	}
	if m.ReplyTo != 0 {
		dst = append(dst, `,"reply_to":`...)
		dst = strconv.AppendInt(dst, int64(m.ReplyTo), 10)
	}
	if len(m.Reactions) > 0 {
		dst = append(dst, `,"reactions":`...)
		dst = appendJSON(dst, reactionsOf(m.Reactions))
	}
	return append(dst, '}')
}

// appendJSON writes a value that is not on the hot path, with the escapes of
// appendString. The values are our own and always marshal; one that does not
// is a defect.
func appendJSON(dst []byte, v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("wire: " + err.Error())
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
