package httpapi_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/config"
)

func TestALiveServerSaysSo(t *testing.T) {
	s := start(t)
	if a := s.stranger().do("GET", "/healthz", nil).is(200); !strings.Contains(string(a.body), "alive") {
		t.Errorf("got %s", a.body)
	}
	if a := s.stranger().do("GET", "/readyz", nil).is(200); !strings.Contains(string(a.body), `"ready"`) {
		t.Errorf("got %s", a.body)
	}
}

func TestMetricsAreForThisMachineAndAdministrators(t *testing.T) {
	s, root := startSetUp(t)
	root.room("general", false)
	text := string(s.stranger().do("GET", "/metrics", nil).is(200).body)
	for _, want := range []string{
		"parley_events_committed_total 1\n", "parley_connections 0\n",
		`parley_http_requests_total{route="POST /api/v1/rooms",status="201"} 1`, "go_goroutines",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%.2000s", want, text)
		}
	}
	ben := s.person("ben", false)
	for _, passedOn := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"} {
		s.stranger().with(passedOn, "1.2.3.4").do("GET", "/metrics", nil).is(401, "not_signed_in")
		ben.with(passedOn, "1.2.3.4").do("GET", "/metrics", nil).is(403, "admins_only")
		root.with(passedOn, "1.2.3.4").do("GET", "/metrics", nil).is(200)
	}
}

func TestFailedLogInsAreLimitedByAddress(t *testing.T) {
	s, _ := startSetUp(t, func(c *config.Settings) { c.LoginsPerMinute = 2 })
	for i := range 2 {
		s.stranger().api("POST", "/login", account("nobody"+itoa(int64(i)))).is(401, "wrong_credentials")
	}
	s.stranger().api("POST", "/login", account("root")).is(429, "too_many_attempts")
}

func TestLogInsThatSucceedAreNotCounted(t *testing.T) {
	s, _ := startSetUp(t, func(c *config.Settings) { c.LoginsPerMinute = 1 })
	for range 3 {
		s.stranger().api("POST", "/login", account("root")).is(200)
	}
}

func TestSignUpsAreLimitedByAddress(t *testing.T) {
	s, _ := startSetUp(t, func(c *config.Settings) { c.SignupsPerHour = 2 })
	slip := map[string]any{"username": "", "password": ""}
	for range 3 {
		s.stranger().api("POST", "/signup", slip).is(422)
	}
	s.stranger().api("POST", "/signup", account("ann")).is(201)
	s.stranger().api("POST", "/signup", account("ann")).is(409)
	s.stranger().api("POST", "/signup", account("ben")).is(429, "too_many_signups")
}

func TestHandshakesWithoutASignInAreLimitedByAddress(t *testing.T) {
	s, root := startSetUp(t, func(c *config.Settings) { c.HandshakesPerMinute = 2 })
	for range 2 {
		s.stranger().api("GET", "/ws", nil).is(401, "not_signed_in")
	}
	s.stranger().api("GET", "/ws", nil).is(429, "too_many_handshakes")
	root.api("GET", "/ws", nil).is(400)
}

func TestTheAddressComesFromATrustedProxyOnly(t *testing.T) {
	limit := func(c *config.Settings) { c.LoginsPerMinute = 1 }
	trust := func(c *config.Settings) {
		c.TrustedProxies = config.Networks{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")}
	}
	attempt := func(s *server, forwarded string) int {
		return s.stranger().with("X-Forwarded-For", forwarded).api("POST", "/login", account("nobody")).status
	}
	direct, _ := startSetUp(t, limit)
	if first, second := attempt(direct, "1.1.1.1"), attempt(direct, "2.2.2.2"); first != 401 || second != 429 {
		t.Errorf("a stranger's header counts: %d, %d", first, second)
	}
	proxied, _ := startSetUp(t, limit, trust)
	for _, c := range []struct {
		forwarded string
		want      int
	}{
		{"1.1.1.1", 401},
		{"9.9.9.9, 1.1.1.1", 429}, // what stands further left is the client's own word
		{"1.1.1.1, 10.0.0.5", 429},
		{"2.2.2.2", 401},
		{"2001:db8:1:2::1", 401},
		{"2001:db8:1:2::ffff", 429}, // the same household
		{"2001:db8:1:3::1", 401},
		{"garbage", 401}, // the proxy's own address
		{"", 429},
		{strings.Repeat("10.0.0.5,", 1000) + "3.3.3.3", 401},
	} {
		if got := attempt(proxied, c.forwarded); got != c.want {
			t.Errorf("forwarded for %.40q: %d, want %d", c.forwarded, got, c.want)
		}
	}
}

func TestTheProbesRefuseOtherMethodsAsTheAPIDoes(t *testing.T) {
	s, _ := startSetUp(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if a := s.stranger().do("POST", path, nil).is(405, "method_not_allowed"); a.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s allows %q", path, a.header.Get("Allow"))
		}
		s.stranger().do("HEAD", path, nil).is(200)
	}
}
