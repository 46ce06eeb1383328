package wire

import (
	"errors"
	"math"

	"github.com/parley-chat/parley/internal/chat"
)

// Problem is a refusal, as RFC 9457 has it (application/problem+json). Code
// is stable; docs/protocol.md lists them all.
type Problem struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail" ts:"?string"` // always there; proxies leave it out
	Code      string       `json:"code"`
	Errors    []FieldError `json:"errors,omitempty"`
	RequestID string       `json:"request_id,omitempty"`

	// RetryAfter is for the header of this name, in seconds; 0 for none.
	RetryAfter int `json:"-"`
}

// FieldError is what is wrong with one field.
type FieldError struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

var kinds = map[chat.Kind]struct {
	status int
	title  string
}{
	chat.Internal:        {500, "Internal error"},
	chat.Invalid:         {400, "Malformed request"},
	chat.Unprocessable:   {422, "Not acceptable as it is"},
	chat.Unauthenticated: {401, "Not signed in"},
	chat.Forbidden:       {403, "Not allowed"},
	chat.NotFound:        {404, "Not found"},
	chat.Conflict:        {409, "Conflict"},
	chat.Gone:            {410, "Gone"},
	chat.TooLarge:        {413, "Too large"},
	chat.TooMany:         {429, "Too many requests"},
	chat.Overloaded:      {503, "Overloaded"},
	chat.Unavailable:     {503, "Unavailable"},
	chat.StorageFull:     {507, "Storage full"},
}

// ProblemOf turns an error into what a client is told. One that is no
// *chat.Error is a defect: the client learns nothing of it but the code
// "internal".
func ProblemOf(err error) Problem {
	var refusal *chat.Error
	if !errors.As(err, &refusal) {
		refusal = &chat.Error{Kind: chat.Internal, Code: "internal", Detail: "Something went wrong on the server. It is in its log under this request's id."}
	}
	kind := kinds[refusal.Kind]
	p := Problem{
		Type: "urn:parley:problem:" + refusal.Code, Title: kind.title, Status: kind.status,
		Detail: refusal.Detail, Code: refusal.Code,
		RetryAfter: int(math.Ceil(refusal.RetryAfter.Seconds())),
	}
	for _, f := range refusal.Fields {
		p.Errors = append(p.Errors, FieldError(f))
	}
	return p
}
