package client

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// The wait between two tries grows from the short to the long pause.
const (
	shortPause = 50 * time.Millisecond
	longPause  = 5 * time.Second
	patience   = 10 * time.Second // with one try
	maxPause   = 5 * time.Minute  // that a server may ask for
)

// final gives the error if there is no use in coming back after it.
func final(err error) error {
	var refused *Error
	if errors.As(err, &refused) && !refused.Temporary() {
		return err
	}
	var closed *Closed
	if errors.As(err, &closed) && !comesBack[wire.CloseCode(closed.Code)] {
		return err
	}
	return nil
}

// comesBack are the codes after which a client connects again.
var comesBack = map[wire.CloseCode]bool{
	wire.CloseRestart:     true,
	wire.CloseSlow:        true,
	wire.CloseNoHeartbeat: true,
	wire.CloseInternal:    true,
	wire.CloseOverloaded:  true,
	wire.CloseTooMany:     true,
}

// askedPause is how long the server asked to stay away; 0 if it did not.
func askedPause(err error) time.Duration {
	var refused *Error
	if errors.As(err, &refused) {
		return min(time.Duration(refused.RetryAfter)*time.Second, maxPause)
	}
	var closed *Closed
	if !errors.As(err, &closed) {
		return 0
	}
	if text, told := strings.CutPrefix(closed.Reason, "retry="); told {
		seconds, _ := strconv.Atoi(text) // 0 is as good as none
		return min(time.Duration(seconds)*time.Second, maxPause)
	}
	if wire.CloseCode(closed.Code) == wire.CloseInternal {
		return time.Second
	}
	return 0
}

// wait passes time unless ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
