package httpapi_test

import (
	"strconv"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestAdministratorsLookAfterPeople(t *testing.T) {
	s, root := startSetUp(t)
	made := root.api("POST", "/users", map[string]any{"username": "ben", "password": goodPassword, "name": "Ben B."}).is(201)
	ben := read[wire.UserAnswer](made).User
	if ben.Name != "Ben B." || ben.Role != "member" || made.header.Get("Location") != "/api/v1/users/"+itoa(int64(ben.ID)) {
		t.Errorf("made %+v at %s", ben, made.header.Get("Location"))
	}
	root.api("POST", "/users", map[string]any{"username": "ben", "password": goodPassword}).is(409, "username_taken")
	root.api("POST", "/users", map[string]any{"username": "carl", "password": goodPassword, "role": "king"}).is(422, "invalid_fields")
	root.api("POST", "/users", map[string]any{"username": "carl", "password": goodPassword, "name": "a\nb"}).is(422, "invalid_fields")
	root.api("POST", "/users", map[string]any{"username": "carl", "password": goodPassword}).is(201)

	device := s.stranger()
	device.api("POST", "/login", account("ben")).is(200)
	path := "/users/" + itoa(int64(ben.ID))
	if got := read[wire.UserAnswer](root.api("PATCH", path, map[string]any{"disabled": true}).is(200)).User; !got.Disabled {
		t.Errorf("after disabling: %+v", got)
	}
	device.api("GET", "/me", nil).is(401)
	s.stranger().api("POST", "/login", account("ben")).is(401, "wrong_credentials")
	root.api("PATCH", path, map[string]any{"disabled": false, "role": "admin"}).is(200)
	device.api("POST", "/login", account("ben")).is(200)
	device.api("GET", "/invites", nil).is(200)

	root.api("PATCH", path, map[string]any{"role": "king"}).is(422, "invalid_fields")
	root.api("PATCH", "/users/999", map[string]any{"disabled": true}).is(404, "not_found")
	root.api("PATCH", "/users/ben", map[string]any{"disabled": true}).is(404, "not_found")
}

func TestAnAdministratorGivesANewPassword(t *testing.T) {
	s, root := startSetUp(t)
	ben := s.person("ben", false)
	path, next := "/users/"+itoa(ben.id), "a quite different password"
	device := s.stranger()
	device.api("POST", "/login", account("ben")).is(200)

	ben.api("PATCH", path, map[string]any{"password": next}).is(403, "admins_only")
	root.api("PATCH", path, map[string]any{"password": "short"}).is(422, "invalid_fields")
	root.api("PATCH", "/users/"+itoa(root.id), map[string]any{"password": next}).is(422, "invalid_fields")
	root.api("PATCH", "/users/999", map[string]any{"password": next}).is(404, "not_found")
	root.api("PATCH", path, map[string]any{"password": next, "role": "king"}).is(422, "invalid_fields")
	device.api("GET", "/me", nil).is(200)

	user := read[wire.UserAnswer](root.api("PATCH", path, map[string]any{"password": next, "name": "Ben B."}).is(200)).User
	if user.Name != "Ben B." {
		t.Errorf("changed %+v", user)
	}
	device.api("GET", "/me", nil).is(401, "not_signed_in")
	s.stranger().api("POST", "/login", account("ben")).is(401, "wrong_credentials")
	s.stranger().api("POST", "/login", map[string]any{"username": "ben", "password": next}).is(200)
}

func TestTheLastAdministratorStays(t *testing.T) {
	_, root := startSetUp(t)
	path := "/users/" + itoa(root.id)
	root.api("PATCH", path, map[string]any{"role": "member"}).is(409, "last_admin")
	root.api("PATCH", path, map[string]any{"disabled": true}).is(409, "last_admin")
}

func TestOthersDoNotAdminister(t *testing.T) {
	s, root := startSetUp(t)
	room := root.room("general", false)
	ben := s.person("ben", false)
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/users", account("carl")},
		{"PATCH", "/users/" + itoa(root.id), map[string]any{"disabled": true}},
		{"GET", "/invites", nil},
		{"POST", "/invites", map[string]any{}},
		{"DELETE", "/invites/1", nil},
		{"POST", "/rooms", map[string]any{"name": "Mine"}},
		{"PATCH", "/rooms/general", map[string]any{"name": "Mine"}},
		{"POST", "/rooms/general/archive", nil},
		{"POST", "/rooms/general/restore", nil},
		{"DELETE", "/rooms/" + itoa(int64(room.ID)), nil},
		{"PUT", "/rooms/general/members/" + itoa(root.id), nil},
		{"DELETE", "/rooms/general/members/" + itoa(root.id), nil},
	} {
		ben.api(c.method, c.path, c.body).is(403, "admins_only")
		s.stranger().api(c.method, c.path, c.body).is(401, "not_signed_in")
	}
}

func TestListsComeInPieces(t *testing.T) {
	s, root := startSetUp(t)
	for _, name := range []string{"ann", "ben", "carl"} {
		s.person(name, false)
	}
	root.room("general", false)
	first := read[wire.UserList](root.api("GET", "/users?limit=3", nil).is(200))
	if len(first.Users) != 3 || first.Next == "" {
		t.Fatalf("first piece %+v", first)
	}
	second := read[wire.UserList](root.api("GET", "/users?limit=3&cursor="+first.Next, nil).is(200))
	if len(second.Users) != 1 || second.Next != "" || second.Users[0].Username != "carl" {
		t.Errorf("second piece %+v", second)
	}
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "limit=", "limit=1&limit=2", "cursor=0", "cursor=-1", "cursor=abc", "cursor=9007199254740992"} {
		root.api("GET", "/users?"+query, nil).is(422, "invalid_fields")
		root.api("GET", "/rooms/general/members?"+query, nil).is(422, "invalid_fields")
	}
	root.api("GET", "/users?a=%zz", nil).is(400, "bad_query")
}

func TestInvitationsAreMadeListedAndRevoked(t *testing.T) {
	s, root := startSetUp(t)
	made := read[wire.Invite](root.api("POST", "/invites", map[string]any{"expires_in": 3600}).is(201))
	listed := read[wire.InviteList](root.api("GET", "/invites", nil).is(200)).Invites
	if len(listed) != 1 || listed[0].ID != made.ID || listed[0].Code != "" || listed[0].URL != "" {
		t.Errorf("listed %+v", listed)
	}
	root.api("DELETE", "/invites/"+itoa(int64(made.ID)), nil).is(204)
	root.api("DELETE", "/invites/"+itoa(int64(made.ID)), nil).is(204)
	s.stranger().api("GET", "/join/"+made.Code, nil).is(410, "invite_dead")
	if listed := read[wire.InviteList](root.api("GET", "/invites", nil)).Invites; len(listed) != 0 {
		t.Errorf("after revoking: %+v", listed)
	}
	for _, body := range []string{`{"uses":-1}`, `{"uses":10001}`, `{"expires_in":0}`, `{"expires_in":-5}`, `{"expires_in":9007199254740991}`, `{"expires_in":7862400}`} {
		root.api("POST", "/invites", body).is(422, "invalid_fields")
	}
}
