package realtime_test

import (
	"encoding/json"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

var keys atomic.Int64

func newKey() string { return "k" + strconv.FormatInt(keys.Add(1), 10) }

func TestAMessageReachesAllMembersAndItsSenderIsAnswered(t *testing.T) {
	s := newStage(t)
	s.add("bob", chat.RoleMember)
	room := s.room("general", "bob")
	ann, bob := s.joined("ann"), s.joined("bob")
	answer := ann.sends(room, "key-1", "hello")
	var sent struct {
		Seq       chat.Seq
		CreatedAt string `json:"created_at"`
	}
	if err := json.Unmarshal(answer.OK, &sent); err != nil || sent.Seq != 3 || sent.CreatedAt == "" {
		t.Fatalf("the answer is %s", answer.raw)
	}
	bob.reaches(room, 3)
	ann.reaches(room, 3)
	again := ann.sends(room, "key-1", "hello")
	if err := json.Unmarshal(again.OK, &sent); err != nil || sent.Seq != 3 {
		t.Fatalf("the same key gives %s", again.raw)
	}
	if other := ann.sends(room, "key-1", "something else"); other.Error == nil || other.Error.Code != "key_reused" {
		t.Fatalf("the same key for another text gives %s", other.raw)
	}
}
