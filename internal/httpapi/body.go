package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

const (
	maxBody     = 128 << 10
	bodyTime    = 20 * time.Second // for a body to arrive
	answerTime  = 60 * time.Second // for an answer to be taken
	requestTime = 30 * time.Second // for the work in between
)

// with makes a handler of one that takes a body.
func with[In any](do func(*call, In) (answer, error)) handler {
	return func(c *call) (answer, error) {
		var in In
		if err := c.decode(&in); err != nil {
			return answer{}, err
		}
		return do(c, in)
	}
}

// decode reads the body, strictly.
func (c *call) decode(v any) error {
	media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || media != "application/json" || c.Header.Get("Content-Encoding") != "" {
		return errMediaType
	}
	if c.ContentLength > maxBody {
		return errTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case err != nil:
		return errSlowBody
	}
	return wire.Decode(body, v)
}
