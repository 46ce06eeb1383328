package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// answer is what a handler gives back.
type answer struct {
	status   int
	body     any    // nil: none
	location string // of what was made
}

// ok answers 200 with a body.
func ok(body any) (answer, error) { return answer{status: http.StatusOK, body: body}, nil }

// created answers 201 with what was made and where it is.
func created(location string, body any) (answer, error) {
	return answer{status: http.StatusCreated, body: body, location: location}, nil
}

// done answers 204, or the error.
func done(err error) (answer, error) { return answer{status: http.StatusNoContent}, err }

// write sends an answer.
func (s *Server) write(c *call, a answer) {
	header := c.w.Header()
	if a.location != "" {
		header.Set("Location", a.location)
	}
	if a.body == nil {
		c.w.WriteHeader(a.status)
		return
	}
	header.Set("Content-Type", "application/json")
	s.writeJSON(c, a.status, a.body)
}

// writeJSON encodes body whole before the first byte goes out, so that a
// defect is still a clean 500.
func (s *Server) writeJSON(c *call, status int, body any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic("httpapi: " + err.Error())
	}
	c.w.WriteHeader(status)
	if _, err := c.w.Write(b.Bytes()); err != nil {
		s.Logger.Debug("could not answer", "request", c.id, "error", err)
	}
}
