package channellayer

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Options are common to all backends. Zero fields mean the defaults, so
// Options{} is useful.
type Options struct {
	// Capacity is how many unread messages a non-local part may hold (all
	// channels of one process with the same prefix together; or one normal
	// channel). Default 8192; channelsredis has Python's default of 100.
	Capacity int

	// CapacityBytes bounds the unread messages of a non-local part by size as
	// well; a message shared by several channels counts once. Default 64 MiB.
	CapacityBytes int

	// Rules override Capacity for the channels they match; the first match
	// wins. See CapacityRule.
	Rules []CapacityRule

	// MaxMessageBytes is the largest Message.Size. Default 1 MiB.
	MaxMessageBytes int

	// Expiry is the age at which an unread message is dropped. Default 60 s.
	Expiry time.Duration

	// GroupExpiry is the lease of a membership, which the backend renews every
	// quarter of it. Default 24 h.
	GroupExpiry time.Duration

	// MaxChannels and MaxGroups bound what this process can open and be a
	// member of. Default 1,048,576 each.
	MaxChannels, MaxGroups int

	// AllowFlush lets Flush work. For tests.
	AllowFlush bool

	// Now is the clock; default time.Now.
	Now func() time.Time

	// Random is where names come from; default crypto/rand.
	Random io.Reader

	// Logger gets changes of the connection's state and refused input, never
	// content. Default: nothing is logged.
	Logger *slog.Logger
}

// Defaults of Options.
const (
	DefaultCapacity        = 8192
	DefaultCapacityBytes   = 64 << 20
	DefaultMaxMessageBytes = 1 << 20
	DefaultExpiry          = time.Minute
	DefaultGroupExpiry     = 24 * time.Hour
	defaultMaxNames        = 1 << 20
)

// WithDefaults returns o with zero fields filled in, or an error if a field is
// negative or a rule does not compile. Backends call it in their constructors.
func (o Options) WithDefaults() (Options, error) {
	for _, n := range []int{o.Capacity, o.CapacityBytes, o.MaxMessageBytes, o.MaxChannels, o.MaxGroups, int(o.Expiry), int(o.GroupExpiry)} {
		if n < 0 {
			return o, fmt.Errorf("channellayer: negative limit %d in options", n)
		}
	}
	for _, r := range o.Rules {
		if r.pattern == nil || r.capacity < 1 {
			return o, fmt.Errorf("channellayer: capacity rule was not made by Glob or Regexp")
		}
	}
	o.fillLimits()
	o.fillParts()
	return o, nil
}

func (o *Options) fillLimits() {
	fill(&o.Capacity, DefaultCapacity)
	fill(&o.CapacityBytes, DefaultCapacityBytes)
	fill(&o.MaxMessageBytes, DefaultMaxMessageBytes)
	fill(&o.MaxChannels, defaultMaxNames)
	fill(&o.MaxGroups, defaultMaxNames)
	fill(&o.Expiry, DefaultExpiry)
	fill(&o.GroupExpiry, DefaultGroupExpiry)
}

func (o *Options) fillParts() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

func fill[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// CheckMessage returns nil if m may be sent under these options, else an error
// that wraps ErrBadMessage or ErrTooLarge.
func (o *Options) CheckMessage(m Message) error {
	if err := m.Err(); err != nil {
		return err
	}
	if size := m.Size(); size > o.MaxMessageBytes {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, size, o.MaxMessageBytes)
	}
	return nil
}

// CapacityOf returns the capacity for messages to a channel.
func (o *Options) CapacityOf(channel string) int {
	for i := range o.Rules {
		if o.Rules[i].pattern.MatchString(channel) {
			return o.Rules[i].capacity
		}
	}
	return o.Capacity
}

// Traits returns the Traits of a backend that runs under these options.
func (o *Options) Traits(backend string, x Extension) Traits {
	return Traits{
		Backend: backend, Extensions: x, Capacity: o.Capacity, MaxMessageBytes: o.MaxMessageBytes,
		Expiry: o.Expiry, GroupExpiry: o.GroupExpiry,
	}
}
