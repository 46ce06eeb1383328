// Package usage answers how much of the limits was used up on other nodes. It
// owns the messages about that: what is in them, how often they are sent, and
// whom to believe. What a limit is, it leaves to package ratelimit.
//
// Nothing waits for it. A node that hears nothing limits by itself, and what
// is told late or lost only makes limits a little wider.
package usage

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/ratelimit"
	"github.com/parley-chat/parley/internal/seal"
)

const (
	group     = "parley.limits" // of the layer; every node is in it
	every     = 250 * time.Millisecond
	sendWait  = 2 * time.Second
	maxKeys   = 1000 // in one message
	maxHeard  = 1000 // other nodes that are remembered
	retryWait = time.Second
)

// Options say what a Sharer is made of.
type Options struct {
	Layer  channellayer.Layer
	Seal   seal.Key                    // nodes know each other by it
	Limits map[string]ratelimit.Shared // by names that are the same on all nodes
	Clock  func() time.Time            // of what is charged
	Logger *slog.Logger                // never gets a key: they are people's names and addresses
}

// Sharer tells the other nodes what is let through on this one, and charges
// here what they tell. Make it by Start.
type Sharer struct {
	Options
	channel string // our mailbox; others know us by its name
	urgent  chan struct{}
	stop    context.CancelFunc
	running sync.WaitGroup

	forged atomic.Uint64

	number uint64            // of our latest message; the goroutine tellEvery owns it
	heard  map[string]uint64 // number of each other node's latest; the goroutine receive owns it
	warn   int64             // state of warnings; the goroutine receive owns it
}

// Start opens a mailbox and begins to share, before the limits are in use. A
// layer that is away is no error. Close ends it.
func Start(ctx context.Context, o Options) (*Sharer, error) {
	s := &Sharer{Options: o, urgent: make(chan struct{}, 1), heard: map[string]uint64{}}
	var err error
	if s.channel, err = s.Layer.NewChannel(ctx, group); err != nil {
		return nil, err
	}
	if err = s.Layer.GroupAdd(ctx, group, s.channel); err != nil && !errors.Is(err, channellayer.ErrUnavailable) {
		return nil, err
	}
	for _, limit := range s.Limits {
		limit.Gather(s.urgent)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.running.Go(func() { s.tellEvery(running) })
	s.running.Go(func() { s.receive(running) })
	return s, nil
}

// Close ends the sharing and gives the mailbox back. Limits go on by
// themselves.
func (s *Sharer) Close() {
	s.stop()
	s.running.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), sendWait)
	defer cancel()
	_ = s.Layer.Close(ctx, s.channel) // a layer that is gone has closed it
}

// tellEvery tells what is new, at once if that is urgent. Started by Start,
// ended by Close.
func (s *Sharer) tellEvery(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-s.urgent:
		case <-ctx.Done():
			return
		}
		for _, name := range slices.Sorted(maps.Keys(s.Limits)) {
			if uses := s.Limits[name].Unshared(maxKeys); len(uses) > 0 {
				s.tell(ctx, name, uses)
			}
		}
	}
}

// tell sends one message. One that does not get off is lost: later it would
// speak of what is long over.
func (s *Sharer) tell(ctx context.Context, limit string, uses []ratelimit.Use) {
	s.number++
	m, err := s.message(news{Number: s.number, Limit: limit, Uses: packed(uses)})
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, sendWait)
		defer cancel()
		err = s.Layer.GroupSend(ctx, group, m)
	}
	if err != nil {
		s.Logger.Debug("other nodes were not told what was counted", "limit", limit, "keys", len(uses), "error", err)
	}
}

// receive hears the other nodes. Started by Start, ended by Close.
func (s *Sharer) receive(ctx context.Context) {
	for {
		_, m, err := s.Layer.Receive(ctx, s.channel)
		switch {
		case ctx.Err() != nil || errors.Is(err, channellayer.ErrClosed):
			return
		case err != nil:
			s.Logger.Warn("nothing is heard of what other nodes count", "error", err)
			pause(ctx, retryWait)
		default:
			s.hear(m)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// hear charges what another node has told; our own messages come back to us
// too. Whoever can write to the layer can say anything and say it again, so
// only what a node with our key has made counts, and only once.
func (s *Sharer) hear(m channellayer.Message) {
	from, _ := m.Text("node")
	if from == s.channel {
		return
	}
	n, err := s.newsIn(m, from)
	if err != nil {
		s.warnOf(err)
		return
	}
	if n.Number <= s.heard[from] {
		s.warnOf(errRepeated)
		return
	}
	if len(s.heard) >= maxHeard {
		clear(s.heard) // so many have come and gone; a repetition would count once
	}
	s.heard[from] = n.Number
	limit, ok := s.Limits[n.Limit]
	if !ok {
		return // switched off here, or of another version
	}
	now := s.Clock()
	for _, use := range n.Uses[:min(len(n.Uses), maxKeys)] {
		limit.Charge(use.unpacked(), now)
	}
}

var errRepeated = errors.New("it was sent before")

// Forged counts the messages that no other node has sent, or not just now.
func (s *Sharer) Forged() uint64 { return s.forged.Load() }

// warnOf counts a message that was not believed, and logs it, once a minute at
// most.
func (s *Sharer) warnOf(err error) {
	s.forged.Add(1)
	if ok, _ := ratelimit.PerMinute(1).Allow(&s.warn, s.Clock(), 1); ok {
		s.Logger.Warn("a message about limits was not believed", "error", err)
	}
}
