package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// Refusals that are born at the door.
var (
	errPanic        = errors.New("httpapi: panic")
	errCrossSite    = &chat.Error{Kind: chat.Forbidden, Code: "cross_site", Detail: "This request came from another site. If this is your own server behind a proxy, start it with --public-url and the address that people type."}
	errOrigin       = &chat.Error{Kind: chat.Forbidden, Code: "bad_origin", Detail: "A socket may be opened only by this server's own pages. If this is one of them, start the server with --public-url and the address that people type."}
	errTooLarge     = &chat.Error{Kind: chat.TooLarge, Code: "too_large", Detail: "The request's body is larger than 128 KiB."}
	errSlowBody     = &chat.Error{Kind: chat.Invalid, Code: "incomplete_body", Detail: "The request's body did not arrive whole."}
	errNoSuchCall   = &chat.Error{Kind: chat.NotFound, Code: "not_found", Detail: "There is no such call. The calls are listed in docs/protocol.md."}
	errTimeout      = &chat.Error{Kind: chat.Overloaded, Code: "overloaded", Detail: "The server took too long. Try again in a moment.", RetryAfter: time.Second}
	errMetricsAdmin = &chat.Error{Kind: chat.Forbidden, Code: "admins_only", Detail: "From another machine, metrics are told to administrators only."}
)

// Refusals that have no kind of their own, since no rule of chat gives rise
// to them: the number of HTTP stands beside.
var (
	errMisdirected = &transportError{http.StatusMisdirectedRequest, "Misdirected request", "unknown_host", ""}
	errMethod      = &transportError{http.StatusMethodNotAllowed, "Method not allowed", "method_not_allowed", "The Allow header names what this address understands."}
	errMediaType   = &transportError{http.StatusUnsupportedMediaType, "Unsupported media type", "unsupported_media_type", "Send the body as Content-Type: application/json, without a Content-Encoding."}
)

type transportError struct {
	status int
	title  string
	code   string
	detail string
}

func (e *transportError) Error() string { return e.code + ": " + e.detail }

// refuse answers with an error. It is the one place where errors become
// responses.
func (s *Server) refuse(c *call, err error) {
	p := problemOf(err)
	p.RequestID = c.id
	if p.Status == http.StatusInternalServerError && !errors.Is(err, errPanic) {
		s.Logger.Error("a request failed", "request", c.id, "route", c.Pattern, "error", err)
	}
	header := c.w.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		s.askForSignIn(c)
	}
	s.writeJSON(c, p.Status, p)
}

func problemOf(err error) wire.Problem {
	var transport *transportError
	switch {
	case errors.As(err, &transport):
		return wire.Problem{
			Type: "urn:parley:problem:" + transport.code, Title: transport.title,
			Status: transport.status, Detail: transport.detail, Code: transport.code,
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return wire.ProblemOf(errTimeout)
	}
	return wire.ProblemOf(err)
}
