package config

import "errors"

// A Secret setting may hold a password: it is never shown, and can also be
// read from the file that PARLEY_…_FILE names.
type Secret interface {
	// Hidden stands in its place; empty when nothing is set.
	Hidden() string
}

// Postgres is the address of a database.
type Postgres string

// UnmarshalText refuses every address until PostgreSQL is supported.
func (*Postgres) UnmarshalText([]byte) error {
	return errors.New("PostgreSQL is not supported yet; leave this setting out, and SQLite in --data is used")
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
