package bench_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/bench"
)

func buildProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/parley").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// The program runs as a process of its own, as it binds itself to a core.
func TestASmallRunMeasuresEverythingAndLeavesNothingBehind(t *testing.T) {
	program, scratch := buildProgram(t), t.TempDir()
	cmd := exec.Command(program, "bench", "--members", "60", "--for", "1s", "--inflight", "8", "--rate", "20", "--json")
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
	checkLoad(t, "closed loop", r.Flood)
	checkLoad(t, "paced", r.Paced)
	if !r.Sound() || r.Idle.EmptyBytes == 0 || r.Idle.ConnectedPeople != 60 || r.RoundTrip.SendsPerSecond == 0 {
		t.Errorf("report %s", out)
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func checkLoad(t *testing.T, name string, l *bench.Load) {
	t.Helper()
	if l == nil || l.Deliveries == 0 || l.Latency.P50 <= 0 || l.FramesPerWrite < 1 || l.FrameBytes < 300 ||
		l.FloorPerSecond == 0 || l.Sampled < 2 {
		t.Errorf("%s: %+v", name, l)
	}
}

func TestOptionsThatMakeNoSenseAreRefusedByFlag(t *testing.T) {
	for flag, o := range map[string]bench.Options{
		"--members":  {Members: 0},
		"--for":      {Members: 1, For: 1},
		"--inflight": {Members: 1, For: 1e9, InFlight: -1},
		"--rate":     {Members: 1, For: 1e9, Rate: 1e9},
		"--text":     {Members: 1, For: 1e9, TextBytes: 10},
	} {
		if err := o.Check(); err == nil || !strings.HasPrefix(err.Error(), flag+" must be from ") {
			t.Errorf("%s: %v", flag, err)
		}
	}
	if err := (bench.Options{Members: 1, For: 1e9, TextBytes: 200}).Check(); err != nil {
		t.Error(err)
	}
}
