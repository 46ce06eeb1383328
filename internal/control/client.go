package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/parley-chat/parley/internal/chat"
)

// Client is the Admin that speaks to a running server.
type Client struct{ http *http.Client }

var _ Admin = (*Client)(nil)

// ErrNoServer: nobody listens at the data directory's socket.
var ErrNoServer = errors.New("control: no server runs on this data directory")

// Dial reaches the server that runs on a data directory; ErrNoServer if none
// does. Close the Client after use.
func Dial(data string) (*Client, error) {
	conn, err := dial(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	conn.Close()
	transport := &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(data) },
	}
	return &Client{&http.Client{Transport: transport}}, nil
}

// Close ends the connection.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// call makes one call. The host in the address is not used.
func call[Out any](ctx context.Context, c *Client, name string, in any) (Out, error) {
	var r reply[Out]
	body, err := json.Marshal(in)
	if err != nil {
		return r.Out, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/"+name, bytes.NewReader(body))
	if err != nil {
		return r.Out, err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return r.Out, fmt.Errorf("control: the server did not answer: %w", err)
	}
	defer answer.Body.Close()
	if err := read(answer, &r); err != nil {
		return r.Out, fmt.Errorf("control: %s: %w", name, err)
	}
	if r.Refusal != nil {
		return r.Out, r.Refusal
	}
	if r.Failure != "" {
		return r.Out, fmt.Errorf("the server failed: %s", r.Failure)
	}
	return r.Out, nil
}

func read(answer *http.Response, r any) error {
	if answer.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
		return fmt.Errorf("the server is of another version: %s %s", answer.Status, bytes.TrimSpace(said))
	}
	return json.NewDecoder(answer.Body).Decode(r)
}

// AddUser makes an account.
func (c *Client) AddUser(ctx context.Context, u NewUser) (User, error) {
	return call[User](ctx, c, "AddUser", u)
}

// Users lists all accounts.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	return call[[]User](ctx, c, "Users", none{})
}

// SetPassword replaces a password.
func (c *Client) SetPassword(ctx context.Context, credentials Credentials) error {
	_, err := call[none](ctx, c, "SetPassword", credentials)
	return err
}

// DisableUser shuts an account out.
func (c *Client) DisableUser(ctx context.Context, username string) (User, error) {
	return call[User](ctx, c, "DisableUser", username)
}

// EnableUser lets it in again.
func (c *Client) EnableUser(ctx context.Context, username string) (User, error) {
	return call[User](ctx, c, "EnableUser", username)
}

// ImportUsers makes many accounts.
func (c *Client) ImportUsers(ctx context.Context, users []NewUser) ([]ImportedUser, error) {
	return call[[]ImportedUser](ctx, c, "ImportUsers", users)
}

// AddRoom makes a room.
func (c *Client) AddRoom(ctx context.Context, r NewRoom) (Room, error) {
	return call[Room](ctx, c, "AddRoom", r)
}

// Rooms lists all rooms.
func (c *Client) Rooms(ctx context.Context) ([]Room, error) {
	return call[[]Room](ctx, c, "Rooms", none{})
}

// ArchiveRoom closes a room for changes.
func (c *Client) ArchiveRoom(ctx context.Context, room string) error {
	_, err := call[none](ctx, c, "ArchiveRoom", room)
	return err
}

// RestoreRoom opens it again.
func (c *Client) RestoreRoom(ctx context.Context, room string) error {
	_, err := call[none](ctx, c, "RestoreRoom", room)
	return err
}

// CreateInvite makes an invitation.
func (c *Client) CreateInvite(ctx context.Context, i NewInvite) (Invite, error) {
	return call[Invite](ctx, c, "CreateInvite", i)
}

// AddToken makes a bearer token.
func (c *Client) AddToken(ctx context.Context, t NewToken) (Token, error) {
	return call[Token](ctx, c, "AddToken", t)
}

// Tokens lists all bearer tokens.
func (c *Client) Tokens(ctx context.Context) ([]Token, error) {
	return call[[]Token](ctx, c, "Tokens", none{})
}

// RevokeToken ends a bearer token.
func (c *Client) RevokeToken(ctx context.Context, id chat.SessionID) error {
	_, err := call[none](ctx, c, "RevokeToken", id)
	return err
}
