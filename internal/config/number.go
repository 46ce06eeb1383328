package config

import (
	"errors"
	"math"
	"strconv"
)

// Count is a limit: a whole number, 0 for none.
type Count int

// UnmarshalText reads a whole number from 0 to a billion.
func (c *Count) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil || n > 1e9 {
		return errors.New("must be a whole number from 0 (no limit) to 1000000000, not " + strconv.Quote(string(text)))
	}
	*c = Count(n)
	return nil
}

// Rate is a limit per time: a number, 0 for none.
type Rate float64

// UnmarshalText reads a number from 0 to a million.
func (r *Rate) UnmarshalText(text []byte) error {
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > 1e6 {
		return errors.New("must be a number from 0 (no limit) to 1000000, not " + strconv.Quote(string(text)))
	}
	*r = Rate(n)
	return nil
}
