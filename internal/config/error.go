package config

import "errors"

// Error is a setting that cannot be used. The program ends with exit code 2
// and this one line.
type Error struct {
	Setting string // the flag's name without the dashes
	Detail  string // what is wrong and what to do, as the end of a sentence
	Err     error  // the cause, if there is one
}

// Wrong makes an Error without a cause.
func Wrong(setting, detail string) *Error { return &Error{Setting: setting, Detail: detail} }

// Error gives the line.
func (e *Error) Error() string { return "--" + e.Setting + ": " + e.Detail }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// IsWrong reports whether err is a setting's fault.
func IsWrong(err error) bool {
	var wrong *Error
	return errors.As(err, &wrong)
}
