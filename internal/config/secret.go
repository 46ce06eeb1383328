package config

import (
	"errors"
	"strings"
)

// A Secret setting may hold a password: it is never shown, and can also be
// read from the file that PARLEY_…_FILE names.
type Secret interface {
	// Hidden stands in its place; empty when nothing is set.
	Hidden() string
}

// Postgres is the address of a database; empty where SQLite is used.
type Postgres string

// UnmarshalText reads postgres://…. What else is wrong with the address shows
// when it is used. The address itself is never repeated.
func (p *Postgres) UnmarshalText(text []byte) error {
	address := string(text)
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return errors.New("must look like postgres://USER:PASSWORD@HOST/DATABASE; leave it out, and SQLite in --data is used")
	}
	*p = Postgres(address)
	return nil
}

// Hidden stands in its place.
func (p Postgres) Hidden() string { return hide(string(p)) }

// Redis is the address of one or several Redis servers. What is wrong with it
// shows when it is used.
type Redis string

// Hidden stands in its place.
func (r Redis) Hidden() string { return hide(string(r)) }

func hide(s string) string {
	if s == "" {
		return ""
	}
	return "(hidden)"
}
