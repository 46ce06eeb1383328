package httpapi_test

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

// inRoomCalls are the calls that name a room, well-formed and not: what is
// wrong with a call besides must not tell a stranger which rooms there are.
var inRoomCalls = []struct {
	method, path string
	body         any
}{
	{"GET", "", nil},
	{"PATCH", "", map[string]any{"name": "x"}},
	{"PATCH", "", map[string]any{"name": ""}},
	{"PATCH", "", map[string]any{"unknown": 1}},
	{"PATCH", "", nil},
	{"DELETE", "", nil},
	{"POST", "/archive", nil},
	{"POST", "/restore", nil},
	{"GET", "/members", nil},
	{"GET", "/members?limit=0", nil},
	{"PUT", "/members/me", nil},
	{"DELETE", "/members/me", nil},
	{"PUT", "/members/1", nil},
	{"PUT", "/members/999", nil},
	{"PUT", "/members/x", nil},
	{"DELETE", "/members/1", nil},
	{"PUT", "/read", map[string]any{"seq": 1}},
	{"PUT", "/read", map[string]any{}},
	{"GET", "/messages", nil},
	{"GET", "/messages?limit=0", nil},
	{"GET", "/messages?before=1&after=1", nil},
	{"POST", "/messages", map[string]any{"key": "k", "text": "x"}},
	{"POST", "/messages", map[string]any{"key": "", "text": ""}},
	{"POST", "/messages", "{"},
	{"GET", "/messages/1", nil},
	{"GET", "/messages/x", nil},
	{"PATCH", "/messages/1", map[string]any{"text": "x"}},
	{"PATCH", "/messages/1", map[string]any{"text": ""}},
	{"DELETE", "/messages/1", nil},
	{"PUT", "/messages/1/reactions/%F0%9F%91%8D", nil},
	{"PUT", "/messages/1/reactions/x", nil},
	{"DELETE", "/messages/1/reactions/%F0%9F%91%8D", nil},
}

func TestAHiddenRoomAnswersAsOneThatDoesNotExist(t *testing.T) {
	s, root := startSetUp(t)
	secret := root.room("secret", true)
	root.post("secret", "k", "nobody else reads this")
	ben := s.person("ben", false)
	for _, call := range inRoomCalls {
		for hidden, missing := range map[string]string{"secret": "no-such-room", itoa(int64(secret.ID)): "999"} {
			got := told(ben.api(call.method, "/rooms/"+hidden+call.path, call.body))
			want := told(ben.api(call.method, "/rooms/"+missing+call.path, call.body))
			if got != want {
				t.Errorf("%s %s %v: %s is answered %s, %s %s", call.method, call.path, call.body, hidden, got, missing, want)
			}
		}
	}
	if room := read[wire.Room](root.api("GET", "/rooms/secret", nil).is(200)); room.LastSeq != 2 {
		t.Errorf("a stranger changed the room: %+v", room)
	}
}

// told is all that a refusal says but its own id.
func told(a answer) string {
	a.t.Helper()
	p := a.problem()
	p.RequestID = ""
	return fmt.Sprintf("%+v", p)
}
