//go:build !linux

package bench

import (
	"context"
	"errors"
	"io"
)

// errSystem refuses other systems: the light client is made of epoll.
var errSystem = errors.New("parley bench works on Linux only")

// Run needs Linux.
func Run(context.Context, Options, ...Scenario) (Report, error) { return Report{}, errSystem }

// Series needs Linux.
func Series(context.Context, Options, int, string) (*SeriesResult, error) { return nil, errSystem }

// Floor needs Linux.
func Floor(context.Context, FloorOptions, io.Writer) error { return errSystem }
