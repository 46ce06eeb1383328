package node

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/bridge"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/metrics"
	"github.com/parley-chat/parley/internal/store"
)

// bridgeEnd is how long leaving the groups of Django may take.
const bridgeEnd = 500 * time.Millisecond

// openDjango joins rooms to groups of a Django Channels application, if the
// settings ask for it. A Redis of the application that does not answer is no
// error.
func (n *Node) openDjango(ctx context.Context) error {
	d := n.settings.Django
	if len(d.Channels) == 0 {
		return nil
	}
	mark, err := n.store.KeepSetting(ctx, store.SettingBridge, rand.Text())
	if err != nil {
		return err
	}
	b, err := bridge.New(ctx, bridge.Options{
		Service: n.service, Logger: n.log, Mark: mark, Shared: n.settings.Redis != "" || n.settings.Database != "",
		URLs: d.Channels, Mode: bridge.Mode(d.Mode), Prefix: d.Prefix, Keys: d.Keys, Rooms: bridged(d.Rooms),
	})
	if err != nil {
		return wrongDjango(err)
	}
	n.bridge.Store(b)
	n.closers = append(n.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), bridgeEnd)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			n.log.Warn("could not leave the groups of Django", "error", err)
		}
		return nil
	})
	return nil
}

func bridged(pairs config.Pairs) []bridge.Room {
	rooms := make([]bridge.Room, len(pairs))
	for i, pair := range pairs {
		rooms[i] = bridge.Room(pair)
	}
	return rooms
}

// wrongDjango says what is the matter with the address, which is not shown: it
// may have a password in it.
func wrongDjango(err error) *config.Error {
	return &config.Error{Setting: "django-channels", Detail: strings.TrimPrefix(err.Error(), "redis: ") + ".", Err: err}
}

// measureDjango shows the numbers of the bridge.
func measureDjango(m *metrics.Metrics, b *bridge.Bridge) {
	for _, gauge := range bridgeGauges {
		m.Gauge(gauge.name, gauge.help, func() float64 { return gauge.read(b.Stats()) })
	}
	for _, counter := range bridgeCounters {
		m.Counter(counter.name, counter.help, func() float64 { return counter.read(b.Stats()) })
	}
	for _, reason := range bridge.Reasons() {
		m.LabelledCounter("parley_django_drops_total", "Messages that did not cross the bridge to Django, by reason.",
			"reason", reason, func() float64 { return float64(b.Stats().Drops[reason]) })
	}
}

type bridgeNumber struct {
	name, help string
	read       func(bridge.Stats) float64
}

var bridgeGauges = []bridgeNumber{
	{"parley_django_up", "1 while the Redis of the Django application answers.", func(s bridge.Stats) float64 { return oneIf(s.Up) }},
	{"parley_django_listens", "1 while this node takes what comes from Django.", func(s bridge.Stats) float64 { return oneIf(s.Listens) }},
	{"parley_django_rooms", "Rooms that are joined to groups.", func(s bridge.Stats) float64 { return float64(s.Rooms) }},
}

var bridgeCounters = []bridgeNumber{
	{"parley_django_sent_total", "Messages sent to Django.", func(s bridge.Stats) float64 { return float64(s.Sent) }},
	{"parley_django_received_total", "Messages from Django that were said in a room.", func(s bridge.Stats) float64 { return float64(s.Received) }},
	{"parley_django_echoes_total", "Own messages that came back and were ignored.", func(s bridge.Stats) float64 { return float64(s.Echoes) }},
	{"parley_django_others_total", "Messages of other types that were ignored.", func(s bridge.Stats) float64 { return float64(s.Others) }},
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
