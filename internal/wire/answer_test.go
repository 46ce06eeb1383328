package wire

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

func TestAnswersOnTheSocketNameTheirOp(t *testing.T) {
	for want, got := range map[string][]byte{
		`{"re":5,"ok":{}}`: AppendDone(nil, 5),
		`{"re":5,"ok":{"seq":3,"created_at":"2026-05-04T10:00:00.123Z"}}`:    AppendSent(nil, 5, 3, noon),
		`{"re":5,"ok":{"rooms":{"7":{"seq":3,"epoch":"e"}}}}`:                AppendResumed(nil, 5, Resumed{map[chat.RoomID]ResumedRoom{7: {Seq: 3, Epoch: "e"}}}),
		`{"re":5,"ok":{"rooms":{"7":{"seq":3,"epoch":"\"","reload":true}}}}`: AppendResumed(nil, 5, Resumed{map[chat.RoomID]ResumedRoom{7: {Seq: 3, Epoch: `"`, Reload: true}}}),
		`{"re":5,"ok":{"rooms":{}}}`:                                         AppendResumed(nil, 5, Resumed{}),
		`{"type":"read","room":7,"seq":3}`:                                   AppendSignal(nil, Read{"read", 7, 3}),
		`{"type":"skip","room":7,"from":1,"to":3}`:                           AppendSkip(nil, 7, 1, 3),
		`{"re":5,"error":` + marshal(t, ProblemOf(chat.ErrNotMember)) + `}`:  AppendError(nil, 5, chat.ErrNotMember),
		marshal(t, Sent{3, Time{noon}}):                                      AppendSent(nil, 5, 3, noon)[len(`{"re":5,"ok":`) : len(AppendSent(nil, 5, 3, noon))-1],
	} {
		if string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestADefectTellsNothingOfItself(t *testing.T) {
	p := ProblemOf(errors.New("sql: password=hunter2"))
	if p.Status != 500 || p.Code != "internal" || p.Title == "" || p.Type != "urn:parley:problem:internal" {
		t.Errorf("got %+v", p)
	}
	if text := marshal(t, p); strings.Contains(text, "hunter2") {
		t.Errorf("the cause is told: %s", text)
	}
}

func TestEveryKindOfRefusalHasAStatus(t *testing.T) {
	for kind := chat.Internal; kind <= chat.StorageFull; kind++ {
		p := ProblemOf(&chat.Error{Kind: kind, Code: "x", RetryAfter: 1500 * time.Millisecond})
		if p.Status < 400 || p.Title == "" || p.RetryAfter != 2 {
			t.Errorf("kind %d: %+v", kind, p)
		}
	}
}

func TestFieldsAtFaultAreNamed(t *testing.T) {
	p := ProblemOf(chat.FieldProblem("text", "empty", "Write something first."))
	if p.Status != 422 || len(p.Errors) != 1 || p.Errors[0] != (FieldError{"text", "empty", "Write something first."}) {
		t.Errorf("got %+v", p)
	}
}

func TestTimesGoOutInUTCWithMilliseconds(t *testing.T) {
	b, err := json.Marshal(Time{noon})
	if err != nil || string(b) != `"2026-05-04T10:00:00.123Z"` {
		t.Errorf("got %s, %v", b, err)
	}
	var back Time
	if err := json.Unmarshal(b, &back); err != nil || !back.Equal(noon.Truncate(time.Millisecond)) {
		t.Errorf("read back as %v, %v", back, err)
	}
	for _, bad := range []string{`5`, `"noon"`, `"2026-05-04"`} {
		if json.Unmarshal([]byte(bad), &back) == nil {
			t.Errorf("%s was read as a time", bad)
		}
	}
}

func TestAPageTellsWhetherThereIsMoreWhereItWasAsked(t *testing.T) {
	page := chat.Page{Head: 9, MoreBefore: true}
	for _, c := range []struct {
		q    chat.PageQuery
		want string
	}{
		{chat.PageQuery{}, `{"messages":[],"epoch":"e","head":9,"more":true}`},
		{chat.PageQuery{Before: 5}, `{"messages":[],"epoch":"e","head":9,"more":true}`},
		{chat.PageQuery{After: 5}, `{"messages":[],"epoch":"e","head":9,"more":false}`},
		{chat.PageQuery{After: -1}, `{"messages":[],"epoch":"e","head":9,"more":false}`},
		{chat.PageQuery{Around: 5}, `{"messages":[],"epoch":"e","head":9,"more":true,"more_before":true,"more_after":false}`},
	} {
		if got := marshal(t, PageOf(page, c.q, "e")); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.q, got, c.want)
		}
	}
}

func TestListsAreNeverNull(t *testing.T) {
	for want, v := range map[string]any{
		`{"rooms":[]}`:    RoomList{RoomsOf(nil, "e")},
		`{"users":[]}`:    UserList{Users: UsersOf(nil)},
		`{"members":[]}`:  MemberList{Members: UserRefsOf(nil)},
		`{"invites":[]}`:  InviteList{InvitesOf(nil)},
		`{"sessions":[]}`: SessionListOf(nil, 0),
	} {
		if got := marshal(t, v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDevicesAreNamedAsPeopleKnowThem(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                   "Chrome on Android",
		"curl/8.5.0":                   "curl",
		"":                             "Unknown device",
		"\"><script>alert(1)</script>": "Unknown device",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%.60q: got %q, want %q", agent, got, want)
		}
	}
}

func TestTheAnswerToAResumeTellsOfEveryRoom(t *testing.T) {
	want := Resumed{map[chat.RoomID]ResumedRoom{7: {Seq: 3, Epoch: "e"}, 8: {Epoch: "f", Reload: true}, 1 << 50: {Seq: 1 << 51}}}
	var answer struct{ OK Resumed }
	if err := json.Unmarshal(AppendResumed(nil, 5, want), &answer); err != nil || !maps.Equal(answer.OK.Rooms, want.Rooms) {
		t.Errorf("got %v, %v, want %v", answer.OK, err, want)
	}
}
