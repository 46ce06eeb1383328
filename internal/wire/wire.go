// Package wire is what clients and server say to each other: the JSON of the
// HTTP API and of the socket, in and out, and the numbers of refusals. It
// knows no transport and decides nothing.
//
// Everything here is public: docs/protocol.md describes it, other people's
// programs rely on it, and it changes only by adding.
package wire

//go:generate go run ./tsgen . ../../web/src/wire/protocol.ts

import (
	"strconv"
	"time"
)

// Subprotocol is what a socket must ask for.
const Subprotocol = "parley.v1"

// timeLayout is RFC 3339 in UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Time is an instant as clients get it: RFC 3339 in UTC with milliseconds.
type Time struct{ time.Time }

// MarshalJSON writes the instant.
func (t Time) MarshalJSON() ([]byte, error) { return appendTime(nil, t.Time), nil }

// UnmarshalJSON reads RFC 3339.
func (t *Time) UnmarshalJSON(b []byte) error {
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return err
	}
	t.Time, err = time.Parse(time.RFC3339, s)
	return err
}

// timePtr gives nil for the zero time, so that the field is left out.
func timePtr(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	return &Time{t}
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, timeLayout)
	return append(dst, '"')
}
