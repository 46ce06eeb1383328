package password

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultMinimum is the least number of characters unless set otherwise; a
// setting may choose from LowestMinimum to HighestMinimum.
const (
	DefaultMinimum = 10
	LowestMinimum  = 8
	HighestMinimum = 64
)

// Reason says which rule a password breaks. The values are stable: clients see
// them as codes.
type Reason string

// The rules of Check.
const (
	TooShort   Reason = "password_too_short"
	TooLong    Reason = "password_too_long"
	NotText    Reason = "password_not_text"
	Common     Reason = "password_common"
	SameAsName Reason = "password_same_as_name"
)

// Problem is the error of Check. It never contains the password.
type Problem struct {
	Reason  Reason
	Minimum int // characters asked for, with TooShort
}

// Error returns one sentence for the person who chose the password.
func (p *Problem) Error() string {
	switch p.Reason {
	case TooShort:
		return fmt.Sprintf("Use at least %d characters.", p.Minimum)
	case TooLong:
		return fmt.Sprintf("Use at most %d characters.", MaxCharacters)
	case NotText:
		return "Use letters, digits, spaces and symbols only."
	case SameAsName:
		return "Choose a password that is not your name or that of this place."
	}
	return "This password is among the first that somebody would guess."
}

// Check reports whether a new password is good enough: at least minimum
// characters (0 means DefaultMinimum), within the limits, not one that
// everybody guesses first, and not merely one of the context words (user name,
// workspace) with digits or symbols around it. There are no rules about kinds
// of characters. The error is a *Problem.
func Check(password string, minimum int, context ...string) error {
	if minimum <= 0 {
		minimum = DefaultMinimum
	}
	if problem := checkForm(password, minimum); problem != nil {
		return problem
	}
	prepared := prepare(password)
	if isNamed(prepared, context) {
		return &Problem{Reason: SameAsName}
	}
	if isCommon(prepared) {
		return &Problem{Reason: Common}
	}
	return nil
}

// checkForm returns an untyped nil when the form is right.
func checkForm(password string, minimum int) error {
	if len(password) > MaxBytes {
		return &Problem{Reason: TooLong}
	}
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return &Problem{Reason: NotText}
	}
	switch characters := utf8.RuneCountInString(prepare(password)); {
	case characters > MaxCharacters:
		return &Problem{Reason: TooLong}
	case characters < minimum:
		return &Problem{Reason: TooShort, Minimum: minimum}
	}
	return nil
}

// isNamed reports whether the password is one of the names, repeated or not,
// with nothing but digits and symbols beside it.
func isNamed(password string, names []string) bool {
	lower := strings.ToLower(password)
	for _, name := range names {
		name = strings.ToLower(prepare(name))
		if name == "" {
			continue
		}
		if lower == name {
			return true
		}
		if utf8.RuneCountInString(name) < 3 {
			continue
		}
		for _, form := range unleeted(lower) {
			rest := strings.ReplaceAll(form, name, "")
			if rest != form && !strings.ContainsFunc(rest, unicode.IsLetter) {
				return true
			}
		}
	}
	return false
}
