package wire

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/chat"
)

// plainSend reads the frame that comes most often, in the form that most
// programs give it: no spaces, no escapes, each key once. For everything else
// ok is false, and DecodeOp reads the frame with all its rules. What is read
// here it would read in the same way.
func plainSend(frame []byte) (id int64, send Send, ok bool) {
	p := plain{rest: frame}
	var seen uint8
	isSend := false
	for more := p.mark('{'); more; more = p.mark(',') {
		field := p.text()
		p.must(':')
		bit := uint8(0)
		switch string(field) {
		case "id":
			bit, id = 1, p.number()
		case "op":
			bit, isSend = 2, string(p.text()) == "send"
		case "room":
			bit, send.Room = 4, chat.RoomID(p.number())
		case "key":
			bit, send.Key = 8, string(p.text())
		case "text":
			bit, send.Text = 16, string(p.text())
		case "reply_to":
			bit, send.ReplyTo = 32, chat.Seq(p.number())
		}
		if p.strange || bit == 0 || seen&bit != 0 {
			return 0, Send{}, false
		}
		seen |= bit
	}
	p.must('}')
	ok = !p.strange && len(p.rest) == 0 && isSend && id > 0
	return id, send, ok
}

// plainResume does the same for a resume, of which thousands come at once when
// a server is back: in the form of our own clients, where each room has a number
// or an epoch and a number.
func plainResume(frame []byte) (id int64, resume Resume, ok bool) {
	p := plain{rest: frame}
	p.must('{')
	p.field("id")
	id = p.number()
	p.must(',')
	p.field("op")
	isResume := string(p.text()) == "resume"
	p.must(',')
	if p.strange || !isResume || id == 0 {
		return 0, Resume{}, false
	}
	p.field("rooms")
	resume.Cursors = p.cursors()
	p.must('}')
	return id, resume, !p.strange && len(p.rest) == 0
}

// cursors reads {"ROOM": CURSOR, …}.
func (p *plain) cursors() map[chat.RoomID]ResumeFrom {
	all := map[chat.RoomID]ResumeFrom{}
	p.must('{')
	for more := !p.mark('}'); more && !p.strange; more = !p.mark('}') {
		if len(all) > 0 {
			p.must(',')
		}
		p.must('"')
		room := chat.RoomID(p.number())
		p.must('"')
		p.must(':')
		_, twice := all[room]
		all[room] = p.cursor()
		p.strange = p.strange || twice || room == 0 || len(all) > chat.MaxMemberRooms
	}
	return all
}

// cursor reads SEQ or {"epoch":EPOCH,"seq":SEQ}.
func (p *plain) cursor() (from ResumeFrom) {
	whole := p.mark('{')
	if whole {
		p.field("epoch")
		from.Epoch = string(p.text())
		p.must(',')
		p.field("seq")
	}
	from.Seq = chat.Seq(p.number())
	if whole {
		p.must('}')
	}
	return from
}

// plain reads JSON without spaces. What it does not know makes it strange.
type plain struct {
	rest    []byte
	strange bool
}

// mark passes over a character if it is the next one.
func (p *plain) mark(c byte) bool {
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *plain) must(c byte) { p.strange = !p.mark(c) || p.strange }

// field reads a key.
func (p *plain) field(name string) {
	p.strange = string(p.text()) != name || p.strange
	p.must(':')
}

// number reads a whole number from 0 that JavaScript can hold.
func (p *plain) number() int64 {
	digits := 0
	for digits < len(p.rest) && p.rest[digits] >= '0' && p.rest[digits] <= '9' {
		digits++
	}
	text := p.rest[:digits]
	p.rest = p.rest[digits:]
	if digits == 0 || digits > 15 || digits > 1 && text[0] == '0' {
		p.strange = true
		return 0
	}
	n, _ := strconv.ParseInt(string(text), 10, 64) // 15 digits
	return n
}

// text reads a string without escapes.
func (p *plain) text() []byte {
	p.must('"')
	end := bytes.IndexByte(p.rest, '"')
	if end < 0 || !isPlain(p.rest[:end]) {
		p.strange = true
		return nil
	}
	text := p.rest[:end]
	p.rest = p.rest[end+1:]
	return text
}

// isPlain reports whether a string stands for itself in JSON.
func isPlain(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == '\\' {
			return false
		}
	}
	return utf8.Valid(b)
}
