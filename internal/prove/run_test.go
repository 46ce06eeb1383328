package prove_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/prove"
	"github.com/parley-chat/parley/internal/testkit"
)

// seed is drawn, or that of PARLEY_PROVE_SEED.
func seed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("PARLEY_PROVE_SEED")
	if text == "" {
		return rand.Uint64()
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal("PARLEY_PROVE_SEED:", err)
	}
	return n
}

// run does a run and fails the test on any finding.
func run(t *testing.T, o prove.Options) prove.Report {
	t.Helper()
	folder, err := os.MkdirTemp("", "parley-prove-test-") // one of t's own is closed to PostgreSQL's user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			_ = os.RemoveAll(folder)
		}
	})
	o.Program, o.Seed, o.Folder = testkit.Program(t), seed(t), folder
	report, err := prove.Run(t.Context(), t.Context(), o)
	if err != nil {
		t.Fatalf("seed %d: %v", o.Seed, err)
	}
	var text strings.Builder
	report.Write(&text)
	t.Log(text.String())
	if !report.Sound() {
		t.Error("the promise was broken")
	}
	return report
}

func TestNothingAcknowledgedIsLostDoubledOrReorderedWhenTheServerIsKilled(t *testing.T) {
	report := run(t, prove.Options{Nodes: 1, Clients: 18, Kills: 20, Faults: []string{"kill", "cut"}})
	if report.Kills < 20 || report.Acknowledged < 100 || report.Reconnects < 20 {
		t.Errorf("%d kills, %d acknowledged, %d reconnects: that proves nothing", report.Kills, report.Acknowledged, report.Reconnects)
	}
}

func TestTwoNodesKeepThePromiseOnPostgreSQLAndRedis(t *testing.T) {
	for _, engine := range []string{"postgres", "redis"} {
		if !prove.Installed(engine) {
			testkit.Missing(t, engine, "it is not installed")
		}
	}
	report := run(t, prove.Options{Nodes: 2, Clients: 12, For: 10 * time.Second, Database: prove.Own, Redis: prove.Own})
	if report.Acknowledged < 50 {
		t.Errorf("%d acknowledged: that proves nothing", report.Acknowledged)
	}
}

// stopWhen does a run that is stopped when it tells something.
func stopWhen(t *testing.T, told string) (prove.Report, error) {
	t.Helper()
	enough, stop := context.WithCancel(t.Context())
	defer stop()
	return prove.Run(t.Context(), enough, prove.Options{
		Program: testkit.Program(t), Nodes: 1, Clients: 4, For: time.Hour, Seed: seed(t), Folder: t.TempDir(), Faults: []string{"kill", "slow"},
		Progress: func(text string) {
			if strings.Contains(text, told) {
				stop()
			}
		},
	})
}

func TestARunThatIsStoppedEarlyIsJudgedAsFarAsItWent(t *testing.T) {
	report, err := stopWhen(t, "1s of 1h0m0s")
	if err != nil {
		t.Fatal(err)
	}
	if !report.Stopped || !report.Sound() || report.Acknowledged == 0 || len(report.Harm) == 0 {
		t.Errorf("got %+v", report)
	}
}

func TestThereIsNothingToJudgeBeforePeopleChat(t *testing.T) {
	if _, err := stopWhen(t, "starting"); !errors.Is(err, prove.ErrStopped) {
		t.Errorf("got %v", err)
	}
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	sound := prove.Options{Nodes: 1, Clients: 8, For: time.Second}
	if err := sound.Check(); err != nil {
		t.Fatal(err)
	}
	for flag, change := range map[string]func(*prove.Options){
		"nodes":    func(o *prove.Options) { o.Nodes = 3 },
		"clients":  func(o *prove.Options) { o.Clients = 1 },
		"for":      func(o *prove.Options) { o.For = 0 },
		"kills":    func(o *prove.Options) { o.Kills, o.Faults = 5, []string{"cut"} },
		"faults":   func(o *prove.Options) { o.Faults = []string{"fire"} },
		"redis":    func(o *prove.Options) { o.Redis = "rediss://host" },
		"database": func(o *prove.Options) { o.Database = "postgres://host/name?sslmode=require" },
	} {
		o := sound
		change(&o)
		if err := o.Check(); err == nil || !strings.HasPrefix(err.Error(), "--"+flag+" ") {
			t.Errorf("%s: got %v", flag, err)
		}
	}
}
