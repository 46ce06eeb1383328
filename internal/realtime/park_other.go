//go:build !linux

package realtime

import (
	"context"
	"errors"
)

// parking is for Linux only.
type parking struct{}

func newParking() (*parking, error) { return nil, errors.ErrUnsupported }

func (*parking) run(context.Context) error { return nil }
func (*parking) close()                    {}
func (*parking) retire() []*conn           { return nil }
func (*parking) admit(*conn) bool          { return false }
func (*parking) arm(*conn) bool            { return false }
func (*parking) forget(*conn)              {}
