package httpapi_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/wire"
)

func account(username string) map[string]any {
	return map[string]any{"username": username, "password": goodPassword}
}

func TestTheFirstVisitorBecomesAdministrator(t *testing.T) {
	s := start(t)
	if got := read[wire.Server](s.stranger().api("GET", "/server", nil).is(200)); !got.SetupNeeded || got.SetupToken || got.Name != "Parley" || got.Version != "" || got.User != nil {
		t.Errorf("before: %+v", got)
	}
	s.stranger().api("POST", "/login", account("anna")).is(409, "setup_needed")
	s.stranger().api("POST", "/signup", account("anna")).is(409, "setup_needed")
	s.stranger().api("POST", "/setup", map[string]any{"username": "anna", "password": "short"}).is(422, "invalid_fields")
	anna := s.stranger()
	made := anna.api("POST", "/setup", map[string]any{"username": "anna", "password": goodPassword, "workspace": "Acme"}).is(201)
	if user := read[wire.UserAnswer](made).User; user.Role != "admin" || user.Username != "anna" {
		t.Errorf("made %+v", user)
	}
	anna.api("GET", "/me", nil).is(200)
	if got := read[wire.Server](anna.api("GET", "/server", nil)); got.SetupNeeded || got.Name != "Acme" || got.Version != "test-version" || got.User == nil || got.User.Username != "anna" {
		t.Errorf("after: %+v", got)
	}
	s.stranger().api("POST", "/setup", account("eve")).is(409, "setup_done")
	if address := s.node.SetupURL(); address != "" {
		t.Errorf("there is still a set-up address: %s", address)
	}
}

func TestOfMuchTriedSetUpsOneSucceeds(t *testing.T) {
	s := start(t)
	const visitors = 8
	statuses := make([]int, visitors)
	var all sync.WaitGroup
	for i := range visitors {
		all.Go(func() {
			statuses[i] = s.stranger().api("POST", "/setup", account("visitor"+string(rune('a'+i)))).status
		})
	}
	all.Wait()
	made := 0
	for _, status := range statuses {
		switch status {
		case 201:
			made++
		case 409, 503: // 503: the queue of hashes was full
		default:
			t.Errorf("a visitor got %d", status)
		}
	}
	if made != 1 {
		t.Errorf("%d of %d visitors became administrator: %v", made, visitors, statuses)
	}
}

func TestBeyondThisMachineSetUpNeedsTheToken(t *testing.T) {
	s := start(t, func(c *config.Settings) { c.Addr.Host = "0.0.0.0" })
	address := s.node.SetupURL()
	_, token, found := strings.Cut(address, "#token=")
	if !found || len(token) < 20 {
		t.Fatalf("the set-up address is %q", address)
	}
	if got := read[wire.Server](s.stranger().api("GET", "/server", nil)); !got.SetupToken {
		t.Errorf("the client is not told of the token: %+v", got)
	}
	form := account("anna")
	s.stranger().api("POST", "/setup", form).is(403, "setup_token")
	form["token"] = token[:len(token)-1] + "?"
	s.stranger().api("POST", "/setup", form).is(403, "setup_token")
	form["token"] = token
	s.stranger().api("POST", "/setup", form).is(201)
}

func TestAnAccountMadeByTheShellCountsAsSetUp(t *testing.T) {
	s, _ := startSetUp(t)
	s.stranger().api("POST", "/setup", account("eve")).is(409, "setup_done")
}

func TestASessionLivesFromLogInToLogOut(t *testing.T) {
	s, _ := startSetUp(t)
	ben := s.stranger()
	made := ben.api("POST", "/signup", account("ben")).is(201)
	cookie := onlyCookie(t, made)
	if cookie.Name != "parley" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" ||
		cookie.Domain != "" || cookie.Secure || cookie.MaxAge <= 0 || len(cookie.String()) > 200 {
		t.Errorf("cookie %s", cookie)
	}
	ben.api("GET", "/me", nil).is(200)

	other := s.stranger()
	other.cookie = "parley=chosen-by-somebody-else"
	other.api("POST", "/login", map[string]any{"username": "BEN", "password": goodPassword}).is(200)
	if other.cookie == ben.cookie || strings.Contains(other.cookie, "chosen") {
		t.Error("logging in did not make a session of its own")
	}
	sessions := read[wire.SessionList](other.with("User-Agent", "x").api("GET", "/me/sessions", nil).is(200)).Sessions
	if len(sessions) != 2 || !sessions[0].Current || sessions[1].Current {
		t.Errorf("sessions %+v", sessions)
	}

	old := other.cookie
	out := other.api("POST", "/logout", nil).is(204)
	if out.header.Get("Clear-Site-Data") != `"storage"` || onlyCookie(t, out).MaxAge >= 0 {
		t.Errorf("log-out answers %v", out.header)
	}
	other.cookie = old
	gone := other.api("GET", "/me", nil).is(401, "not_signed_in")
	if onlyCookie(t, gone).MaxAge >= 0 || gone.header.Get("Clear-Site-Data") != "" {
		t.Errorf("a dead session answers %v", gone.header)
	}
	ben.api("GET", "/me", nil).is(200)
}

func onlyCookie(t *testing.T, a answer) *http.Cookie {
	t.Helper()
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%s: %d cookies", a.what, len(cookies))
	}
	return cookies[0]
}

func TestLogInNeverSaysWhichHalfIsWrong(t *testing.T) {
	s, _ := startSetUp(t)
	wrong := s.stranger().api("POST", "/login", map[string]any{"username": "root", "password": "not the password"}).is(401, "wrong_credentials")
	unknown := s.stranger().api("POST", "/login", map[string]any{"username": "nobody", "password": goodPassword}).is(401, "wrong_credentials")
	impossible := s.stranger().api("POST", "/login", map[string]any{"username": "no body", "password": ""}).is(401, "wrong_credentials")
	if wrong.problem().Detail != unknown.problem().Detail || wrong.problem().Detail != impossible.problem().Detail {
		t.Errorf("%s, %s and %s differ", wrong.body, unknown.body, impossible.body)
	}
}

func TestBadSignUpsSayWhy(t *testing.T) {
	s, _ := startSetUp(t)
	for _, c := range []struct {
		username, password string
		status             int
		code, field        string
	}{
		{"", goodPassword, 422, "invalid_fields", "username"},
		{"a b", goodPassword, 422, "invalid_fields", "username"},
		{"everyone", goodPassword, 422, "invalid_fields", "username"},
		{"\u0430dmin", goodPassword, 422, "invalid_fields", "username"},
		{strings.Repeat("a", 65), goodPassword, 422, "invalid_fields", "username"},
		{"ben", "short", 422, "invalid_fields", "password"},
		{"ben", "password1234", 422, "invalid_fields", "password"},
		{"benbenbenben", "benbenbenben", 422, "invalid_fields", "password"},
		{"ben", strings.Repeat("x", 129), 422, "invalid_fields", "password"},
		{"ROOT", goodPassword, 409, "username_taken", ""},
		{"\uff52oot", goodPassword, 409, "username_taken", ""},
	} {
		form := map[string]any{"username": c.username, "password": c.password}
		a := s.stranger().api("POST", "/signup", form).is(c.status, c.code)
		if c.field != "" && (len(a.problem().Errors) != 1 || a.problem().Errors[0].Field != c.field) {
			t.Errorf("%q, %q: the fields at fault are %+v", c.username, c.password, a.problem().Errors)
		}
	}
	both := s.stranger().api("POST", "/signup", map[string]any{"username": "", "password": ""}).is(422, "invalid_fields")
	if len(both.problem().Errors) != 2 {
		t.Errorf("two bad fields are told as %+v", both.problem().Errors)
	}
	s.stranger().api("POST", "/signup", map[string]any{"username": "ben", "password": goodPassword, "role": "admin"}).is(400, "invalid_json")
}

func TestSignUpCanBeClosedOrByInvitation(t *testing.T) {
	closed, _ := startSetUp(t, func(c *config.Settings) { c.Signup = "closed" })
	closed.stranger().api("POST", "/signup", account("ben")).is(403, "signup_closed")

	s, root := startSetUp(t, func(c *config.Settings) { c.Signup = "invite" })
	s.stranger().api("POST", "/signup", account("ben")).is(403, "signup_closed")
	invite := read[wire.Invite](root.api("POST", "/invites", map[string]any{"uses": 1}).is(201))
	if !strings.HasPrefix(invite.URL, s.url+"/join/") || !strings.HasSuffix(invite.URL, invite.Code) || invite.MaxUses != 1 {
		t.Errorf("invitation %+v", invite)
	}
	join := read[wire.Join](s.stranger().api("GET", "/join/"+invite.Code, nil).is(200))
	if join.Workspace != "Parley" || join.Inviter != "root" || join.People != 1 {
		t.Errorf("the page shows %+v", join)
	}
	form := account("ben")
	form["invite"] = invite.Code
	s.stranger().api("POST", "/signup", form).is(201)
	form["username"] = "carl"
	s.stranger().api("POST", "/signup", form).is(410, "invite_dead")
	s.stranger().api("GET", "/join/"+invite.Code, nil).is(410, "invite_dead")
	s.stranger().api("GET", "/join/nonsense", nil).is(410, "invite_dead")
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	s, _ := startSetUp(t)
	ben, elsewhere := s.stranger(), s.stranger()
	ben.api("POST", "/signup", account("ben")).is(201)
	elsewhere.api("POST", "/login", account("ben")).is(200)
	change := map[string]any{"current": "wrong", "new": "orange sky 9 boats"}
	ben.api("PUT", "/me/password", change).is(403, "wrong_password")
	change["current"] = goodPassword
	ben.api("PUT", "/me/password", map[string]any{"current": goodPassword, "new": "short"}).is(422, "invalid_fields")
	ben.api("PUT", "/me/password", change).is(204)
	ben.api("GET", "/me", nil).is(200)
	elsewhere.api("GET", "/me", nil).is(401, "not_signed_in")
	s.stranger().api("POST", "/login", account("ben")).is(401, "wrong_credentials")
}

func TestADeviceCanBeSignedOutFromAnother(t *testing.T) {
	s, root := startSetUp(t)
	ben, lost := s.stranger(), s.stranger()
	ben.api("POST", "/signup", account("ben")).is(201)
	lost.api("POST", "/login", account("ben")).is(200)
	sessions := read[wire.SessionList](ben.api("GET", "/me/sessions", nil)).Sessions
	if len(sessions) != 2 || sessions[0].Current {
		t.Fatalf("sessions %+v", sessions)
	}
	path := "/me/sessions/" + itoa(int64(sessions[0].ID))
	root.api("DELETE", path, nil).is(404, "not_found")
	ben.api("DELETE", path, nil).is(204)
	lost.api("GET", "/me", nil).is(401)
	ben.api("DELETE", path, nil).is(404, "not_found")
	ben.api("DELETE", "/me/sessions/0", nil).is(404, "not_found")
	ben.api("DELETE", "/me/sessions/x", nil).is(404, "not_found")
}

func TestPeopleChangeTheirOwnName(t *testing.T) {
	s, _ := startSetUp(t)
	ben := s.person("ben", false)
	if got := read[wire.UserAnswer](ben.api("PATCH", "/me", map[string]any{"name": " Ben B. "}).is(200)).User.Name; got != "Ben B." {
		t.Errorf("the name is %q", got)
	}
	ben.api("PATCH", "/me", map[string]any{}).is(200)
	ben.api("PATCH", "/me", map[string]any{"name": ""}).is(422, "invalid_fields")
	ben.api("PATCH", "/me", map[string]any{"name": strings.Repeat("x", 81)}).is(422, "invalid_fields")
	ben.api("PATCH", "/me", map[string]any{"role": "admin"}).is(400, "invalid_json")
}
