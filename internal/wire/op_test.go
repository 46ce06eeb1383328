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
	f.Add([]byte(`{"id":1,"op":"resume","rooms":{"7":{"epoch":"f","seq":0},"8":1}}`))
	f.Add([]byte(`{"id":1,"op":"ping"}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		id, op, err := DecodeOp(frame)
		if err == nil && (id < 1 || op == nil) {
			t.Fatalf("%q: got %d, %v", frame, id, op)
		}
		if err != nil {
			return
		}
		slowID, slow, err := decodeStrictly(frame)
		if err != nil || slowID != id || !reflect.DeepEqual(slow, op) {
			t.Fatalf("%q: got %d, %v and %d, %v, %v", frame, id, op, slowID, slow, err)
		}
	})
}

func TestASendIsReadTheSameInShortAndByAllRules(t *testing.T) {
	long := strings.Repeat("a wörd ", 1000)
	for frame, short := range map[string]bool{
		`{"id":1,"op":"send","room":7,"key":"k","text":"hi"}`:              true,
		`{"op":"send","room":7,"key":"k","text":"` + long + `","id":31}`:   true,
		`{"id":1,"op":"send","room":7,"key":"k","text":"hi","reply_to":2}`: true,
		`{"id":1,"op":"send","room":7,"key":"k","text":"hi","reply_to":0}`: true,
		`{"id":1,"op":"send"}`: true,
		`{"id":999999999999999,"op":"send","room":0,"key":"","text":""}`:          true,
		`{"id":1,"op":"send","room":7,"key":"k","text":"a \"line\"\nand more"}`:   false,
		`{"id": 1, "op": "send", "room": 7, "key": "k", "text": "hi"}`:            false,
		`{"id":9007199254740991,"op":"send","room":7,"key":"k","text":"hi"}`:      false,
		`{"\u0069d":1,"op":"send","room":7,"key":"k","text":"hi"}`:                false,
		`{"id":1,"op":"send","room":7,"key":"k","text":"\u2028 is a line's end"}`: false,
	} {
		id, op, ok := plainSend([]byte(frame))
		wantID, want, err := decodeStrictly([]byte(frame))
		if err != nil || ok != short || ok && (id != wantID || op != want) {
			t.Errorf("%.80s: got %d, %v, %v, want %d, %v, %v", frame, id, op, ok, wantID, want, err)
		}
	}
}

func TestWhatIsNoProperSendIsNotReadInShort(t *testing.T) {
	for _, frame := range []string{
		``, `{`, `{}`, `{,}`, `{"id":1,"op":"send"},`, `{"id":1,"op":"send",}`, `{"id":1,"op":"send"`, `{"id":1"op":"send"}`,
		`{"id":1,"op":"send"}{}`, `{"id":0,"op":"send"}`, `{"id":-1,"op":"send"}`, `{"id":01,"op":"send"}`, `{"id":1.0,"op":"send"}`,
		`{"id":1,"op":"ping"}`, `{"id":1}`, `{"op":"send"}`, `{"id":1,"id":1,"op":"send"}`, `{"id":1,"op":"send","user_id":9}`,
		`{"id":1,"op":"send","text":"a` + "\n" + `b"}`, `{"id":1,"op":"send","text":"` + "\xff" + `"}`, `{"id":1,"op":"send","text":null}`,
		`{"id":1,"op":"send","Room":7}`, `{"id":1,"op":"send","room":"7"}`, `["id",1]`, `{"id":1,"op":"send","text":"x}`,
	} {
		if _, op, ok := plainSend([]byte(frame)); ok {
			t.Errorf("%q is read as %v", frame, op)
		}
	}
}

func TestAResumeIsReadTheSameInShortAndByAllRules(t *testing.T) {
	for frame, short := range map[string]bool{
		`{"id":1,"op":"resume","rooms":{}}`:                                                         true,
		`{"id":1,"op":"resume","rooms":{"7":12}}`:                                                   true,
		`{"id":9,"op":"resume","rooms":{"7":0,"8":{"epoch":"e","seq":3},"9":{"epoch":"","seq":4}}}`: true,
		`{"id":1,"op":"resume","epoch":"e","rooms":{"7":12}}`:                                       false,
		`{"id":1,"op":"resume","rooms":{"7":{"seq":3,"epoch":"e"}}}`:                                false,
		`{"id":1,"op":"resume","rooms":{"7":{"seq":3}}}`:                                            false,
		`{"op":"resume","id":1,"rooms":{"7":12}}`:                                                   false,
		`{"id":1,"op":"resume","rooms":{ "7":12}}`:                                                  false,
	} {
		id, op, ok := plainResume([]byte(frame))
		wantID, want, err := decodeStrictly([]byte(frame))
		if err != nil || ok != short || ok && (id != wantID || !reflect.DeepEqual(op, want)) {
			t.Errorf("%s: got %d, %v, %v, want %d, %v, %v", frame, id, op, ok, wantID, want, err)
		}
	}
}

func TestWhatIsNoProperResumeIsNotReadInShort(t *testing.T) {
	const whole = `{"id":1,"op":"resume","rooms":{"7":{"epoch":"e","seq":3},"8":4}}`
	for n := range len(whole) {
		if _, op, ok := plainResume([]byte(whole[:n])); ok {
			t.Errorf("%q is read as %v", whole[:n], op)
		}
	}
	for _, frame := range []string{
		`{"id":1,"op":"resume","rooms":{"7":3,"7":3}}`, `{"id":1,"op":"resume","rooms":{"07":3}}`, `{"id":1,"op":"resume","rooms":{"0":3}}`,
		`{"id":1,"op":"resume","rooms":{"7":3,}}`, `{"id":1,"op":"resume","rooms":{,"7":3}}`, `{"id":1,"op":"resume","rooms":{"7":3"8":4}}`,
		`{"id":1,"op":"resume","rooms":{"7":-3}}`, `{"id":0,"op":"resume","rooms":{}}`, `{"id":1,"op":"send","rooms":{}}`,
		`{"id":1,"op":"resume","rooms":{}}}`, `{"id":1,"op":"resume","rooms":[]}`, `{"id":1,"op":"resume","rooms":{"7":null}}`,
	} {
		if _, op, ok := plainResume([]byte(frame)); ok {
			t.Errorf("%q is read as %v", frame, op)
		}
	}
}

func BenchmarkDecodeResume(b *testing.B) {
	for name, frame := range map[string]string{
		"plain": `{"id":1,"op":"resume","rooms":{"7":{"epoch":"0123456789abcdef","seq":71}}}`,
		"other": `{"id":1, "op":"resume","rooms":{"7":{"epoch":"0123456789abcdef","seq":71}}}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := DecodeOp([]byte(frame)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeSend(b *testing.B) {
	text := strings.Repeat("a word ", 28)
	for name, frame := range map[string]string{
		"plain":   `{"id":71,"op":"send","room":7,"key":"0123456789abcdef-71","text":"` + text + `"}`,
		"escaped": `{"id":71,"op":"send","room":7,"key":"0123456789abcdef-71","text":"` + text + `\n"}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := DecodeOp([]byte(frame)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
