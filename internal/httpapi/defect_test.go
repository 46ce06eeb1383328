package httpapi_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/httpapi"
	"github.com/parley-chat/parley/internal/wire"
)

type observed struct{ patterns []string }

func (o *observed) Request(pattern string, status int, _ time.Duration) {
	o.patterns = append(o.patterns, pattern+" "+http.StatusText(status))
}

// door is the handler alone, with a client that does what a test wants.
func door(t *testing.T, log *lockedBuffer, ready error, clientHandler http.HandlerFunc) (*client, *observed) {
	t.Helper()
	seen := &observed{}
	handler := httpapi.New(httpapi.Options{
		Client: clientHandler, Observe: seen,
		Logger:  slog.New(slog.NewTextHandler(log, nil)),
		Trusted: func(netip.Addr) bool { return false },
		Ready:   func(context.Context) error { return ready },
	})
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return &client{t: t, base: s.URL, http: s.Client()}, seen
}

func TestADefectIsAnsweredAndLoggedButNotTold(t *testing.T) {
	log := &lockedBuffer{}
	c, seen := door(t, log, nil, func(http.ResponseWriter, *http.Request) { panic("the cat sat on it") })
	a := c.do("GET", "/x", nil).is(500, "internal")
	if strings.Contains(string(a.body), "cat") || !strings.Contains(log.String(), "the cat sat on it") || !strings.Contains(log.String(), a.problem().RequestID) {
		t.Errorf("told %s, logged %s", a.body, log.String())
	}
	c.do("GET", "/healthz", nil).is(200)
	if len(seen.patterns) != 2 || seen.patterns[0] != "/ Internal Server Error" || seen.patterns[1] != "GET /healthz OK" {
		t.Errorf("observed %q", seen.patterns)
	}
}

func TestAServerThatIsNotReadySaysSo(t *testing.T) {
	c, _ := door(t, &lockedBuffer{}, errors.New("the disk is gone"), http.NotFound)
	a := c.do("GET", "/readyz", nil).is(503, "unavailable")
	if strings.Contains(string(a.body), "disk") {
		t.Errorf("told %s", a.body)
	}
	c.do("GET", "/healthz", nil).is(200)
}

// lanAddress gives an address of this machine that others could reach.
func lanAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		network, ok := one.(*net.IPNet)
		if ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			return network.IP.String()
		}
	}
	t.Skip("this machine has no address but loopback")
	return ""
}

func TestPlainHTTPOnALocalNetworkWorks(t *testing.T) {
	address := lanAddress(t)
	s, _ := startSetUp(t, func(c *config.Settings) { c.Addr.Host = "" })
	ben := s.stranger()
	ben.base = strings.Replace(s.url, "localhost", address, 1)
	page := ben.do("GET", "/", nil)
	if page.status != 200 && page.status != 404 { // 404: the client is not built
		t.Errorf("the page is answered %d", page.status)
	}
	ben.with("Origin", ben.base).api("POST", "/signup", account("ben")).is(201)
	ben.api("POST", "/login", account("ben")).is(200)
	ben.with("Origin", ben.base).api("PATCH", "/me", map[string]any{"name": "Ben"}).is(200)
	if _, status := ben.dial(ben.base, wire.Subprotocol); status != 101 {
		t.Errorf("the socket is answered %d", status)
	}
	if !strings.Contains(s.log.String(), "plain HTTP") {
		t.Error("the log does not warn of plain HTTP")
	}
}
