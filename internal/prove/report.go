package prove

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Report is what came out of a run. Times are in seconds.
type Report struct {
	Verdict      string           `json:"verdict"` // OK or FAILED
	Seed         uint64           `json:"seed"`
	Nodes        int              `json:"nodes"`
	Clients      int              `json:"clients"`
	Database     string           `json:"database"`
	Redis        bool             `json:"redis"`
	FaultKinds   []string         `json:"fault_kinds"`
	Seconds      float64          `json:"seconds"`
	Acknowledged int64            `json:"acknowledged"`
	ByKind       map[string]int64 `json:"acknowledged_by_kind"`
	Unknown      int64            `json:"attempts_without_answer"` // each decided by another one
	Delivered    int64            `json:"delivered"`
	Reconnects   int64            `json:"forced_reconnects"`
	Moves        int64            `json:"moves"`
	Faults       map[string]int64 `json:"faults"`
	Kills        int64            `json:"kills"`
	Restarts     int              `json:"restarts"`
	FirstMedian  float64          `json:"first_acknowledgement_after_restart_median_s"`
	FirstLongest float64          `json:"first_acknowledgement_after_restart_longest_s"`
	LongestPause float64          `json:"longest_pause_s"` // without any acknowledgement
	Harm         map[string]int64 `json:"harm"`
	Findings     []Finding        `json:"findings,omitempty"`
	Stopped      bool             `json:"stopped_early,omitempty"`
	Histories    string           `json:"histories,omitempty"` // where they lie, after a finding
}

// The verdicts.
const (
	verdictOK     = "OK"
	verdictFailed = "FAILED"
)

// Sound tells whether nothing was found.
func (r Report) Sound() bool { return r.Verdict == verdictOK }

// report checks the histories and sums everything up.
func (r *run) report() (Report, error) {
	found, acts, err := check(r.evidence())
	if err != nil {
		return Report{}, err
	}
	for _, f := range r.trouble {
		found.add(f)
	}
	acked, _, kills := r.tally.counts()
	report := Report{
		Seed: r.Seed, Nodes: r.Nodes, Clients: r.Clients, Database: "SQLite", Redis: r.Redis != "",
		FaultKinds: r.faults(), Seconds: time.Since(r.began).Seconds(), Acknowledged: acked, ByKind: r.tally.acked,
		Delivered: r.tally.delivered.Load(), Reconnects: r.tally.reconnects.Load(), Moves: r.tally.moves.Load(),
		Faults: r.tally.faults, Kills: kills, LongestPause: r.tally.longest.Seconds(),
		Harm: map[string]int64{}, Stopped: r.enough.Err() != nil, Findings: found.listed, Verdict: verdictOK,
	}
	if r.Database != "" {
		report.Database = "PostgreSQL"
	}
	for _, a := range acts {
		report.Unknown += int64(a.unknown)
	}
	for _, kind := range Kinds {
		report.Harm[kind] = found.counts[kind]
		if found.counts[kind] > 0 {
			report.Verdict, report.Histories = verdictFailed, filepath.Join(r.Folder, "histories")
		}
	}
	report.addRestarts(r.nodes)
	return report, nil
}

func (r *Report) addRestarts(nodes []*node) {
	var firsts []time.Duration
	for _, n := range nodes {
		firsts = append(firsts, n.restarts()...)
	}
	if r.Restarts = len(firsts); r.Restarts == 0 {
		return
	}
	slices.Sort(firsts)
	r.FirstMedian, r.FirstLongest = firsts[len(firsts)/2].Seconds(), firsts[len(firsts)-1].Seconds()
}

// evidence gathers what the check needs.
func (r *run) evidence() evidence {
	users := map[string]int64{}
	for _, p := range r.people {
		users[p.name] = p.id
	}
	e := evidence{epoch: r.tally.epoch, final: r.final, earliest: r.began.UnixMilli(), latest: time.Now().UnixMilli()}
	if slices.Contains(r.faults(), faultClock) {
		e.earliest -= furthestBack.Milliseconds()
		e.latest += furthestForward.Milliseconds()
	}
	for _, h := range r.histories {
		name := strings.TrimSuffix(filepath.Base(h.path), ".jsonl")
		user, chats := users[name]
		if !chats {
			user = r.adminID
		}
		e.histories = append(e.histories, testimony{name: name, user: user, file: h.path, records: readHistory(h.path)})
	}
	return e
}

// Write prints the report for people.
func (r Report) Write(w io.Writer) {
	engines := r.Database
	if r.Redis {
		engines += " and Redis"
	}
	fmt.Fprintf(w, "%d people, %d %s on %s, %.0f s, --seed %d, --faults %s\n\n", r.Clients, r.Nodes,
		plural(r.Nodes, "node", "nodes"), engines, r.Seconds, r.Seed, strings.Join(r.FaultKinds, ","))
	row(w, "acknowledged changes", "%s", thousands(r.Acknowledged))
	for _, op := range changes {
		row(w, "  "+op, "%s", thousands(r.ByKind[op]))
	}
	row(w, "attempts without an answer", "%s, each tried again until decided", thousands(r.Unknown))
	row(w, "events delivered", "%s", thousands(r.Delivered))
	row(w, "forced reconnects", "%s, and %s moves of people's own will", thousands(r.Reconnects), thousands(r.Moves))
	row(w, "faults", "")
	for _, what := range slices.Sorted(maps.Keys(r.Faults)) {
		row(w, "  "+what, "%s", thousands(r.Faults[what]))
	}
	row(w, "first acknowledgement", "%.2f s after the start of a node, longest %.2f s (%d restarts)", r.FirstMedian, r.FirstLongest, r.Restarts)
	row(w, "longest pause of everybody", "%.2f s", r.LongestPause)
	row(w, "harm", "%s", r.harm())
	for _, f := range r.Findings {
		fmt.Fprintln(w, f)
	}
	if !r.Sound() {
		fmt.Fprintf(w, "The histories of everybody lie in %s\n", r.Histories)
	}
	verdict := r.Verdict
	if r.Stopped {
		verdict += ", as far as it went: the run was stopped before its end"
	}
	fmt.Fprintln(w, verdict)
}

func (r Report) harm() string {
	parts := make([]string, len(Kinds))
	for i, kind := range Kinds {
		parts[i] = fmt.Sprintf("%d %s", r.Harm[kind], kind)
	}
	return strings.Join(parts, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func row(w io.Writer, name, format string, values ...any) {
	fmt.Fprintf(w, "%-32s %s\n", name, fmt.Sprintf(format, values...))
}

// thousands writes a whole number in groups of three.
func thousands(n int64) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}
