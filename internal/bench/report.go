package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// busyClient is the share of its core from which on the client may have set
// the pace.
const busyClient = 0.9

// inTime is the share of a paced load's rate below which the server does not
// keep up.
const inTime = 0.95

// disturbed is the share of a core from which on other programs
// make the figures worse.
const disturbed = 0.05

// section is a scenario's part of the table.
type section struct {
	name, title string
	rows        []row
	faulty      bool
}

// row is one figure.
type row struct{ what, value string }

func (s *section) add(what, format string, values ...any) {
	s.rows = append(s.rows, row{what, fmt.Sprintf(format, values...)})
}

// Write prints the report for people.
func (r Report) Write(w io.Writer) {
	fmt.Fprintf(w, "%s\ntexts of %d bytes; each message is stored before it is answered\n", r.Machine, r.TextBytes)
	if r.Disk != nil {
		fmt.Fprintf(w, "disk: one block with an fsync %s\n", r.Disk)
	}
	for _, s := range r.sections() {
		fmt.Fprintf(w, "\n%-11s %s\n", s.name, s.title)
		for _, row := range s.rows {
			fmt.Fprintf(w, "  %-34s %s\n", row.what, row.value)
		}
	}
}

func (r Report) sections() (all []section) {
	if r.FanOut != nil {
		all = append(all, r.FanOut.Flood.sections("fan-out")...)
		all = append(all, r.FanOut.Paced.sections("fan-out")...)
	}
	all = append(all, r.Rooms.sections("rooms")...)
	if r.Idle != nil {
		all = append(all, r.Idle.section())
	}
	if r.RoundTrip != nil {
		all = append(all, r.RoundTrip.One.section(), r.RoundTrip.Many.section())
	}
	if r.Storm != nil {
		all = append(all, r.Storm.section())
	}
	if len(r.History) > 0 {
		all = append(all, r.History.section())
	}
	for _, n := range r.Nodes {
		all = append(all, n.sections()...)
	}
	if r.Growth != nil {
		all = append(all, r.Growth.sections()...)
	}
	return all
}

// sections are those of both loads, and what they come to.
func (n NodesResult) sections() []section {
	s := section{name: "nodes", title: n.Part + ": two nodes and one"}
	s.add("CPU for each delivery, both nodes", "%.2f times that of one node", n.CPURatio)
	s.add("p50 on the other node", "%+.2f ms to that on the sender's", n.CrossLess)
	return slices.Concat(n.One.sections("one node"), n.Two.sections("two nodes"), []section{s})
}

// sections is one, or none without a load.
func (l *Load) sections(name string) []section {
	if l == nil {
		return nil
	}
	s := section{name: name, title: l.title(), faulty: l.any()}
	s.add("deliveries/s", "%s", thousands(l.DeliveriesPerSecond))
	if l.ServerSeen {
		s.add("server CPU s per 100,000", "%.3f", l.CPUPer100k)
	}
	if l.FloorRatio > 0 {
		s.add("floor: plain writes, same batches", "%.3f, at %s deliveries/s; the server is at %.2f times that",
			l.FloorCPUPer100k, thousands(l.FloorPerSecond), l.FloorRatio)
		s.add("floor: to write to everybody once", "%s", l.FloorRound)
	}
	s.add("send to last member", "%s", l.Latency)
	if l.CrossNode != nil {
		s.add("to the last on the sender's node", "%s", l.SameNode)
		s.add("to the last on the other node", "%s", l.CrossNode)
	}
	s.add("send to answer", "%s", l.Answer)
	s.add("acknowledged sends/s", "%s", thousands(l.SendsPerSecond))
	if l.FramesPerWrite > 0 {
		s.add("frames per write", "%.1f of %.0f bytes", l.FramesPerWrite, l.FrameBytes)
	}
	l.addShares(&s)
	s.addFaults(l.Faults)
	return []section{s}
}

func (l *Load) title() string {
	where := "in one room"
	if l.Rooms > 1 {
		where = fmt.Sprintf("in %s rooms", thousands(float64(l.Rooms)))
	}
	how := fmt.Sprintf("paced, %s messages/s", thousands(l.Rate))
	if l.InFlight > 0 {
		how = fmt.Sprintf("closed loop, %d messages in flight", l.InFlight)
	}
	return fmt.Sprintf("%s people %s, %s, %.0f s", thousands(float64(l.People)), where, how, l.Seconds)
}

func (l *Load) addShares(s *section) {
	if l.ServerSeen {
		s.add("CPU of one core", "server %.0f %%, client %.0f %%; other programs on their cores %.0f %%, %.0f %%",
			100*l.ServerShare, 100*l.ClientShare, 100*l.OthersShare, 100*l.OthersClientShare)
	} else {
		s.add("CPU of one core", "client %.0f %% (the server does not tell us its own)", 100*l.ClientShare)
	}
	s.addLimit(l.ClientShare)
	if l.SendsPerSecond < inTime*l.Rate {
		s.add("", "the server did not keep up with the rate")
	}
	if max(l.OthersShare, l.OthersClientShare) > disturbed {
		s.add("", "disturbed by other programs: a quiet machine does better")
	}
}

// addLimit says when the client was what was measured.
func (s *section) addLimit(clientShare float64) {
	if clientShare > busyClient {
		s.add("", "limited by the client: the server could do more")
	}
}

func (s *section) addFaults(f Faults) {
	s.add("lost, doubled, out of order", "%d, %d, %d (all counted; order read on %s clients)",
		f.Lost, f.Doubled, f.Misordered, thousands(float64(f.Sampled)))
	if f.Closed > 0 {
		s.add("closed by the server", "%d", f.Closed)
	}
}

func (i *IdleResult) section() section {
	s := section{name: "idle", title: thousands(float64(i.People)) + " people connected, who do nothing", faulty: i.Closed > 0}
	s.add("all connected and resumed in", "%.2f s", i.ConnectSeconds)
	if !i.ServerSeen {
		s.add("memory", "the server does not tell us its own")
		return s
	}
	s.add("memory for each", "%.1f KiB (server: %.1f MiB empty, %.1f MiB with all)", i.KiBEach, mib(i.EmptyBytes), mib(i.ConnectedBytes))
	s.add("the whole process, divided", "%.1f KiB", i.KiBEachOfAll)
	return s
}

func (r *SendResult) section() section {
	title := "one sender, one message after the other"
	if r.Senders > 1 {
		title = fmt.Sprintf("%d senders, each in a room of its own, one message after the other", r.Senders)
	}
	s := section{name: "round-trip", title: title, faulty: r.Load.any()}
	s.add("acknowledged sends/s", "%s", thousands(r.Load.SendsPerSecond))
	s.add("send to answer", "%s", r.Load.Answer)
	if r.Bare != nil {
		s.add("the same commits, no server", "%s/s; %s", thousands(r.Bare.PerSecond), r.Bare.Times)
		s.add("p50 of the answer to that", "%.2f times", r.Ratio)
	}
	r.Load.addShares(&s)
	s.addFaults(r.Load.Faults)
	return s
}

func (r *StormResult) section() section {
	s := section{
		name: "storm", title: fmt.Sprintf("%s people drop and come back at once", thousands(float64(r.People))),
		faulty: r.any(),
	}
	s.add("all caught up after", "%.2f s, each with the %d messages said meanwhile", r.Seconds, r.Missed)
	s.add("as many bare handshakes", "%.2f s; coming back takes %.2f times that", r.BareSeconds, r.Ratio)
	if r.BareCPU > 0 {
		s.add("server CPU", "%.2f s; of the bare handshakes %.2f s; %.2f times that", r.CPUSeconds, r.BareCPU, r.CPUSeconds/r.BareCPU)
	}
	s.addLimit(r.ClientShare)
	s.addFaults(r.Faults)
	return s
}

func (h HistoryResults) section() section {
	s := section{name: "history", title: "the newest ten messages of a room, over HTTP, one request after the other"}
	for _, r := range h {
		what := "the room as it is"
		if r.Messages > 0 {
			what = thousands(float64(r.Messages)) + " messages"
		}
		s.add(what, "%s", r.Page)
	}
	s.add("slowest p50 to quickest", "%.2f times", h.Spread())
	return s
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
