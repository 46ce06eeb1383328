package channellayer

import (
	"context"
	"fmt"
	"time"
)

// Layer is the contract. Implementations are safe for concurrent use.
//
// Every method that takes a context returns when the context ends, with its
// error, or at the backend's own deadline with [ErrUnavailable], whichever is
// first. After Shutdown every method returns [ErrClosed].
type Layer interface {
	// NewChannel makes a specific channel of this process and returns its
	// name: "<prefix>.<32 hex digits of the process>!<id>". An empty prefix
	// stands for "parley". Few different prefixes should be used: each has a
	// capacity of its own. Errors: ErrBadName, ErrTooMany, ErrUnavailable.
	NewChannel(ctx context.Context, prefix string) (string, error)

	// Send puts m into a channel. It never waits for a reader. Sending to a
	// specific channel that nobody has open is not an error; the message is
	// dropped and counted with reason NoReader. Errors: ErrBadName,
	// ErrBadMessage, ErrTooLarge, ErrFull, ErrUnavailable.
	Send(ctx context.Context, channel string, m Message) error

	// Receive waits for the next message of a channel and says which channel
	// it was sent to. The argument is a normal channel, a specific channel of
	// this process, or the non-local part of one, which stands for all
	// channels of this process that begin with it. A message is either
	// returned or stays where it is: a Receive that is cancelled takes none
	// away. Errors: ErrBadName, ErrNoChannel, ErrUnavailable.
	Receive(ctx context.Context, channel string) (string, Message, error)

	// Close ends a specific channel of this process: it leaves all its groups,
	// waiting Receive calls return ErrNoChannel, and messages that nobody has
	// read are dropped and counted. Closing a channel that is not open does
	// nothing. Errors: ErrBadName.
	Close(ctx context.Context, channel string) error

	// GroupAdd puts a channel into a group; again is allowed and renews the
	// lease. What is sent to the group after GroupAdd has returned nil reaches
	// the channel. With ErrUnavailable an own channel is a member nevertheless:
	// it gets what this process sends, and the backend makes the membership
	// known to the others as soon as it can. Errors: ErrBadName, ErrNoChannel,
	// ErrTooMany, ErrUnsupported (see AnyMember), ErrUnavailable.
	GroupAdd(ctx context.Context, group, channel string) error

	// GroupDiscard takes a channel out of a group. A channel that is not in it
	// is no error. Errors: ErrBadName, ErrUnsupported, ErrUnavailable.
	GroupDiscard(ctx context.Context, group, channel string) error

	// GroupSend puts m into every channel of the group. Channels that are full
	// are passed over and counted, so it never returns ErrFull. With
	// ErrUnavailable the members in this process have got the message and
	// others may have. Errors: ErrBadName, ErrBadMessage, ErrTooLarge,
	// ErrUnavailable.
	GroupSend(ctx context.Context, group string, m Message) error

	// Flush empties the layer: messages, groups, and what the backend keeps
	// outside of the process under its prefix, other programs' included. It is
	// for tests, and returns ErrRefused unless Options.AllowFlush is set.
	Flush(ctx context.Context) error

	// Shutdown leaves all groups, closes all channels, and ends the backend's
	// connections and goroutines. It returns when that is done or ctx ends.
	// A second call does nothing.
	Shutdown(ctx context.Context) error

	// Traits tells what this backend can do and the limits it keeps. They do
	// not change.
	Traits() Traits

	// Stats is a snapshot of the counters, cheap enough to be read at will.
	Stats() Stats
}

// Traits describe a backend.
type Traits struct {
	Backend         string        // "memory", "redis", "channels_redis core", …
	Extensions      Extension     // what works here
	Capacity        int           // messages waiting per non-local part, unless a rule says otherwise
	MaxMessageBytes int           // above it: ErrTooLarge
	Expiry          time.Duration // age at which a message is dropped
	GroupExpiry     time.Duration // lease of a group membership
}

// Extension is a set of things that not every backend can do.
type Extension uint

// The extensions.
const (
	Groups         Extension = 1 << iota // GroupAdd, GroupDiscard, GroupSend
	Flushing                             // Flush
	NormalChannels                       // names without an exclamation mark as shared queues
	AnyMember                            // GroupAdd of normal channels and of other processes' channels
	ReportsFull                          // Send returns ErrFull for channels of other processes too
)

var extensionNames = [...]string{"groups", "flush", "normal channels", "any member", "reports full"}

// String lists the names of the extensions in x, for messages to people.
func (x Extension) String() string {
	text := ""
	for i, name := range extensionNames {
		if x&(1<<i) == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += name
	}
	return text
}

// Require returns an error that wraps ErrUnsupported if l lacks any of the
// extensions. Programs call it once at start.
func Require(l Layer, want Extension) error {
	traits := l.Traits()
	if lacks := want &^ traits.Extensions; lacks != 0 {
		return fmt.Errorf("%w: %s lacks %s", ErrUnsupported, traits.Backend, lacks)
	}
	return nil
}
