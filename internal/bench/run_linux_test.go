package bench_test

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/bench"
	"github.com/parley-chat/parley/internal/prove"
	"github.com/parley-chat/parley/internal/testkit"
)

// program is built once for all tests.
var program string

func TestMain(m *testing.M) { os.Exit(runWithProgram(m)) }

func runWithProgram(m *testing.M) int {
	folder, err := os.MkdirTemp("", "parley-bench-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	program = filepath.Join(folder, "parley")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/parley").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func TestGrowthIsDrawn(t *testing.T) {
	t.Parallel()
	images := t.TempDir()
	r := runProgram(t, t.TempDir(), "growth", "--members", "5,20", "--rooms", "3,9", "--messages", "5,50", "--for", "300ms", "--images", images)
	if g := r.Growth; !r.Sound() || len(g.Members) != 2 || g.Members[1].People != 20 || len(g.Rooms) != 2 || g.Rooms[1].Load.Rooms != 9 || len(g.History) != 2 {
		t.Errorf("report %+v", r.Growth)
	}
	for _, name := range []string{"growth-members.svg", "growth-rooms.svg", "growth-history.svg"} {
		text, err := os.ReadFile(filepath.Join(images, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(text, new(struct{})); err != nil || strings.Count(string(text), "<circle") != 4 || strings.Contains(string(text), "NaN") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// The program runs as a process of its own, as it binds itself to a core.
func TestSmallRunsMeasureEverythingAndLeaveNothingBehind(t *testing.T) {
	for scenario, check := range map[string]func(bench.Report) bool{
		"fan-out --members 60 --inflight 8 --rate 20": func(r bench.Report) bool {
			return isMeasured(r.FanOut.Flood) && isMeasured(r.FanOut.Paced)
		},
		"rooms --people 60 --rate 100": func(r bench.Report) bool { return isMeasured(r.Rooms) && r.Rooms.Rooms == 6 },
		"idle --people 50":             func(r bench.Report) bool { return r.Idle.EmptyBytes > 0 && r.Idle.ConnectSeconds > 0 },
		"round-trip --senders 4": func(r bench.Report) bool {
			many := r.RoundTrip.Many
			return r.RoundTrip.One.Ratio > 0 && many.Bare.PerSecond > 0 && many.Load.Rooms == 4 && many.Load.SendsPerSecond > 0
		},
		"storm --people 40":       func(r bench.Report) bool { return r.Storm.Missed > 0 && r.Storm.People == 39 && r.Storm.Ratio > 0 },
		"history --messages 5,50": func(r bench.Report) bool { return len(r.History) == 2 && r.History.Spread() >= 1 },
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			scratch := t.TempDir()
			r := runProgram(t, scratch, append(strings.Fields(scenario), "--for", "300ms")...)
			if !r.Sound() || !check(r) {
				t.Errorf("report %+v", r)
			}
			if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestOneNodeAndTwoCarryTheSameLoadOnTheSameEngines(t *testing.T) {
	for _, engine := range []string{"postgres", "redis"} {
		if !prove.Installed(engine) {
			testkit.Missing(t, engine, "it is not installed")
		}
	}
	t.Parallel()
	scratch, err := os.MkdirTemp("", "parley-nodes-test-") // one of t's own is closed to PostgreSQL's user
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(scratch)
	if err := os.Chmod(scratch, 0o711); err != nil {
		t.Fatal(err)
	}
	r := runProgram(t, scratch, strings.Fields("nodes --members 40 --inflight 4 --rate 20 --people 40 --rooms-rate 50 --for 1s")...)
	if !r.Sound() || len(r.Nodes) != 3 {
		t.Fatalf("report %+v", r)
	}
	crossed := 0
	for _, n := range r.Nodes {
		if n.One.Nodes != 1 || n.One.SameNode != nil || n.Two.Nodes != 2 {
			t.Errorf("%s: %+v and %+v", n.Part, n.One, n.Two)
		}
		crossed += n.Two.CrossNode.Count
	}
	if crossed == 0 {
		t.Error("nothing came to the other node")
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// runProgram gives the report of a run that keeps its data in scratch.
func runProgram(t *testing.T, scratch string, args ...string) bench.Report {
	t.Helper()
	cmd := exec.Command(program, append(append([]string{"bench"}, args...), "--json")...)
	cmd.Env = append(os.Environ(), "TMPDIR="+scratch, "PARLEY_DATA=/nowhere")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs.String())
	}
	var r bench.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func isMeasured(l *bench.Load) bool {
	return l != nil && l.Deliveries > 0 && l.Latency.P50 > 0 && l.FramesPerWrite >= 1 && l.FrameBytes > 300 &&
		l.FloorPerSecond > 0 && l.Sampled >= 2 && l.ServerSeen
}

func TestAServerOfOnesOwnIsLoadedByThePeopleOfADemo(t *testing.T) {
	t.Parallel()
	scratch := t.TempDir()
	data, tokens := filepath.Join(scratch, "data"), filepath.Join(scratch, "tokens")
	demo := exec.Command(program, "demo", "--data", data, "--tokens", tokens, "--plain", "--rooms", "1", "--users", "20", "--messages", "3")
	if out, err := demo.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	url := startServer(t, data)
	r := runProgram(t, t.TempDir(), "storm", "--people", "20", "--for", "300ms", "--server", url, "--tokens", tokens)
	if !r.Sound() || r.Storm.People != 19 || r.Disk != nil {
		t.Errorf("report %+v", r)
	}
	r = runProgram(t, t.TempDir(), "idle", "--people", "20", "--for", "300ms", "--server", url, "--tokens", tokens)
	if !r.Idle.ServerSeen || r.Idle.ConnectedBytes == 0 {
		t.Errorf("a server on this machine tells its memory: %+v", r.Idle)
	}
}

// startServer gives the address of a server that lives as long as the test.
func startServer(t *testing.T, data string) string {
	t.Helper()
	cmd := exec.Command(program, "serve", "--addr", "127.0.0.1:0", "--data", data, "--log-level", "warn")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "parley ready on ")
	if err != nil || !found {
		t.Fatalf("the server said %q, %v", line, err)
	}
	return url
}

func TestOptionsThatMakeNoSenseAreRefusedByFlag(t *testing.T) {
	whole := bench.Options{For: 1e9, TextBytes: 200}
	for flag, o := range map[string]interface{ Check() error }{
		"--for":       bench.Options{For: 1, TextBytes: 200},
		"--text":      bench.Options{For: 1e9, TextBytes: 10},
		"--tokens":    bench.Options{For: 1e9, TextBytes: 200, Server: "http://127.0.0.1:1"},
		"--members":   bench.FanOut{},
		"--inflight":  bench.FanOut{Members: 1, InFlight: -1},
		"--rate":      bench.FanOut{Members: 1, Rate: 1e9},
		"--room-size": bench.Rooms{People: 1, Rate: 1},
		"--people":    bench.Storm{People: 1},
		"--senders":   bench.RoundTrip{},
		"--messages":  bench.History{Messages: []int{10, 0}},
	} {
		if err := o.Check(); err == nil || !strings.HasPrefix(err.Error(), flag+" ") {
			t.Errorf("%s: %v", flag, err)
		}
	}
	for _, s := range append(bench.All(), whole) {
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	}
}
