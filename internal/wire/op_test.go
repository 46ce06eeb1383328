package wire

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

func TestEveryOpIsRead(t *testing.T) {
	for frame, want := range map[string]any{
		`{"id":1,"op":"resume","rooms":{}}`:                                        Resume{map[chat.RoomID]ResumeFrom{}},
		`{"id":1,"op":"resume"}`:                                                   Resume{map[chat.RoomID]ResumeFrom{}},
		`{"id":1,"op":"resume","epoch":"e","rooms":{"7":3}}`:                       Resume{map[chat.RoomID]ResumeFrom{7: {"e", 3}}},
		`{"id":1,"op":"resume","epoch":"e","rooms":{"7":{"epoch":"f","seq":0}}}`:   Resume{map[chat.RoomID]ResumeFrom{7: {"f", 0}}},
		`{"id":1,"op":"resume","epoch":"e","rooms":{"7":{"seq":4},"8":{"seq":1}}}`: Resume{map[chat.RoomID]ResumeFrom{7: {"e", 4}, 8: {"e", 1}}},
		`{"id":1,"op":"send","room":7,"key":"k","text":"hi"}`:                      Send{7, chat.Draft{Key: "k", Text: "hi"}},
		`{"id":1,"op":"send","room":7,"key":"k","text":"hi","reply_to":2}`:         Send{7, chat.Draft{Key: "k", Text: "hi", ReplyTo: 2}},
		`{"id":1,"op":"read","room":7,"seq":9}`:                                    MarkRead{7, 9},
		`{"id":1,"op":"typing","room":7}`:                                          TypingIn{7},
		`{"id":1,"op":"watch","room":7}`:                                           Watch{7},
		`{"id":1,"op":"unwatch","room":7}`:                                         Unwatch{7},
		`{"id":1,"op":"ping"}`:                                                     PingOp{},
	} {
		id, op, err := DecodeOp([]byte(frame))
		if err != nil || id != 1 || !reflect.DeepEqual(op, want) {
			t.Errorf("%s: got %d, %#v, %v, want %#v", frame, id, op, err, want)
		}
	}
}

func TestBadFramesAreRefusedWithTheirCode(t *testing.T) {
	for _, c := range []struct {
		frame, code string
		id          int64 // what the refusal is about, 0 if nobody can tell
	}{
		{`{`, "invalid_json", 0},
		{`[]`, "invalid_json", 0},
		{`{"op":"ping"}`, "invalid_json", 0},
		{`{"id":0,"op":"ping"}`, "invalid_json", 0},
		{`{"id":1.0,"op":"ping"}`, "invalid_json", 0},
		{`{"id":9007199254740993,"op":"ping"}`, "invalid_json", 0},
		{`{"id":1,"id":1,"op":"ping"}`, "invalid_json", 0},
		{`{"id":4,"op":"dance"}`, "unknown_op", 4},
		{`{"id":4}`, "unknown_op", 4},
		{`{"id":4,"op":"` + strings.Repeat("x", 1<<16) + `"}`, "unknown_op", 4},
		{`{"id":4,"op":"ping","now":true}`, "invalid_json", 4},
		{`{"id":4,"op":"send","room":1,"key":"k","text":"x","user_id":9}`, "invalid_json", 4},
		{`{"id":4,"op":"send","room":"1","key":"k","text":"x"}`, "invalid_json", 4},
		{`{"id":4,"op":"read","room":1,"seq":-1}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":[]}`, "invalid_json", 4},
		{`{"id":4,"op":"resume","rooms":{"general":1}}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":{"0":1}}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":{"01":1}}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":{"+1":1}}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":{"1":-1}}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":{"1":"3"}}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":{"1":null}}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":{"1":{}}}`, "invalid_fields", 4},
		{`{"id":4,"op":"resume","rooms":{"1":{"seq":1,"Epoch":"e"}}}`, "invalid_fields", 4},
	} {
		id, _, err := DecodeOp([]byte(c.frame))
		var refusal *chat.Error
		if !errors.As(err, &refusal) || refusal.Code != c.code || id != c.id {
			t.Errorf("%.80s: got %d, %v, want %d, %s", c.frame, id, err, c.id, c.code)
		}
	}
}

func TestAResumeCanNameAllRoomsOfAPerson(t *testing.T) {
	frame := func(rooms int, cursor string) []byte {
		names := make([]string, rooms)
		for i := range names {
			names[i] = `"` + strconv.Itoa(i+1) + `":` + cursor
		}
		return []byte(`{"id":1,"op":"resume","epoch":"e","rooms":{` + strings.Join(names, ",") + `}}`)
	}
	for _, cursor := range []string{"7", `{"epoch":"e","seq":7}`} {
		_, op, err := DecodeOp(frame(chat.MaxMemberRooms, cursor))
		if resume, _ := op.(Resume); err != nil || len(resume.Cursors) != chat.MaxMemberRooms || resume.Cursors[chat.MaxMemberRooms].Seq != 7 {
			t.Errorf("cursors like %s: %v, %d rooms", cursor, err, len(resume.Cursors))
		}
	}
	if _, _, err := DecodeOp(frame(maxFrameKeys, "7")); err == nil {
		t.Error("there is no bound")
	}
	twice := append(frame(chat.MaxMemberRooms, "7"), "}"...)
	twice = []byte(strings.Replace(string(twice), `}}}`, `,"3":7}}`, 1))
	if _, _, err := DecodeOp(twice); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a room that is named twice: %v", err)
	}
}

func FuzzDecodeOp(f *testing.F) {
	f.Add([]byte(`{"id":1,"op":"resume","epoch":"e","rooms":{"7":{"epoch":"f","seq":0},"8":1}}`))
	f.Add([]byte(`{"id":1,"op":"send","room":7,"key":"k","text":"hi","reply_to":2}`))
	f.Add([]byte(`{"id":1,"op":"ping"}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		id, op, err := DecodeOp(frame)
		if err == nil && (id < 1 || op == nil) {
			t.Fatalf("%q: got %d, %v", frame, id, op)
		}
	})
}
