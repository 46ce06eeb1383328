package httpapi_test

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

func TestARoomIsMadeFoundChangedAndDeleted(t *testing.T) {
	_, root := startSetUp(t)
	made := root.api("POST", "/rooms", map[string]any{"name": "Tea & Cake", "topic": "Four o'clock"}).is(201)
	room := read[wire.Room](made)
	if room.Slug != "tea-cake" || !room.Joined || room.LastSeq != 1 || room.Epoch == "" || made.header.Get("Location") != "/api/v1/rooms/"+itoa(int64(room.ID)) {
		t.Errorf("made %+v at %s", room, made.header.Get("Location"))
	}
	for _, ref := range []string{"tea-cake", itoa(int64(room.ID))} {
		if got := read[wire.Room](root.api("GET", "/rooms/"+ref, nil).is(200)); got != room {
			t.Errorf("by %s: %+v", ref, got)
		}
	}
	changed := read[wire.Room](root.api("PATCH", "/rooms/tea-cake", map[string]any{"name": "Tea", "slug": "tea"}).is(200))
	if changed.Name != "Tea" || changed.Slug != "tea" || changed.Topic != "Four o'clock" || changed.LastSeq != 2 {
		t.Errorf("changed to %+v", changed)
	}
	root.api("GET", "/rooms/tea-cake", nil).is(404, "not_found")
	if again := read[wire.Room](root.api("PATCH", "/rooms/tea", map[string]any{"name": "Tea"}).is(200)); again.LastSeq != 2 {
		t.Errorf("a change that changes nothing made an event: %+v", again)
	}
	if got := read[wire.Room](root.api("POST", "/rooms/tea/archive", nil).is(200)); !got.Archived {
		t.Errorf("archived: %+v", got)
	}
	root.api("POST", "/rooms/tea/messages", map[string]any{"key": "k", "text": "x"}).is(403, "room_archived")
	root.api("POST", "/rooms/tea/archive", nil).is(200)
	if got := read[wire.Room](root.api("POST", "/rooms/tea/restore", nil).is(200)); got.Archived || got.LastSeq != 4 {
		t.Errorf("restored: %+v", got)
	}
	root.api("DELETE", "/rooms/tea", nil).is(204)
	root.api("GET", "/rooms/"+itoa(int64(room.ID)), nil).is(404, "not_found")
	root.api("DELETE", "/rooms/tea", nil).is(404, "not_found")
}

func TestTheListOfRoomsCountsPeopleWhereAsked(t *testing.T) {
	s, root := startSetUp(t)
	room := root.room("general", false)
	root.room("attic", false)
	root.api("DELETE", "/rooms/attic/members/me", nil).is(204)
	s.person("ben", false).api("PUT", "/rooms/general/members/me", nil).is(200)
	if room.Members != nil || read[wire.RoomList](root.api("GET", "/rooms", nil).is(200)).Rooms[0].Members != nil {
		t.Error("counted without being asked")
	}
	counts := map[string]int{}
	for _, r := range read[wire.RoomList](root.api("GET", "/rooms?counts=1", nil).is(200)).Rooms {
		counts[r.Slug] = *r.Members
	}
	if counts["general"] != 2 || counts["attic"] != 0 || len(counts) != 2 {
		t.Errorf("counted %v", counts)
	}
	root.api("GET", "/rooms?counts=2", nil).is(422, "invalid_fields")
}

func TestBadRoomsAreRefused(t *testing.T) {
	_, root := startSetUp(t)
	root.room("general", false)
	for body, field := range map[string]string{
		`{"name":""}`: "name",
		`{"name":"` + strings.Repeat("x", 81) + `"}`: "name",
		`{"name":"a\nb"}`:                                         "name",
		`{"name":"x","slug":"Upper"}`:                             "slug",
		`{"name":"x","slug":"-x"}`:                                "slug",
		`{"name":"x","slug":"123"}`:                               "slug",
		`{"name":"x","slug":"a b"}`:                               "slug",
		`{"name":"x","slug":"` + strings.Repeat("x", 65) + `"}`:   "slug",
		`{"name":"x","topic":"` + strings.Repeat("x", 501) + `"}`: "topic",
	} {
		a := root.api("POST", "/rooms", body).is(422, "invalid_fields")
		if errors := a.problem().Errors; len(errors) != 1 || errors[0].Field != field || errors[0].Code == "" {
			t.Errorf("%.60s: fields at fault %+v, want %s", body, errors, field)
		}
	}
	root.api("POST", "/rooms", map[string]any{"name": "x", "slug": "general"}).is(409, "slug_taken")
	second := root.room("second", false)
	root.api("PATCH", "/rooms/"+second.Slug, map[string]any{"slug": "general"}).is(409, "slug_taken")
	root.api("PATCH", "/rooms/"+second.Slug, map[string]any{"slug": "1"}).is(422, "invalid_fields")
	root.api("PATCH", "/rooms/"+second.Slug, map[string]any{"archived": true}).is(400, "invalid_json")
	if got := read[wire.Room](root.api("POST", "/rooms", map[string]any{"name": "General"}).is(201)); got.Slug != "general-2" {
		t.Errorf("a second room of that name is at %q", got.Slug)
	}
}

func TestRoomsThatCannotBeNamedAreNotFound(t *testing.T) {
	_, root := startSetUp(t)
	root.room("general", false) // it has the number 1
	for _, ref := range []string{"none", "999", "0", "-1", "99999999999999999999", "A", "a%20b", "..%2f", "%00", strings.Repeat("x", 65), "1e3", "+1", "01", "%201"} {
		for _, path := range []string{"", "/members", "/messages"} {
			root.api("GET", "/rooms/"+ref+path, nil).is(404, "not_found")
		}
		root.api("POST", "/rooms/"+ref+"/messages", map[string]any{"key": "k", "text": "x"}).is(404, "not_found")
		root.api("PUT", "/rooms/"+ref+"/read", map[string]any{"seq": 1}).is(404, "not_found")
	}
}

func TestJoiningAndLeavingAnOpenRoom(t *testing.T) {
	s, root := startSetUp(t)
	root.room("general", false)
	ben := s.person("ben", false)
	if rooms := read[wire.RoomList](ben.api("GET", "/rooms", nil).is(200)).Rooms; len(rooms) != 1 || rooms[0].Joined {
		t.Errorf("before: %+v", rooms)
	}
	ben.api("GET", "/rooms/general/messages", nil).is(200)
	ben.api("POST", "/rooms/general/messages", map[string]any{"key": "k", "text": "x"}).is(403, "not_member")
	first := read[wire.Room](ben.api("PUT", "/rooms/general/members/me", nil).is(200))
	again := read[wire.Room](ben.api("PUT", "/rooms/general/members/me", nil).is(200))
	if !first.Joined || first.LastSeq != 2 || again.LastSeq != 2 {
		t.Errorf("joined %+v, again %+v", first, again)
	}
	members := read[wire.MemberList](ben.api("GET", "/rooms/general/members", nil).is(200))
	if len(members.Members) != 2 || members.Members[1].Username != "ben" || members.Next != "" {
		t.Errorf("members %+v", members)
	}
	ben.post("general", "k", "hello")
	ben.api("DELETE", "/rooms/general/members/me", nil).is(204)
	ben.api("DELETE", "/rooms/general/members/me", nil).is(204)
	ben.api("POST", "/rooms/general/messages", map[string]any{"key": "k2", "text": "x"}).is(403, "not_member")
	root.api("PUT", "/rooms/general/members/"+itoa(ben.id), nil).is(200)
	root.api("DELETE", "/rooms/general/members/"+itoa(ben.id), nil).is(204)
	root.api("PUT", "/rooms/general/members/999", nil).is(404, "not_found")
	root.api("PUT", "/rooms/general/members/ben", nil).is(404, "not_found")
}

func TestAPrivateRoomDoesNotExistForStrangers(t *testing.T) {
	s, root := startSetUp(t)
	room := root.room("board", true)
	ben := s.person("ben", false)
	if rooms := read[wire.RoomList](ben.api("GET", "/rooms", nil)).Rooms; len(rooms) != 0 {
		t.Errorf("ben sees %+v", rooms)
	}
	message := root.post("board", "k", "secret")
	seq := itoa(int64(message.Seq))
	for _, ref := range []string{"board", itoa(int64(room.ID))} {
		path := "/rooms/" + ref
		none := ben.api("GET", "/rooms/none", nil).is(404, "not_found")
		if hidden := ben.api("GET", path, nil).is(404, "not_found"); hidden.problem().Detail != none.problem().Detail {
			t.Errorf("%s and %s differ", hidden.body, none.body)
		}
		ben.api("GET", path+"/members", nil).is(404, "not_found")
		ben.api("GET", path+"/messages", nil).is(404, "not_found")
		ben.api("GET", path+"/messages/"+seq, nil).is(404, "not_found")
		ben.api("POST", path+"/messages", map[string]any{"key": "k", "text": "x"}).is(404, "not_found")
		ben.api("PATCH", path+"/messages/"+seq, map[string]any{"text": "x"}).is(404, "not_found")
		ben.api("DELETE", path+"/messages/"+seq, nil).is(404, "not_found")
		ben.api("PUT", path+"/messages/"+seq+"/reactions/👍", nil).is(404, "not_found")
		ben.api("PUT", path+"/members/me", nil).is(404, "not_found")
		ben.api("PUT", path+"/read", map[string]any{"seq": 1}).is(404, "not_found")
		ben.api("PATCH", path, map[string]any{"name": "x"}).is(404, "not_found")
		ben.api("DELETE", path, nil).is(404, "not_found")
		ben.api("POST", path+"/archive", nil).is(404, "not_found")
	}
	other := s.person("ada", true)
	other.api("GET", "/rooms/board", nil).is(200)
	other.api("GET", "/rooms/board/messages", nil).is(403, "not_member")
	root.api("PUT", "/rooms/board/members/"+itoa(ben.id), nil).is(200)
	ben.api("GET", "/rooms/board/messages", nil).is(200)
}

func TestTheReadMarkMovesForwardOnly(t *testing.T) {
	s, root := startSetUp(t)
	root.room("general", false)
	ben := s.person("ben", false)
	ben.api("PUT", "/rooms/general/members/me", nil).is(200)
	root.post("general", "a", "one")
	root.post("general", "b", "two @ben")
	room := func() wire.Room { return read[wire.Room](ben.api("GET", "/rooms/general", nil).is(200)) }
	if got := room(); got.Unread != 2 || got.Mentions != 1 {
		t.Errorf("unread: %+v", got)
	}
	ben.api("PUT", "/rooms/general/read", map[string]any{"seq": 3}).is(204)
	ben.api("PUT", "/rooms/general/read", map[string]any{"seq": 1}).is(204)
	if got := room(); got.ReadSeq != 3 || got.Unread != 1 {
		t.Errorf("after reading: %+v", got)
	}
	ben.api("PUT", "/rooms/general/read", map[string]any{"seq": 1_000_000}).is(204)
	if got := room(); got.ReadSeq != 4 || got.Unread != 0 || got.Mentions != 0 {
		t.Errorf("beyond the head: %+v", got)
	}
	ben.api("PUT", "/rooms/general/read", `{"seq":-1}`).is(422, "invalid_fields")
	ben.api("PUT", "/rooms/general/read", `{}`).is(422, "invalid_fields")
	ben.api("PUT", "/rooms/general/read", `{"seq":"3"}`).is(400, "invalid_json")
	s.person("carl", false).api("PUT", "/rooms/general/read", map[string]any{"seq": 1}).is(403, "not_member")
}
