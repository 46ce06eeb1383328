package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Report is what a run measured. Times are in milliseconds unless the name
// says otherwise.
type Report struct {
	Machine   string     `json:"machine"`
	Disk      Quantiles  `json:"fsync_of_4_kib_ms"`
	Members   int        `json:"members"`
	TextBytes int        `json:"text_bytes"`
	Idle      Idle       `json:"idle"`
	Flood     *Load      `json:"closed_loop,omitempty"`
	Paced     *Load      `json:"paced,omitempty"`
	RoundTrip *RoundTrip `json:"round_trip,omitempty"`
}

// Idle is the memory of those who are connected and do nothing.
type Idle struct {
	EmptyBytes      int64   `json:"empty_bytes"`     // resident, nobody connected
	ConnectedBytes  int64   `json:"connected_bytes"` // resident, everybody connected
	KiBEach         float64 `json:"kib_each"`        // the difference, for each person
	KiBEachAfterGC  float64 `json:"kib_each_after_gc,omitempty"`
	ConnectSeconds  float64 `json:"connect_seconds"` // for all, with handshake, sign-in and resume
	ConnectedPeople int     `json:"connected_people"`
}

// Load is a time of sending to one room.
type Load struct {
	InFlight            int       `json:"in_flight,omitempty"` // closed loop
	Rate                float64   `json:"rate,omitempty"`      // paced: messages in a second
	Seconds             float64   `json:"seconds"`
	Deliveries          int64     `json:"deliveries"`
	DeliveriesPerSecond float64   `json:"deliveries_per_second"`
	SendsPerSecond      float64   `json:"acknowledged_sends_per_second"`
	CPUPer100k          float64   `json:"server_cpu_seconds_per_100k_deliveries"`
	ServerShare         float64   `json:"server_cpu_share"` // of one core
	ClientShare         float64   `json:"client_cpu_share"`
	OthersShare         float64   `json:"others_on_server_core_share"` // other processes, where the server has a core of its own
	FramesPerWrite      float64   `json:"frames_per_write"`            // 0: the server does not tell
	FrameBytes          float64   `json:"frame_bytes"`
	Latency             Quantiles `json:"send_to_last_member_ms"`
	Answer              Quantiles `json:"send_to_answer_ms"`
	Lost                int64     `json:"lost"`
	Doubled             int64     `json:"doubled"`
	Misordered          int64     `json:"misordered"`
	Sampled             int       `json:"clients_read_for_order"`
	Closed              int       `json:"connections_closed_by_server"`
	FloorCPUPer100k     float64   `json:"floor_cpu_seconds_per_100k_deliveries,omitempty"`
	FloorPerSecond      float64   `json:"floor_deliveries_per_second,omitempty"`
	FloorRatio          float64   `json:"ratio_to_floor,omitempty"`
}

// RoundTrip is one sender alone in the room, one message after the other.
type RoundTrip struct {
	SendsPerSecond float64   `json:"acknowledged_sends_per_second"`
	Answer         Quantiles `json:"send_to_answer_ms"`
}

// Quantiles of durations, in milliseconds.
type Quantiles struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99_9"`
	Max   float64 `json:"max"`
}

func quantilesOf(times []time.Duration) Quantiles {
	slices.Sort(times)
	at := func(q float64) float64 {
		if len(times) == 0 {
			return 0
		}
		i := min(int(q*float64(len(times))), len(times)-1)
		return float64(times[i].Microseconds()) / 1000
	}
	return Quantiles{Count: len(times), P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: at(1)}
}

// busyClient is the share of its core from which on the client may have set
// the pace.
const busyClient = 0.9

// disturbed is the share of the server's core from which on other programs
// make the figures worse.
const disturbed = 0.05

// Sound tells whether nothing was lost, doubled or reordered.
func (r Report) Sound() bool {
	for _, l := range []*Load{r.Flood, r.Paced} {
		if l != nil && l.Lost+l.Doubled+l.Misordered+int64(l.Closed) > 0 {
			return false
		}
	}
	return true
}

// Write prints the report for people.
func (r Report) Write(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s members in one room, texts of %d bytes, each message stored with an fsync before it is answered\n",
		r.Machine, thousands(float64(r.Members)), r.TextBytes)
	row(w, "disk: one block with an fsync", "%s", r.Disk)
	fmt.Fprintf(w, "\nIdle\n")
	row(w, "memory for each connected person", "%.1f KiB (server: %.1f MiB empty, %.1f MiB with all)",
		r.Idle.KiBEach, mib(r.Idle.EmptyBytes), mib(r.Idle.ConnectedBytes))
	if r.Idle.KiBEachAfterGC != 0 {
		row(w, "after a garbage collection", "%.1f KiB", r.Idle.KiBEachAfterGC)
	}
	row(w, "all connected and resumed in", "%.2f s", r.Idle.ConnectSeconds)
	if r.Flood != nil {
		fmt.Fprintf(w, "\nClosed loop, %d messages in flight, %.0f s\n", r.Flood.InFlight, r.Flood.Seconds)
		r.Flood.write(w)
	}
	if r.Paced != nil {
		fmt.Fprintf(w, "\nPaced, %g messages/s, %.0f s\n", r.Paced.Rate, r.Paced.Seconds)
		r.Paced.write(w)
	}
	if r.RoundTrip != nil {
		fmt.Fprintf(w, "\nRound trip, one sender alone, one message after the other\n")
		row(w, "acknowledged sends/s", "%s", thousands(r.RoundTrip.SendsPerSecond))
		row(w, "send to answer", "%s", r.RoundTrip.Answer)
	}
}

func (l *Load) write(w io.Writer) {
	row(w, "deliveries/s", "%s", thousands(l.DeliveriesPerSecond))
	row(w, "server CPU s per 100,000", "%.3f", l.CPUPer100k)
	if l.FloorRatio > 0 {
		row(w, "floor: plain writes, same batches", "%.3f, at %s deliveries/s; the server is at %.2f times that",
			l.FloorCPUPer100k, thousands(l.FloorPerSecond), l.FloorRatio)
	}
	row(w, "send to last member", "%s", l.Latency)
	row(w, "send to answer", "%s", l.Answer)
	row(w, "acknowledged sends/s", "%s", thousands(l.SendsPerSecond))
	if l.FramesPerWrite > 0 {
		row(w, "frames per write", "%.1f of %.0f bytes", l.FramesPerWrite, l.FrameBytes)
	}
	row(w, "CPU of one core", "server %.0f %%, client %.0f %%; other programs on the server's core %.0f %%%s",
		100*l.ServerShare, 100*l.ClientShare, 100*l.OthersShare, l.remark())
	row(w, "lost, doubled, out of order", "%d, %d, %d (all counted; order read on %d clients)",
		l.Lost, l.Doubled, l.Misordered, l.Sampled)
	if l.Closed > 0 {
		row(w, "closed by the server", "%d", l.Closed)
	}
}

func (l *Load) remark() string {
	if l.ClientShare > busyClient {
		return "\n" + strings.Repeat(" ", 37) + "limited by the client: the server could do more"
	}
	if l.OthersShare > disturbed {
		return "\n" + strings.Repeat(" ", 37) + "disturbed by other programs: a quiet machine does better"
	}
	return ""
}

// String gives the quantiles for people.
func (q Quantiles) String() string {
	return fmt.Sprintf("p50 %.1f, p99 %.1f, p99.9 %.1f, max %.1f ms", q.P50, q.P99, q.P999, q.Max)
}

func row(w io.Writer, name, format string, values ...any) {
	fmt.Fprintf(w, "  %-34s %s\n", name, fmt.Sprintf(format, values...))
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// thousands writes a whole number in groups of three.
func thousands(n float64) string {
	digits := fmt.Sprintf("%.0f", n)
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}
