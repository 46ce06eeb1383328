package node

import (
	"github.com/parley-chat/parley/internal/metrics"
	"github.com/parley-chat/parley/internal/realtime"
)

// measure shows the parts' numbers. Each scrape takes one snapshot for each
// of them; they are cheap.
func (n *Node) measure(m *metrics.Metrics) {
	m.Counter("parley_events_committed_total", "Events of rooms that were committed.",
		func() float64 { return float64(n.events.Load()) })
	for _, gauge := range hubGauges {
		m.Gauge(gauge.name, gauge.help, func() float64 { return gauge.read(n.hub.Stats()) })
	}
	for _, counter := range hubCounters {
		m.Counter(counter.name, counter.help, func() float64 { return counter.read(n.hub.Stats()) })
	}
}

type hubNumber struct {
	name, help string
	read       func(realtime.Stats) float64
}

var hubGauges = []hubNumber{
	{"parley_connections", "Sockets that are open.", func(s realtime.Stats) float64 { return float64(s.Connections) }},
	{"parley_active_rooms", "Rooms that somebody connected is in, or was lately.", func(s realtime.Stats) float64 { return float64(s.Rooms) }},
	{"parley_laggards", "Connections that are behind.", func(s realtime.Stats) float64 { return float64(s.Laggards) }},
}

var hubCounters = []hubNumber{
	{"parley_deliveries_total", "Events handed to connections that keep up.", func(s realtime.Stats) float64 { return float64(s.Deliveries) }},
	{"parley_socket_writes_total", "Writes to sockets.", func(s realtime.Stats) float64 { return float64(s.Writes) }},
	{"parley_socket_bytes_total", "Bytes written to sockets.", func(s realtime.Stats) float64 { return float64(s.Bytes) }},
	{"parley_replayed_total", "Events handed out to catch up.", func(s realtime.Stats) float64 { return float64(s.Replayed) }},
	{"parley_holes_total", "Times that events were missing and had to be fetched.", func(s realtime.Stats) float64 { return float64(s.Holes) }},
	{"parley_window_reads_total", "Pages of events read from the window.", func(s realtime.Stats) float64 { return float64(s.WindowReads) }},
	{"parley_store_reads_total", "Pages of events read from the database for connections.", func(s realtime.Stats) float64 { return float64(s.StoreReads) }},
	{"parley_dropped_total", "Events and signals that did not fit into the outbox to other nodes.", func(s realtime.Stats) float64 { return float64(s.Dropped) }},
}
