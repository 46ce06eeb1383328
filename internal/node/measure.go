package node

import (
	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/metrics"
	"github.com/parley-chat/parley/internal/realtime"
	windowredis "github.com/parley-chat/parley/internal/window/redis"
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
	if n.redisWindow != nil {
		n.measureLayer(m)
		n.measureWindow(m)
	}
	if b := n.bridge.Load(); b != nil {
		measureDjango(m, b)
	}
}

func (n *Node) measureLayer(m *metrics.Metrics) {
	m.Gauge("parley_layer_up", "1 while nodes can reach each other through Redis.", func() float64 {
		if n.layer.Stats().Up {
			return 1
		}
		return 0
	})
	for _, reason := range channellayer.Reasons() {
		m.LabelledCounter("parley_layer_drops_total", "Messages between nodes that did not arrive, by reason.",
			"reason", reason.String(), func() float64 { return float64(n.layer.Stats().Drops[reason]) })
	}
	for _, counter := range layerCounters {
		m.Counter(counter.name, counter.help, func() float64 { return counter.read(n.layer.Stats()) })
	}
}

var layerCounters = []struct {
	name, help string
	read       func(channellayer.Stats) float64
}{
	{"parley_layer_sent_total", "Messages sent to other nodes.", func(s channellayer.Stats) float64 { return float64(s.Sent + s.GroupSent) }},
	{"parley_layer_received_total", "Messages taken from other nodes and this one.", func(s channellayer.Stats) float64 { return float64(s.Received) }},
	{"parley_layer_reconnects_total", "Times that Redis was reached again.", func(s channellayer.Stats) float64 { return float64(s.Reconnects) }},
	{"parley_layer_probes_lost_total", "Probes of the connection that did not come back.", func(s channellayer.Stats) float64 { return float64(s.ProbesLost) }},
}

func (n *Node) measureWindow(m *metrics.Metrics) {
	for _, counter := range windowCounters {
		m.Counter(counter.name, counter.help, func() float64 { return counter.read(n.redisWindow.Stats()) })
	}
}

var windowCounters = []struct {
	name, help string
	read       func(windowredis.Stats) float64
}{
	{"parley_window_commands_total", "Questions to Redis about recent events.", func(s windowredis.Stats) float64 { return float64(s.Commands) }},
	{"parley_window_errors_total", "Those that got no answer, or an error.", func(s windowredis.Stats) float64 { return float64(s.Failures) }},
	{"parley_window_appended_total", "Events given to Redis.", func(s windowredis.Stats) float64 { return float64(s.Appended) }},
	{"parley_window_holes_total", "Times that earlier events were missing in Redis and had to be added first.", func(s windowredis.Stats) float64 { return float64(s.Holes) }},
	{"parley_window_hits_total", "Ranges of events that Redis had.", func(s windowredis.Stats) float64 { return float64(s.Hits) }},
	{"parley_window_misses_total", "Ranges of events that Redis did not have.", func(s windowredis.Stats) float64 { return float64(s.Misses) }},
	{"parley_window_forged_total", "Rooms' events given up because somebody else had written them.", func(s windowredis.Stats) float64 { return float64(s.Forged) }},
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
	{"parley_forged_total", "Messages from other nodes that were not marked rightly.", func(s realtime.Stats) float64 { return float64(s.Forged) }},
	{"parley_dropped_total", "Events and signals that did not fit into the outbox to other nodes.", func(s realtime.Stats) float64 { return float64(s.Dropped) }},
}
