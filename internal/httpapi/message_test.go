package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/wire"
)

func TestAMessageIsPostedOnceForItsKey(t *testing.T) {
	s, root := startSetUp(t)
	root.room("general", false)
	ben := s.person("ben", false)
	ben.api("PUT", "/rooms/general/members/me", nil).is(200)
	form := map[string]any{"key": "k", "text": "hi **you**"}
	first := root.api("POST", "/rooms/general/messages", form).is(201)
	m := read[wire.Message](first)
	if m.Text != "hi **you**" || len(m.Rich) == 0 || m.User.Username != "root" || m.Key != "k" ||
		first.header.Get("Location") != fmt.Sprintf("/api/v1/rooms/%d/messages/%d", m.Room, m.Seq) {
		t.Errorf("posted %+v at %s", m, first.header.Get("Location"))
	}
	again := root.api("POST", "/rooms/general/messages", form).is(200)
	if string(again.body) != string(first.body) {
		t.Errorf("the same key again: %s, want %s", again.body, first.body)
	}
	root.api("POST", "/rooms/general/messages", map[string]any{"key": "k", "text": "other"}).is(409, "key_reused")
	root.api("POST", "/rooms/general/messages", map[string]any{"key": "k", "text": "hi **you**", "reply_to": m.Seq}).is(409, "key_reused")
	if theirs := ben.post("general", "k", "mine"); theirs.Seq == m.Seq {
		t.Error("another person's key collided")
	}
	root.api("PATCH", fmt.Sprintf("/rooms/general/messages/%d", m.Seq), map[string]any{"text": "edited"}).is(200)
	if now := read[wire.Message](root.api("POST", "/rooms/general/messages", form).is(200)); now.Text != "edited" || now.Seq != m.Seq {
		t.Errorf("after an edit the key gives %+v", now)
	}
	root.api("GET", first.header.Get("Location")[len("/api/v1"):], nil).is(200)
}

func TestMessagesAreChangedByTheirAuthors(t *testing.T) {
	s, root := startSetUp(t)
	root.room("general", false)
	ben := s.person("ben", false)
	ben.api("PUT", "/rooms/general/members/me", nil).is(200)
	m := ben.post("general", "k", "one")
	path := fmt.Sprintf("/rooms/general/messages/%d", m.Seq)

	edited := read[wire.Message](ben.api("PATCH", path, map[string]any{"text": "two"}).is(200))
	if edited.Text != "two" || edited.EditedAt == nil || edited.Seq != m.Seq {
		t.Errorf("edited %+v", edited)
	}
	head := read[wire.Room](ben.api("GET", "/rooms/general", nil)).LastSeq
	ben.api("PATCH", path, map[string]any{"text": "two"}).is(200)
	if now := read[wire.Room](ben.api("GET", "/rooms/general", nil)).LastSeq; now != head {
		t.Error("an edit without a change made an event")
	}
	root.api("PATCH", path, map[string]any{"text": "not mine"}).is(403, "not_yours")
	ben.api("PATCH", path, map[string]any{"text": ""}).is(422, "invalid_fields")
	ben.api("PATCH", path, map[string]any{"text": "x", "user": 1}).is(400, "invalid_json")

	rootMessage := root.post("general", "k", "root's")
	ben.api("DELETE", fmt.Sprintf("/rooms/general/messages/%d", rootMessage.Seq), nil).is(403, "not_yours")
	root.api("DELETE", path, nil).is(204)
	root.api("DELETE", path, nil).is(204)
	gone := read[wire.Message](ben.api("GET", path, nil).is(200))
	if gone.Text != "" || gone.DeletedAt == nil || gone.Rich != nil {
		t.Errorf("deleted: %+v", gone)
	}
	for _, seq := range []string{"999", "0", "-1", "x", "1"} { // 1 is a join
		ben.api("PATCH", "/rooms/general/messages/"+seq, map[string]any{"text": "x"}).is(404, "not_found")
		ben.api("GET", "/rooms/general/messages/"+seq, nil).is(404, "not_found")
		ben.api("DELETE", "/rooms/general/messages/"+seq, nil).is(404, "not_found")
	}
	root.api("POST", "/rooms/general/messages", map[string]any{"key": "r", "text": "x", "reply_to": 999}).is(422, "invalid_fields")
}

func TestReactionsAreCountedByPerson(t *testing.T) {
	s, root := startSetUp(t)
	root.room("general", false)
	ben := s.person("ben", false)
	m := root.post("general", "k", "one")
	path := fmt.Sprintf("/rooms/general/messages/%d", m.Seq)
	ben.api("PUT", path+"/reactions/👍", nil).is(403, "not_member")
	ben.api("PUT", "/rooms/general/members/me", nil).is(200)
	ben.api("PUT", path+"/reactions/👍", nil).is(204)
	ben.api("PUT", path+"/reactions/%F0%9F%91%8D", nil).is(204)
	root.api("PUT", path+"/reactions/👍", nil).is(204)
	got := read[wire.Message](ben.api("GET", path, nil).is(200)).Reactions
	if len(got) != 1 || got[0].Count != 2 || !got[0].Mine || len(got[0].Users) != 2 {
		t.Errorf("reactions %+v", got)
	}
	ben.api("DELETE", path+"/reactions/👍", nil).is(204)
	ben.api("DELETE", path+"/reactions/👍", nil).is(204)
	if got := read[wire.Message](ben.api("GET", path, nil).is(200)).Reactions; len(got) != 1 || got[0].Count != 1 || got[0].Mine {
		t.Errorf("after taking back: %+v", got)
	}
	for _, bad := range []string{"x", "%20", "%00", "+1", "👍x", strings.Repeat("👍", 17), "%ff", "a%2fb"} {
		ben.api("PUT", path+"/reactions/"+bad, nil).is(422, "invalid_fields")
	}
}

func TestHistoryIsReadInPages(t *testing.T) {
	_, root := startSetUp(t)
	root.room("general", false)
	for i := range 10 {
		root.post("general", fmt.Sprint(i), fmt.Sprint("message ", i)) // seq i+2
	}
	for query, want := range map[string]string{
		"":                 "2 3 4 5 6 7 8 9 10 11 more=false",
		"limit=3":          "9 10 11 more=true",
		"before=9&limit=3": "6 7 8 more=true",
		"before=4&limit=3": "2 3 more=false",
		"before=1":         "more=false",
		"after=0&limit=3":  "2 3 4 more=true",
		"after=9&limit=3":  "10 11 more=false",
		"after=11":         "more=false",
		"after=1000":       "more=false",
		"around=6&limit=4": "4 5 6 7 more=true before=true after=true",
		"around=2&limit=4": "2 3 4 5 more=true before=false after=true",
	} {
		page := read[wire.MessagePage](root.api("GET", "/rooms/general/messages?"+query, nil).is(200))
		var got strings.Builder
		for _, m := range page.Messages {
			fmt.Fprintf(&got, "%d ", m.Seq)
		}
		fmt.Fprintf(&got, "more=%v", page.More)
		if page.MoreBefore != nil {
			fmt.Fprintf(&got, " before=%v after=%v", *page.MoreBefore, *page.MoreAfter)
		}
		if got.String() != want || page.Head != 11 || page.Epoch == "" {
			t.Errorf("%q: got %s, head %d, want %s", query, got.String(), page.Head, want)
		}
	}
	for query, field := range map[string]string{
		"before=0": "before", "before=-1": "before", "before=x": "before", "before=": "before", "before=1.0": "before", "before=%2B1": "before",
		"before=9007199254740992": "before", "after=-1": "after", "after=x": "after", "around=0": "around",
		"limit=0": "limit", "limit=201": "limit", "limit=x": "limit", "before=1&before=2": "before",
		"before=1&after=1": "before", "after=0&around=1": "before", "before=1&around=1": "before",
	} {
		a := root.api("GET", "/rooms/general/messages?"+query, nil).is(422, "invalid_fields")
		if errors := a.problem().Errors; len(errors) != 1 || errors[0].Field != field {
			t.Errorf("%s: fields at fault %+v, want %s", query, errors, field)
		}
	}
}

func TestAPersonWhoWritesTooFastIsTold(t *testing.T) {
	_, root := startSetUp(t, func(c *config.Settings) { c.MessagesPerSecond = 0.05 })
	root.room("general", false)
	root.post("general", "k", "one")
	a := root.api("POST", "/rooms/general/messages", map[string]any{"key": "k2", "text": "two"}).is(429, "too_many_messages")
	if a.header.Get("Retry-After") == "0" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
}
