package bridge

import (
	"log/slog"
	"sync/atomic"

	"github.com/parley-chat/parley/channellayer"
)

// drop is a reason for which a message did not cross.
type drop uint8

const (
	dropMalformed drop = iota // from Django, without text or name
	dropBlank                 // from Django, with nothing to be seen
	dropIdle                  // from Django, when this node was not to listen
	dropRefused               // from Django, refused by the room
	dropLate                  // from Django, neither said nor refused for long
	dropOverflow              // to Django, the queue was full
	dropUnsent                // to Django, Redis did not take it
	drops                     // how many there are; also: no reason
)

var dropNames = [drops]string{"malformed", "blank", "idle", "refused", "late", "overflow", "unsent"}

// counters count since the bridge was made.
type counters struct {
	sent, received, echoes, others atomic.Uint64
	dropped                        [drops]atomic.Uint64
}

func (c *counters) drop(d drop) { c.dropped[d].Add(1) }

// Stats is a snapshot of what a bridge has done since it was made.
type Stats struct {
	Up      bool // Redis answers
	Listens bool // this node says what comes from Django
	Rooms   int  // that exist

	Sent     uint64 // messages handed to Redis for Django
	Received uint64 // messages from Django that were said
	Echoes   uint64 // own ones that came back and were ignored
	Others   uint64 // messages of other types, ignored

	// Drops are the messages that did not cross, by reason; every reason is
	// present. Those that the channel layer dropped begin with "layer_".
	Drops map[string]uint64
}

// Stats gives a snapshot.
func (b *Bridge) Stats() Stats {
	layer := b.layer.Stats()
	s := Stats{
		Up: layer.Up, Listens: layer.Up && b.listens(), Rooms: len(b.routes.Load().groups),
		Sent: b.counts.sent.Load(), Received: b.counts.received.Load(),
		Echoes: b.counts.echoes.Load(), Others: b.counts.others.Load(),
		Drops: map[string]uint64{},
	}
	for i, name := range dropNames {
		s.Drops[name] = b.counts.dropped[i].Load()
	}
	for reason, n := range layer.Drops {
		if reason != channellayer.DropUnavailable { // ours, too
			s.Drops["layer_"+reason.String()] = n
		}
	}
	return s
}

// Reasons are the keys of Stats.Drops.
func Reasons() []string {
	reasons := append([]string(nil), dropNames[:]...)
	for _, reason := range channellayer.Reasons() {
		if reason != channellayer.DropUnavailable {
			reasons = append(reasons, "layer_"+reason.String())
		}
	}
	return reasons
}

// State is how the bridge is, in a word for people: "ok", "away" while Redis
// does not answer, "waiting" while none of the rooms exists (or nobody has an
// account), or "standby" while another node listens.
func (b *Bridge) State() string {
	switch s := b.Stats(); {
	case !s.Up:
		return "away"
	case s.Rooms == 0:
		return "waiting"
	case !s.Listens:
		return "standby"
	}
	return "ok"
}

// tellDrops logs what was dropped since the last round.
func (b *Bridge) tellDrops() {
	var news []any
	for i, name := range dropNames {
		n := b.counts.dropped[i].Load()
		if n > b.told[i] {
			news = append(news, slog.Uint64(name, n-b.told[i]))
		}
		b.told[i] = n
	}
	if len(news) > 0 {
		b.log.Warn("bridge to Django dropped messages", news...)
	}
}
