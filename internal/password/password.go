// Package password turns passwords into strings that can be stored, and
// compares passwords with such strings.
//
// It owns the choice of hash (argon2id), the reading of old ones (Django's
// PBKDF2), the queue that keeps log-ins from taking all memory and processor,
// the policy of what is a good enough password, and generated pass-phrases. It
// knows neither users nor storage, and never logs.
//
// A password is text. Before hashing it is prepared as the OpaqueString
// profile of PRECIS (RFC 8265) maps it: composed to NFC, every kind of space
// becomes a plain one. Nothing is trimmed, and case is kept.
package password

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Limits of a new password, whatever the policy says. An old one is compared
// up to MaxBytes, however many characters that is.
const (
	MaxCharacters = 128
	MaxBytes      = 512
)

// maxEncodedLength bounds what is looked at of a stored string, in bytes.
const maxEncodedLength = 512

// ErrEncoding means that a stored string is neither empty nor a hash that this
// package verifies: damaged, of an unknown kind, or asking for more work or
// memory than is allowed. No password matches it.
var ErrEncoding = errors.New("password: stored hash is not recognised")

// Kind says what a stored string is.
type Kind int

// The kinds of stored strings.
const (
	Unrecognised Kind = iota // matches no password; import the user without one
	None                     // no password is set (empty, or Django's "!" marker)
	Argon2id                 // our own
	Django                   // pbkdf2_sha256, verified and then hashed anew
)

// Recognise reports what a stored string is, without doing any of its work.
// Strings that ask for more than the limits are Unrecognised.
func Recognise(encoded string) Kind {
	if encoded == "" || encoded[0] == '!' {
		return None
	}
	if len(encoded) > maxEncodedLength {
		return Unrecognised
	}
	if _, err := parseArgon2id(encoded); err == nil {
		return Argon2id
	}
	if _, err := parseDjango(encoded); err == nil {
		return Django
	}
	return Unrecognised
}

// Usable reports whether some password can match the stored string.
func Usable(encoded string) bool {
	kind := Recognise(encoded)
	return kind == Argon2id || kind == Django
}

// NeedsRehash reports whether a usable stored string was made in another way
// than Hash makes them now. It is to be replaced when its password is at hand.
func NeedsRehash(encoded string) bool {
	hash, err := parseArgon2id(encoded)
	return err != nil || hash.cost != currentCost ||
		len(hash.salt) != saltLength || len(hash.sum) != sumLength
}

// prepare gives the one form of a password that is hashed.
func prepare(password string) string {
	return norm.NFC.String(strings.Map(plainSpace, password))
}

func plainSpace(r rune) rune {
	if r != ' ' && unicode.Is(unicode.Zs, r) {
		return ' '
	}
	return r
}
