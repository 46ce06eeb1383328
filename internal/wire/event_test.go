package wire

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// marshal is the reference: what encoding/json makes of a value.
func marshal(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 123_456_789, time.FixedZone("", 7200))

func anna() chat.UserRef { return chat.UserRef{ID: 1, Username: "anna", Name: `Anna "A" <b>`} }

func ben() chat.UserRef { return chat.UserRef{ID: 2, Username: "ben", Name: "Ben"} }

func TestEachEventHasTheFrameOfTheContract(t *testing.T) {
	name := "New"
	head := func(kind string) string { return `{"type":"` + kind + `","room":7,"epoch":"e","seq":3,` }
	const (
		annaJSON = `{"id":1,"username":"anna","name":"Anna \"A\" <b>"}`
		benJSON  = `{"id":2,"username":"ben","name":"Ben"}`
		at       = `"at":"2026-05-04T10:00:00.123Z"`
	)
	for _, c := range []struct {
		event chat.Event
		want  string
	}{
		{
			chat.Event{Kind: chat.MessageCreated, Message: chat.Message{Room: 7, Seq: 3, Key: "k", User: anna(), Text: "hi **you**", CreatedAt: noon, ReplyTo: 2}},
			head("message.created") + `"message":{"room":7,"seq":3,"key":"k","user":` + annaJSON + `,"text":"hi **you**","rich":[{"t":"p","c":[{"t":"text","text":"hi "},{"t":"strong","c":[{"t":"text","text":"you"}]}]}],"created_at":"2026-05-04T10:00:00.123Z","reply_to":2}}`,
		},
		{
			chat.Event{Kind: chat.MessageEdited, Message: chat.Message{
				Room: 7, Seq: 1, Key: "k", User: anna(), Text: "x", CreatedAt: noon, EditedAt: noon.Add(time.Second),
				Reactions: []chat.Reaction{{Emoji: "👍", Count: 1, Users: []chat.UserRef{ben()}}},
			}},
			head("message.edited") + `"message":{"room":7,"seq":1,"key":"k","user":` + annaJSON + `,"text":"x","created_at":"2026-05-04T10:00:00.123Z","edited_at":"2026-05-04T10:00:01.123Z","reactions":[{"emoji":"👍","count":1,"users":[` + benJSON + `]}]}}`,
		},
		{
			chat.Event{Kind: chat.MessageDeleted, Message: chat.Message{Seq: 1, DeletedAt: noon}},
			head("message.deleted") + `"message":{"seq":1,"deleted_at":"2026-05-04T10:00:00.123Z"}}`,
		},
		{
			chat.Event{Kind: chat.ReactionAdded, Target: 1, Emoji: "👍", Actor: ben()},
			head("reaction.added") + `"message_seq":1,"emoji":"👍","user":` + benJSON + `}`,
		},
		{
			chat.Event{Kind: chat.ReactionRemoved, Target: 1, Emoji: "👍", Actor: ben()},
			head("reaction.removed") + `"message_seq":1,"emoji":"👍","user":` + benJSON + `}`,
		},
		{
			chat.Event{Kind: chat.MemberJoined, Subject: ben(), Actor: anna(), At: noon},
			head("member.joined") + `"user":` + benJSON + `,"by":` + annaJSON + `,` + at + `}`,
		},
		{
			chat.Event{Kind: chat.MemberLeft, Subject: ben(), Actor: ben(), At: noon},
			head("member.left") + `"user":` + benJSON + `,"by":` + benJSON + `,` + at + `}`,
		},
		{
			chat.Event{Kind: chat.RoomChanged, Changes: chat.RoomChanges{Name: &name}, Actor: anna(), At: noon},
			head("room.changed") + `"changes":{"name":"New"},"by":` + annaJSON + `,` + at + `}`,
		},
		{
			chat.Event{Kind: chat.MessageCreated, Gone: true, Message: chat.Message{Text: "secret"}},
			`{"type":"skip","room":7,"from":3,"to":3}`,
		},
	} {
		c.event.Room, c.event.Seq = 7, 3
		if got := string(AppendEvent(nil, "e", c.event)); got != c.want {
			t.Errorf("%v:\ngot  %s\nwant %s", c.event.Kind, got, c.want)
		}
		if got := marshal(t, EventOf("e", c.event)); got != c.want {
			t.Errorf("%v as a value:\ngot  %s\nwant %s", c.event.Kind, got, c.want)
		}
	}
}

func TestAnEventIsAppendedToWhatIsThere(t *testing.T) {
	dst := []byte("before ")
	got := AppendEvent(dst, "e", chat.Event{Room: 1, Seq: 2, Gone: true})
	if string(got) != `before {"type":"skip","room":1,"from":2,"to":2}` {
		t.Errorf("got %s", got)
	}
}

// hostile holds everything that JSON or a page could stumble over.
const hostile = "a <b> & \u2028 \u2029 \x00 \x1f \x7f \xff \xed\xa0\x80 \\ \" / \t\n\r\b\f"

func FuzzAppendEvent(f *testing.F) {
	f.Add(uint8(1), "hi", "k", "👍", "e", int64(1), int64(2), int64(1_700_000_000_000), true)
	for kind := range uint8(8) {
		f.Add(kind, hostile, hostile, hostile, hostile, int64(-1), int64(1<<53), int64(1_700_000_000_123), kind%2 == 0)
	}
	f.Add(uint8(8), "`code` **b** https://x.example/?a=1&b=<", "", "", "e", int64(0), int64(0), int64(-1), true)
	f.Fuzz(func(t *testing.T, kind uint8, text, key, emoji, epoch string, room, seq, ms int64, flag bool) {
		const day, years = 24 * 3600 * 1000, 8000 * 365
		at := time.UnixMilli(ms % (day * years))
		if at.Year() < 0 {
			at = at.AddDate(years/365, 0, 0)
		}
		user := chat.UserRef{ID: chat.UserID(seq), Username: key, Name: text}
		m := chat.Message{Room: chat.RoomID(room), Seq: chat.Seq(seq), Key: key, User: user, Text: text, CreatedAt: at}
		e := chat.Event{
			Room: m.Room, Seq: m.Seq, Kind: chat.EventKind(kind%8 + 1), At: at, Actor: user, Subject: user,
			Only: []chat.UserID{user.ID, 7, 1 << 52}[:kind%4], Target: m.Seq, Emoji: emoji, Changes: chat.RoomChanges{Topic: &text}, Gone: flag && kind > 200,
		}
		if flag {
			m.EditedAt, m.DeletedAt, m.ReplyTo = at, at, chat.Seq(room)
			m.Reactions = []chat.Reaction{{Emoji: emoji, Count: int(kind), Users: []chat.UserRef{user}, Mine: kind%2 == 0}}
			e.Changes.Archived = &flag
		}
		e.Message = m
		got, want := string(AppendEvent(nil, epoch, e)), marshal(t, EventOf(epoch, e))
		if got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		if only := AudienceOf([]byte(got)); !e.Gone && !slices.Equal(only, e.Only) {
			t.Fatalf("%v may see what is for %v: %s", only, e.Only, got)
		}
	})
}
