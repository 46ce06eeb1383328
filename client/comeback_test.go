package client

import (
	"errors"
	"io"
	"testing"
	"time"
)

func TestAClientComesBackForTheReasonsThatTheProtocolNames(t *testing.T) {
	refused := func(status, retryAfter int) error {
		e := &Error{Problem{Status: status}}
		e.RetryAfter = retryAfter
		return e
	}
	for _, c := range []struct {
		why   error
		final bool
		pause time.Duration
	}{
		{why: io.EOF},
		{why: errHole},
		{why: &Closed{Code: 1012, Reason: "restarting"}},
		{why: &Closed{Code: 4008, Reason: "slow, resume"}},
		{why: &Closed{Code: 4010}},
		{why: &Closed{Code: 1011}, pause: time.Second},
		{why: &Closed{Code: 1013, Reason: "retry=7"}, pause: 7 * time.Second},
		{why: &Closed{Code: 4029, Reason: "retry=99999999"}, pause: maxPause},
		{why: &Closed{Code: 4029, Reason: "retry=soon"}},
		{why: refused(503, 2), pause: 2 * time.Second},
		{why: refused(429, 60), pause: time.Minute},
		{why: &Closed{Code: 1000}, final: true},
		{why: &Closed{Code: 1002}, final: true},
		{why: &Closed{Code: 1008}, final: true},
		{why: &Closed{Code: 4001}, final: true},
		{why: &Closed{Code: 4003}, final: true},
		{why: refused(401, 0), final: true},
		{why: refused(421, 0), final: true},
	} {
		if got := final(c.why); (got != nil) != c.final || (got != nil && !errors.Is(got, c.why)) {
			t.Errorf("%v: final %v", c.why, got)
		}
		if got := askedPause(c.why); got != c.pause {
			t.Errorf("%v: pause %v, want %v", c.why, got, c.pause)
		}
	}
}
