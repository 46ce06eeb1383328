package channellayer

import "errors"

// The errors of every backend; compare with errors.Is. Backends wrap them with
// detail, never with message text and never with a password.
var (
	// ErrFull: the channel's non-local part holds as many unread messages as
	// it may. The message was not taken. Trying again later may succeed.
	ErrFull = errors.New("channellayer: channel is full")

	// ErrTooLarge: the message is larger than Traits.MaxMessageBytes.
	ErrTooLarge = errors.New("channellayer: message is too large")

	// ErrBadName: the name of the channel or group breaks the rules of
	// CheckChannel or CheckGroup.
	ErrBadName = errors.New("channellayer: bad name")

	// ErrBadMessage: the message cannot be sent by any backend; the text says
	// which rule it breaks.
	ErrBadMessage = errors.New("channellayer: bad message")

	// ErrUnavailable: the bus between the processes does not answer in time.
	// Whether others got the message is unknown.
	ErrUnavailable = errors.New("channellayer: unavailable")

	// ErrNoChannel: the specific channel is not open in this process.
	ErrNoChannel = errors.New("channellayer: no such channel here")

	// ErrTooMany: a limit on the number of channels, prefixes or groups is reached.
	ErrTooMany = errors.New("channellayer: too many")

	// ErrUnsupported: this backend cannot do it; see Extension.
	ErrUnsupported = errors.New("channellayer: not supported by this backend")

	// ErrRefused: Flush without Options.AllowFlush.
	ErrRefused = errors.New("channellayer: refused")

	// ErrClosed: the layer has been shut down.
	ErrClosed = errors.New("channellayer: closed")
)
