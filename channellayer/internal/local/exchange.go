// Package local owns the channels and groups of one process: mailboxes, their
// capacity and expiry, and who is in which group. All backends are built on it;
// the in-memory one is hardly more. It knows nothing of any bus.
package local

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

// Exchange is the post office of one process. It is safe for concurrent use.
type Exchange struct {
	Counters channellayer.Counters

	options channellayer.Options
	process string // 32 hex digits
	lastID  atomic.Uint64
	done    chan struct{} // closed by Shutdown

	// mu is taken before any part's lock.
	mu     sync.RWMutex
	boxes  map[string]*box   // guarded by mu; by full name
	parts  map[string]*part  // guarded by mu; by non-local part, specific channels only
	groups map[string]*group // guarded by mu
	closed bool              // guarded by mu
	swept  int               // guarded by mu; boxes left by the last sweep
}

// maxParts bounds the prefixes of NewChannel: each is a queue of its own.
const maxParts = 64

// New returns an empty exchange. Options must have their defaults filled in.
func New(o channellayer.Options) (*Exchange, error) {
	var id [16]byte
	if _, err := io.ReadFull(o.Random, id[:]); err != nil {
		return nil, fmt.Errorf("channellayer: name of the process: %w", err)
	}
	return &Exchange{
		options: o,
		process: hex.EncodeToString(id[:]),
		done:    make(chan struct{}),
		boxes:   make(map[string]*box),
		parts:   make(map[string]*part),
		groups:  make(map[string]*group),
	}, nil
}

// Process returns the 32 hex digits that are part of every specific channel's
// name here.
func (x *Exchange) Process() string { return x.process }

// Done is closed when the exchange is shut down.
func (x *Exchange) Done() <-chan struct{} { return x.done }

// Name returns a fresh name for a specific channel; see Layer.NewChannel.
func (x *Exchange) Name(prefix string) (string, error) {
	if prefix == "" {
		prefix = "parley"
	}
	name := prefix + "." + x.process + "!" + strconv.FormatUint(x.lastID.Add(1), 36)
	if channellayer.CheckGroup(prefix) != nil || channellayer.CheckChannel(name) != nil {
		return "", fmt.Errorf("%w: prefix", channellayer.ErrBadName)
	}
	return name, nil
}

// Open makes the mailbox of a specific channel.
func (x *Exchange) Open(name string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return channellayer.ErrClosed
	}
	if x.boxes[name] != nil {
		return nil
	}
	if x.full() {
		return fmt.Errorf("%w: %d channels", channellayer.ErrTooMany, len(x.boxes))
	}
	key := channellayer.NonLocal(name)
	p := x.parts[key]
	if p == nil {
		if len(x.parts) >= maxParts {
			return fmt.Errorf("%w: %d prefixes", channellayer.ErrTooMany, len(x.parts))
		}
		p = newPart()
		x.parts[key] = p
	}
	x.boxes[name] = newBox(name, p, x.options.CapacityOf(name))
	return nil
}

// NewChannel is Name and Open in one.
func (x *Exchange) NewChannel(prefix string) (string, error) {
	name, err := x.Name(prefix)
	if err != nil {
		return "", err
	}
	return name, x.Open(name)
}

// IsOpen tells whether the specific channel has a mailbox here.
func (x *Exchange) IsOpen(channel string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.boxes[channel] != nil
}

// Close ends a specific channel and returns the groups that lost their last
// member by it.
func (x *Exchange) Close(channel string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	b := x.boxes[channel]
	if b == nil {
		return nil
	}
	delete(x.boxes, channel)
	var emptied []string
	for name, g := range b.groups {
		if x.leave(name, g, b) {
			emptied = append(emptied, name)
		}
	}
	x.end(b)
	return emptied
}

// end closes a box and counts what was in it. Caller holds x.mu.
func (x *Exchange) end(b *box) {
	b.part.mu.Lock()
	dropped := b.end()
	b.part.mu.Unlock()
	x.Counters.Drop(channellayer.DropClosed, dropped)
}

// Clear forgets all messages and memberships; channels stay open. It returns
// the groups that had members.
func (x *Exchange) Clear() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	names := make([]string, 0, len(x.groups))
	for name := range x.groups {
		names = append(names, name)
	}
	clear(x.groups)
	for _, b := range x.boxes {
		clear(b.groups)
		b.part.mu.Lock()
		for b.queue.head != nil {
			b.part.take(b.queue.head)
		}
		b.part.mu.Unlock()
	}
	return names
}

// Shutdown closes everything. It returns false if that was done before.
func (x *Exchange) Shutdown() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return false
	}
	x.closed = true
	close(x.done)
	for _, b := range x.boxes {
		x.end(b)
	}
	clear(x.boxes)
	clear(x.groups)
	return true
}

// Stats returns the counters and what is here now.
func (x *Exchange) Stats() channellayer.Stats {
	s := x.Counters.Snapshot()
	x.mu.RLock()
	defer x.mu.RUnlock()
	s.Channels, s.Groups = len(x.boxes), len(x.groups)
	for _, p := range x.parts {
		s.Waiting += p.length()
	}
	for name, b := range x.boxes {
		if !channellayer.IsSpecific(name) {
			s.Waiting += b.part.length()
		}
	}
	return s
}

func (p *part) length() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// deadline returns now and the time at which a message put in now expires.
func (x *Exchange) deadline() (now, expires time.Time) {
	now = x.options.Now()
	return now, now.Add(x.options.Expiry)
}
