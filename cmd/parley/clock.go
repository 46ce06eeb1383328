package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/config"
)

// wrongClock is a clock that is wrong on purpose, by as much as a file says,
// which may change at any time. parley prove lets the clocks of its nodes jump
// by it. The zero value is right.
type wrongClock struct {
	path string
	by   atomic.Int64 // nanoseconds
}

// lookEvery is how often the file is read: a jump is seen after that long.
const lookEvery = 20 * time.Millisecond

// follow begins to go wrong as the file at path says, and goes on so until
// ctx ends.
func (c *wrongClock) follow(ctx context.Context, path string) error {
	c.path = path
	if err := c.look(); err != nil {
		return config.Wrong(clockFlag, err.Error()+".")
	}
	go func() { // ends with ctx
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				_ = c.look() // what cannot be read now keeps its last value
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}

// look reads the file. One that is missing says that the clock is right.
func (c *wrongClock) look() error {
	text, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	by, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("%s must hold a length of time such as -1h30m", c.path)
	}
	c.by.Store(int64(by))
	return nil
}

func (c *wrongClock) now() time.Time { return time.Now().Add(time.Duration(c.by.Load())) }
