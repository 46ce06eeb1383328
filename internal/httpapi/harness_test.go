package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/node"
	"github.com/parley-chat/parley/internal/wire"
)

const goodPassword = "plum tree 42 hills"

// server is a whole node on this machine.
type server struct {
	t    *testing.T
	url  string
	data string
	node *node.Node
	log  *lockedBuffer
}

// start runs a node with default settings, less the limit on messages.
func start(t *testing.T, changes ...func(*config.Settings)) *server {
	t.Helper()
	settings := config.Default()
	settings.Addr.Port = 0
	settings.Data = t.TempDir()
	settings.MessagesPerSecond = 0
	for _, change := range changes {
		change(&settings)
	}
	s := &server{t: t, data: settings.Data, log: &lockedBuffer{}}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	n, err := node.Open(t.Context(), node.Options{Settings: settings, Version: "test-version", Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	s.node, s.url = n, n.URL()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }() // ends with stop
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the node ended with %v", err)
		}
	})
	return s
}

// startSetUp is start with an administrator named root.
func startSetUp(t *testing.T, changes ...func(*config.Settings)) (s *server, root *client) {
	t.Helper()
	s = start(t, changes...)
	return s, s.person("root", true)
}

// person makes an account by way of the shell and gives its client, signed in
// by a token.
func (s *server) person(name string, admin bool) *client {
	s.t.Helper()
	shell, err := control.Dial(s.data)
	if err != nil {
		s.t.Fatal(err)
	}
	defer shell.Close()
	user, err := shell.AddUser(s.t.Context(), control.NewUser{Username: name, Password: goodPassword, Admin: admin})
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := shell.AddToken(s.t.Context(), control.NewToken{Username: name})
	if err != nil {
		s.t.Fatal(err)
	}
	c := s.stranger()
	c.id, c.header = int64(user.ID), http.Header{"Authorization": {"Bearer " + token.Secret}}
	return c
}

// stranger is a client without a sign-in.
func (s *server) stranger() *client {
	return &client{t: s.t, base: s.url, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// client makes requests, by default with JSON bodies.
type client struct {
	t      *testing.T
	base   string
	http   *http.Client
	id     int64 // of the account
	header http.Header
	cookie string // name=value; kept from answer to answer
}

// with gives a client that sends another header too.
func (c *client) with(name, value string) *client {
	other := *c
	other.header = other.header.Clone()
	if other.header == nil {
		other.header = http.Header{}
	}
	other.header.Set(name, value)
	return &other
}

// do makes a request. A body that is no string is sent as JSON.
func (c *client) do(method, path string, body any) answer {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, reader(c.t, body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range c.header {
		request.Header[name] = values
	}
	request.Host = request.Header.Get("Host")
	if c.cookie != "" {
		request.Header.Set("Cookie", c.cookie)
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cookie := range response.Cookies() {
		c.cookie = cookie.Name + "=" + cookie.Value
	}
	return answer{c.t, method + " " + path, response.StatusCode, response.Header, text}
}

func reader(t *testing.T, body any) io.Reader {
	t.Helper()
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(text)
}

// api is do under the API's prefix.
func (c *client) api(method, path string, body any) answer {
	c.t.Helper()
	return c.do(method, "/api/v1"+path, body)
}

// answer is what came back.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// is checks the status and, for a refusal, its code.
func (a answer) is(status int, code ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: got %d %s, want %d", a.what, a.status, a.body, status)
	}
	if status < 400 {
		return a
	}
	if p := a.problem(); len(code) == 1 && p.Code != code[0] {
		a.t.Fatalf("%s: got code %s (%s), want %s", a.what, p.Code, p.Detail, code[0])
	}
	return a
}

// problem checks the shape that every refusal has.
func (a answer) problem() wire.Problem {
	a.t.Helper()
	var p wire.Problem
	a.into(&p)
	if a.header.Get("Content-Type") != "application/problem+json" || p.Type == "" || p.Title == "" || p.Detail == "" ||
		p.Code == "" || p.Status != a.status || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
		a.t.Fatalf("%s: no proper problem: %v %s", a.what, a.header, a.body)
	}
	if (a.status == 429 || a.status == 503) && a.header.Get("Retry-After") == "" {
		a.t.Fatalf("%s: %d without Retry-After", a.what, a.status)
	}
	return p
}

func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, a.body)
	}
}

// read is into for callers that want a value.
func read[T any](a answer) T {
	a.t.Helper()
	var v T
	a.into(&v)
	return v
}

// room makes a room.
func (c *client) room(slug string, private bool) wire.Room {
	c.t.Helper()
	return read[wire.Room](c.api("POST", "/rooms", map[string]any{"name": slug, "slug": slug, "private": private}).is(201))
}

// post says something.
func (c *client) post(room, key, text string) wire.Message {
	c.t.Helper()
	return read[wire.Message](c.api("POST", "/rooms/"+room+"/messages", map[string]any{"key": key, "text": text}).is(201))
}
