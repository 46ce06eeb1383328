// Package client speaks Parley's protocol: for bots and scripts, and for
// Parley's own load tests and proofs.
//
// A [Client] makes single HTTP calls. A [Conn] is one socket, as it is: it
// ends when the network does. A [Live] keeps a socket open for as long as it
// is wanted, resumes where it was, hands over every event of one's rooms
// exactly once and in order, and sends each message until the server has it.
//
// What the calls mean is described in docs/protocol.md.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// What the protocol is made of.
type (
	User    = wire.User
	Room    = wire.Room
	Message = wire.Message
	Page    = wire.MessagePage
	Problem = wire.Problem
)

// Error is a refusal by the server.
type Error struct{ Problem }

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Detail) }

// Temporary reports whether the same call, with the same key, may succeed
// later.
func (e *Error) Temporary() bool { return e.Status == http.StatusTooManyRequests || e.Status >= 500 }

// maxAnswer bounds what is read of one answer.
const maxAnswer = 16 << 20

// Client makes calls as one person. It is safe for concurrent use.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// New makes a client of the server at base, such as
// "https://chat.example.org", that signs in with a bearer token.
func New(base, token string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("client: %q is no http or https address", base)
	}
	return &Client{
		base: u.Scheme + "://" + u.Host, token: token,
		http: &http.Client{Timeout: 30 * time.Second},
	}, nil
}

// Me gives the account that the token belongs to.
func (c *Client) Me(ctx context.Context) (User, error) {
	var answer struct {
		User User `json:"user"`
	}
	err := c.call(ctx, http.MethodGet, "/me", nil, &answer)
	return answer.User, err
}

// Rooms lists the rooms that one may see.
func (c *Client) Rooms(ctx context.Context) ([]Room, error) {
	var answer struct {
		Rooms []Room `json:"rooms"`
	}
	err := c.call(ctx, http.MethodGet, "/rooms", nil, &answer)
	return answer.Rooms, err
}

// CreateRoom makes a room; the slug may be empty.
func (c *Client) CreateRoom(ctx context.Context, name, slug string) (Room, error) {
	var room Room
	body := map[string]string{"name": name}
	if slug != "" {
		body["slug"] = slug
	}
	return room, c.call(ctx, http.MethodPost, "/rooms", body, &room)
}

// Join makes one a member of a room, by id or slug.
func (c *Client) Join(ctx context.Context, room string) (Room, error) {
	var joined Room
	err := c.call(ctx, http.MethodPut, "/rooms/"+url.PathEscape(room)+"/members/me", nil, &joined)
	return joined, err
}

// Messages gives a page of a room's history; query is as in the protocol,
// such as "before=120&limit=50", or empty for the newest.
func (c *Client) Messages(ctx context.Context, room int64, query string) (Page, error) {
	var page Page
	path := "/rooms/" + strconv.FormatInt(room, 10) + "/messages"
	if query != "" {
		path += "?" + query
	}
	return page, c.call(ctx, http.MethodGet, path, nil, &page)
}

// Post sends a message. The same key again gives the first message.
func (c *Client) Post(ctx context.Context, room int64, key, text string) (Message, error) {
	var m Message
	path := "/rooms/" + strconv.FormatInt(room, 10) + "/messages"
	return m, c.call(ctx, http.MethodPost, path, map[string]string{"key": key, "text": text}, &m)
}

// call makes one call and reads its answer into out.
func (c *Client) call(ctx context.Context, method, path string, body, out any) error {
	request, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	if answer.StatusCode >= 400 {
		return refusal(answer, text)
	}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}

func (c *Client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// refusal reads a problem; something between us and the server may have
// answered in its own words.
func refusal(answer *http.Response, text []byte) error {
	refused := &Error{}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/problem+json") && json.Unmarshal(text, &refused.Problem) == nil {
		refused.RetryAfter, _ = strconv.Atoi(answer.Header.Get("Retry-After"))
		return refused
	}
	refused.Problem = Problem{Status: answer.StatusCode, Code: "http", Detail: answer.Status}
	return refused
}
