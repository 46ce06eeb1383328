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
	requestTime = 30 * time.Second // for a body to arrive and the work to be done
	answerTime  = 60 * time.Second // the same, and for the answer to be taken
)

// setDeadlines keeps a slow client from holding on to a request. Every
// request sets them anew, since they stay with the connection. Failing to do
// so is a matter of the connection, which then fails by itself. A connection
// that is handed over loses them.
func setDeadlines(c *call) {
	control := http.NewResponseController(c.w.ResponseWriter)
	now := time.Now() // of the network, not of the service
	_ = control.SetReadDeadline(now.Add(requestTime))
	_ = control.SetWriteDeadline(now.Add(answerTime))
}

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
	body, err := io.ReadAll(http.MaxBytesReader(c.w.ResponseWriter, c.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case err != nil:
		return errSlowBody
	}
	return wire.Decode(body, v)
}
