package prove

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/parley-chat/parley/client"
)

// callTime is how long one call may take: longer than a node hangs.
const callTime = 12 * time.Second

// maxAnswer bounds what is read of one answer.
const maxAnswer = 16 << 20

// caller makes HTTP calls as one person, to any node.
type caller struct {
	token string
	http  *http.Client
}

func newCaller(token string) *caller {
	return &caller{token: token, http: &http.Client{
		Timeout:   callTime,
		Transport: &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: 5 * time.Second},
	}}
}

// call makes one call through a gate and reads the answer into out, which may
// be nil. A refusal is a *client.Error.
func (c *caller) call(ctx context.Context, g *gate, method, path string, body, out any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+g.addr()+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if text, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer)); err != nil {
		return err
	}
	return readAnswer(answer.StatusCode, text, out)
}

func readAnswer(status int, text []byte, out any) error {
	if status >= 400 {
		refused := &client.Error{}
		if json.Unmarshal(text, &refused.Problem) != nil || refused.Status == 0 {
			refused.Status, refused.Code = status, "http"
		}
		return refused
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}

// judge tells what an attempt that ended so says about what was asked.
func judge(err error) (reply, code, reason string) {
	var refused *client.Error
	switch {
	case err == nil:
		return replyOK, "", ""
	case !errors.As(err, &refused):
		return replyUnknown, "", err.Error()
	case refused.Status == http.StatusTooManyRequests:
		return replyLater, refused.Code, ""
	case refused.Temporary(): // whether it was committed may be unknown
		return replyUnknown, refused.Code, ""
	}
	return replyRefused, refused.Code, fmt.Sprintf("%d %s", refused.Status, refused.Detail)
}

func roomPath(room int64) string { return fmt.Sprintf("/rooms/%d", room) }

func messagesPath(room int64) string { return roomPath(room) + "/messages" }

func messagePath(room, seq int64) string { return fmt.Sprintf("%s/%d", messagesPath(room), seq) }

func reactionPath(room, seq int64, emoji string) string {
	return messagePath(room, seq) + "/reactions/" + url.PathEscape(emoji)
}

func memberPath(room int64, who any) string { return fmt.Sprintf("%s/members/%v", roomPath(room), who) }
