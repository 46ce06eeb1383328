package httpapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/config"
)

func publicURL(host string) func(*config.Settings) {
	return func(c *config.Settings) {
		if err := c.PublicURL.UnmarshalText([]byte(host)); err != nil {
			panic(err)
		}
	}
}

func TestTheServerAnswersToItsOwnNamesOnly(t *testing.T) {
	s := start(t, publicURL("https://chat.example.org"))
	for host, known := range map[string]bool{
		"chat.example.org": true, "CHAT.example.org": true, "chat.example.org:8443": true, "localhost": true,
		"localhost:9": true, "127.0.0.1": true, "[::1]:80": true, "10.1.2.3:8080": true,
		"evil.example": false, "chat.example.org.evil.example": false, "xchat.example.org": false,
		"chat.example.org.": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false,
	} {
		for _, path := range []string{"/", "/rooms/general", "/api/v1/server", "/api/v1/nothing", "/healthz", "/metrics", "/api/v1/ws"} {
			a := s.stranger().with("Host", host).do("GET", path, nil)
			if refused := a.status == http.StatusMisdirectedRequest; refused == known {
				t.Errorf("%s of %s: %d", path, host, a.status)
			}
			if !known && (a.problem().Code != "unknown_host" || !strings.Contains(a.problem().Detail, "--public-url")) {
				t.Errorf("%s of %s: %s", path, host, a.body)
			}
		}
	}
}

func TestAForeignPageCannotChangeAnything(t *testing.T) {
	s, _ := startSetUp(t)
	ben := s.stranger()
	ben.api("POST", "/signup", account("ben")).is(201)
	for _, c := range []struct {
		name, value string
		passes      bool
	}{
		{"Sec-Fetch-Site", "cross-site", false},
		{"Sec-Fetch-Site", "same-site", false},
		{"Sec-Fetch-Site", "anything", false},
		{"Sec-Fetch-Site", "same-origin", true},
		{"Sec-Fetch-Site", "none", true},
		{"Origin", "https://evil.example", false},
		{"Origin", "null", false},
		{"Origin", "", false},
		{"Origin", strings.Replace(s.url, "http://", "https://", 1), false},
		{"Origin", s.url + "0", false},
		{"Origin", s.url + "/", false},
		{"Origin", strings.Replace(s.url, "127", "u@127", 1), false},
		{"Origin", s.url, true},
		{"Origin", strings.ToUpper(s.url), true},
		{"X-No-Browser", "1", true},
	} {
		a := ben.with(c.name, c.value).api("PATCH", "/me", map[string]any{"name": "Ben"})
		if c.passes {
			a.is(200)
		} else {
			a.is(403, "cross_site")
		}
		ben.with(c.name, c.value).api("GET", "/me", nil).is(200)
	}
	both := ben.with("Sec-Fetch-Site", "same-origin").with("Origin", "https://evil.example")
	both.api("PATCH", "/me", map[string]any{"name": "Ben"}).is(403, "cross_site")
	s.stranger().with("Origin", "https://evil.example").api("POST", "/login", account("ben")).is(403, "cross_site")
	ben.with("Sec-Fetch-Site", "cross-site").api("POST", "/logout", nil).is(403, "cross_site")
	ben.api("GET", "/logout", nil).is(405, "method_not_allowed")
}

func TestBehindAProxyTheOriginIsThePublicAddress(t *testing.T) {
	s, _ := startSetUp(t, publicURL("https://chat.example.org"))
	ben := s.stranger()
	ben.api("POST", "/signup", account("ben")).is(201)
	if !strings.HasPrefix(ben.cookie, "__Host-parley=") {
		t.Errorf("the cookie is %s", ben.cookie)
	}
	change := map[string]any{"name": "Ben"}
	ben.with("Origin", "https://chat.example.org").with("Host", "chat.example.org").api("PATCH", "/me", change).is(200)
	ben.with("Origin", "https://chat.example.org").api("PATCH", "/me", change).is(200)
	refused := ben.with("Origin", s.url).api("PATCH", "/me", change).is(403, "cross_site")
	if !strings.Contains(refused.problem().Detail, "--public-url") {
		t.Errorf("the refusal does not name the setting: %s", refused.body)
	}
}

func TestTheCookieIsTiedToHTTPSWhereThatIsSpoken(t *testing.T) {
	plain, _ := startSetUp(t)
	forwarded := plain.stranger().with("X-Forwarded-Proto", "https")
	if c := onlyCookie(t, forwarded.api("POST", "/login", account("root")).is(200)); c.Name != "parley" || c.Secure {
		t.Errorf("a stranger's header made the cookie %s", c)
	}
	proxied, _ := startSetUp(t, func(c *config.Settings) {
		c.TrustedProxies = config.Networks{netip.MustParsePrefix("127.0.0.1/32")}
	})
	person := proxied.stranger().with("X-Forwarded-Proto", "https")
	a := person.api("POST", "/login", account("root")).is(200)
	if c := onlyCookie(t, a); c.Name != "__Host-parley" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("behind a trusted proxy the cookie is %s", c)
	}
	if a.header.Get("Strict-Transport-Security") == "" || a.header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
		t.Errorf("over https the headers are %v", a.header)
	}
	tossed := proxied.stranger().with("X-Forwarded-Proto", "https")
	tossed.cookie = strings.TrimPrefix(person.cookie, "__Host-")
	tossed.api("GET", "/me", nil).is(401)
}

func TestAWrongBearerIsNotMadeGoodByACookie(t *testing.T) {
	s, root := startSetUp(t)
	ben := s.stranger()
	ben.api("POST", "/signup", account("ben")).is(201)
	session := strings.TrimPrefix(ben.cookie, "parley=")
	for _, token := range []string{"", "x", "prl_wrong", strings.Repeat("x", 10_000), session} {
		a := ben.with("Authorization", "Bearer "+token).api("GET", "/me", nil).is(401, "not_signed_in")
		if a.header.Get("Set-Cookie") != "" || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("bearer %.20q: headers %v", token, a.header)
		}
	}
	ben.with("Authorization", "Basic dTpw").api("GET", "/me", nil).is(200)
	ben.with("Authorization", strings.Replace(root.header.Get("Authorization"), "Bearer", "bEARER", 1)).api("GET", "/invites", nil).is(200)
	token := strings.TrimPrefix(root.header.Get("Authorization"), "Bearer ")
	asCookie := s.stranger()
	asCookie.cookie = "parley=" + token
	asCookie.api("GET", "/me", nil).is(401)
	s.stranger().api("GET", "/me?access_token="+token, nil).is(401)
	for _, cookie := range []string{"parley=", "parley=x", "parley=" + strings.Repeat("x", 10_000), "other=" + session} {
		wrong := s.stranger()
		wrong.cookie = cookie
		wrong.api("GET", "/me", nil).is(401, "not_signed_in")
		wrong.cookie = cookie
		wrong.api("GET", "/server", nil).is(200)
	}
	if strings.Contains(s.log.String(), token) || strings.Contains(s.log.String(), session) {
		t.Error("a secret is in the log")
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	_, root := startSetUp(t)
	root.room("general", false)
	for name, c := range map[string]struct {
		body   string
		header [2]string
		status int
		code   string
	}{
		"nothing":             {``, [2]string{}, 400, "invalid_json"},
		"no JSON":             {`key=k`, [2]string{}, 400, "invalid_json"},
		"no object":           {`["k"]`, [2]string{}, 400, "invalid_json"},
		"trailing":            {`{"key":"k","text":"x"}{}`, [2]string{}, 400, "invalid_json"},
		"duplicate":           {`{"key":"k","text":"x","text":"y"}`, [2]string{}, 400, "invalid_json"},
		"case":                {`{"key":"k","Text":"x"}`, [2]string{}, 400, "invalid_json"},
		"author":              {`{"key":"k","text":"x","user_id":1}`, [2]string{}, 400, "invalid_json"},
		"wrong type":          {`{"key":"k","text":5}`, [2]string{}, 400, "invalid_json"},
		"fraction":            {`{"key":"k","text":"x","reply_to":1.0}`, [2]string{}, 400, "invalid_json"},
		"half a surrogate":    {`{"key":"k","text":"\ud800"}`, [2]string{}, 400, "invalid_json"},
		"NUL":                 {`{"key":"k","text":"a\u0000"}`, [2]string{}, 400, "invalid_json"},
		"bytes that no text":  {"{\"key\":\"k\",\"text\":\"\xff\"}", [2]string{}, 400, "invalid_json"},
		"form":                {`{"key":"k","text":"x"}`, [2]string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"},
		"plain text":          {`{"key":"k","text":"x"}`, [2]string{"Content-Type", "text/plain"}, 415, "unsupported_media_type"},
		"no type":             {`{"key":"k","text":"x"}`, [2]string{"Content-Type", ""}, 415, "unsupported_media_type"},
		"gzip":                {`{"key":"k","text":"x"}`, [2]string{"Content-Encoding", "gzip"}, 415, "unsupported_media_type"},
		"too large":           {`{"key":"k","text":"` + strings.Repeat("x", 128<<10) + `"}`, [2]string{}, 413, "too_large"},
		"too long":            {`{"key":"k","text":"` + strings.Repeat("x", 10_001) + `"}`, [2]string{}, 422, "invalid_fields"},
		"too many bytes":      {`{"key":"k","text":"` + strings.Repeat("é", 8193) + `"}`, [2]string{}, 422, "invalid_fields"},
		"empty":               {`{"key":"k","text":""}`, [2]string{}, 422, "invalid_fields"},
		"blank":               {`{"key":"k","text":" \n\u200b\u2800"}`, [2]string{}, 422, "invalid_fields"},
		"no key":              {`{"text":"x"}`, [2]string{}, 422, "invalid_fields"},
		"long key":            {`{"key":"` + strings.Repeat("k", 65) + `","text":"x"}`, [2]string{}, 422, "invalid_fields"},
		"control in key":      {`{"key":"a\nb","text":"x"}`, [2]string{}, 422, "invalid_fields"},
		"negative reply":      {`{"key":"k","text":"x","reply_to":-1}`, [2]string{}, 422, "invalid_fields"},
		"null for everything": {`{"key":null,"text":null}`, [2]string{}, 422, "invalid_fields"},
	} {
		t.Run(name, func(t *testing.T) {
			c1 := *root
			c1.t = t
			sender := &c1
			if c.header[0] != "" {
				sender = sender.with(c.header[0], c.header[1])
			}
			sender.api("POST", "/rooms/general/messages", c.body).is(c.status, c.code)
		})
	}
	charset := root.with("Content-Type", "application/json; charset=utf-8")
	charset.api("POST", "/rooms/general/messages", `{"key":"ok","text":"x"}`).is(201)
}

func TestWhatIsNotThereIsAProblemToo(t *testing.T) {
	_, root := startSetUp(t)
	root.room("general", false)
	for _, c := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "/api/v1/nothing", 404, "not_found", ""},
		{"GET", "/api/v2/rooms", 404, "not_found", ""},
		{"POST", "/api/", 404, "not_found", ""},
		{"GET", "/api/v1/rooms/", 404, "not_found", ""},
		{"GET", "/api/v1/rooms/general/", 404, "not_found", ""},
		{"GET", "/api/v1/rooms/;x=1", 404, "not_found", ""},
		{"DELETE", "/api/v1/rooms", 405, "method_not_allowed", "GET, HEAD, POST"},
		{"GET", "/api/v1/login", 405, "method_not_allowed", "POST"},
		{"POST", "/api/v1/ws", 405, "method_not_allowed", "GET, HEAD"},
		{"TRACE", "/api/v1/me", 405, "method_not_allowed", "GET, HEAD, PATCH"},
		{"OPTIONS", "/api/v1/me", 405, "method_not_allowed", "GET, HEAD, PATCH"},
		{"get", "/api/v1/me", 405, "method_not_allowed", "GET, HEAD, PATCH"},
	} {
		a := root.do(c.method, c.path, nil).is(c.status, c.code)
		if a.header.Get("Allow") != c.allow {
			t.Errorf("%s: Allow is %q, want %q", a.what, a.header.Get("Allow"), c.allow)
		}
		if a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s lets other origins in", a.what)
		}
	}
	override := root.with("X-HTTP-Method-Override", "DELETE")
	override.api("GET", "/rooms/general", nil).is(200)
	root.api("GET", "/rooms/general", nil).is(200)
	root.do("HEAD", "/api/v1/me", nil).is(200)
}

func TestPathsAreNotReadInTwoWays(t *testing.T) {
	_, root := startSetUp(t)
	for _, path := range []string{"//api/v1/me", "/api/../api/v1/me", "/api/v1//me", "/api/v1/./me"} {
		a := root.do("GET", path, nil)
		if a.status != 307 && a.status != 301 && a.status != 308 || a.header.Get("Location") != "/api/v1/me" {
			t.Errorf("%s: %d to %q", path, a.status, a.header.Get("Location"))
		}
	}
	for _, path := range []string{"/api/v1/%2e%2e/me", "/api%2fv1/me", "/API/v1/me", "/api/v1/me."} {
		if a := root.do("GET", path, nil); strings.Contains(string(a.body), `"username"`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestEveryAnswerCarriesTheHeadersOfDefence(t *testing.T) {
	s, root := startSetUp(t)
	for _, c := range []struct {
		who          *client
		method, path string
		api          bool
	}{
		{root, "GET", "/", false},
		{root, "GET", "/rooms/general", false},
		{root, "GET", "/assets/none.js", false},
		{root, "POST", "/", false},
		{root, "GET", "/api/v1/me", true},
		{s.stranger(), "GET", "/api/v1/me", true},
		{s.stranger(), "GET", "/api/v1/ws", true},
		{root, "GET", "/api/v1/nothing", true},
		{root, "DELETE", "/api/v1/me", true},
		{root, "GET", "/healthz", true},
		{root, "GET", "/readyz", true},
		{root, "GET", "/metrics", true},
	} {
		a := c.who.do(c.method, c.path, nil)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "", "Cross-Origin-Resource-Policy": "same-origin",
			"Server": "", "Access-Control-Allow-Origin": "", "Strict-Transport-Security": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", a.what, name, got, want)
			}
		}
		policy, cache := a.header.Get("Content-Security-Policy"), a.header.Get("Cache-Control")
		page := strings.Contains(policy, "script-src 'self'") && strings.Contains(policy, "require-trusted-types-for 'script'; trusted-types parley")
		if !strings.HasPrefix(policy, "default-src 'none'") || page == c.api || c.api && cache != "no-store" {
			t.Errorf("%s: policy %q, cache %q", a.what, policy, cache)
		}
		if !strings.Contains(a.header.Get("Permissions-Policy"), "camera=()") || len(a.header.Get("X-Request-Id")) < 10 {
			t.Errorf("%s: headers %v", a.what, a.header)
		}
	}
}

// raw sends bytes as they are and gives the first line of the answer.
func (s *server) raw(text string) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(text)); err != nil {
		s.t.Fatal(err)
	}
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}

func TestMalformedRequestsEndAtTheDoor(t *testing.T) {
	s := start(t)
	const get = "GET /api/v1/server HTTP/1.1\r\n"
	var cookies strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&cookies, "c%d=x; ", i)
	}
	for name, c := range map[string]struct{ request, want string }{
		"two hosts":         {get + "Host: localhost\r\nHost: evil.example\r\n\r\n", "400"},
		"no host":           {get + "\r\n", "400"},
		"other target":      {"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "421"},
		"two lengths":       {"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\nabcd", "501"},
		"space in a header": {get + "Host: localhost\r\nX-Bad : 1\r\n\r\n", "400"},
		"much header":       {get + "Host: localhost\r\nX-Long: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", "431"},
		"many cookies":      {get + "Host: localhost\r\nCookie: " + cookies.String() + "\r\n\r\n", "431"},
		"long path":         {"GET /" + strings.Repeat("x", 64<<10) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "431"},
	} {
		if got := s.raw(c.request); !strings.Contains(got, " "+c.want) {
			t.Errorf("%s: got %q, want %s", name, got, c.want)
		}
	}
}
