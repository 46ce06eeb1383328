package transfer_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/transfer"
)

// childPlaces has the two places between which a copy of the test program
// copies, with a space between them.
const childPlaces = "PARLEY_TEST_COPY"

func TestMain(m *testing.M) {
	if places := os.Getenv(childPlaces); places != "" {
		if err := copyAsChild(places); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func copyAsChild(places string) error {
	from, to, _ := strings.Cut(places, " ")
	ctx := context.Background()
	a, err := sqlstore.OpenSource(ctx, options(from))
	if err != nil {
		return err
	}
	b, err := sqlstore.OpenDestination(ctx, options(to))
	if err != nil {
		return err
	}
	report, err := transfer.Copy(ctx, a, b, func(what string) { fmt.Println(what) })
	if err == nil && (!report.Same() || len(report.StartedOver) > 0) {
		err = fmt.Errorf("the report: %+v", report)
	}
	return errors.Join(err, b.Close(), a.Close())
}

func options(place string) sqlstore.Options {
	if strings.Contains(place, "://") {
		return sqlstore.Options{URL: place}
	}
	return sqlstore.Options{Path: place}
}

func TestACopyThatIsKilledGoesOn(t *testing.T) {
	from := file(t)
	world(t, from, 3000)
	for _, to := range []sqlstore.Options{server(t), file(t)} {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 0))
		kills := 0
		for copyAndKill(t, from, to, 1+6*kills+rnd.IntN(20)) {
			kills++
		}
		if kills < 3 {
			t.Errorf("it was killed only %d times", kills)
		}
		t.Logf("killed %d times", kills)
		a, b := source(t, from), source(t, to)
		report, err := transfer.Compare(t.Context(), a, b, silent)
		if err != nil || !report.Same() {
			t.Errorf("the copy differs: %+v, %v", report, err)
		}
		must(t, errors.Join(a.Close(), b.Close()))
		must(t, serve(t, to).Close())
	}
}

// copyAndKill starts a copy in a process of its own and kills that when it
// has told of its progress so many times; false if it was done before.
func copyAndKill(t *testing.T, from, to sqlstore.Options, after int) (killed bool) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childPlaces+"="+from.Path+from.URL+" "+to.Path+to.URL)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for n := 1; lines.Scan(); n++ {
		if n == after {
			killed = true
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err != nil && !killed {
		t.Fatalf("the copy ended with %v", err)
	}
	return killed
}

// breakOff copies until progress was told so many times of something.
func breakOff(t *testing.T, from, to sqlstore.Options, what string, times int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	a, b := source(t, from), destination(t, to)
	_, err := transfer.Copy(ctx, a, b, func(now string) {
		if strings.Contains(now, what) {
			times--
		}
		if times <= 0 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	must(t, errors.Join(a.Close(), b.Close()))
}

func TestASourceThatWasChangedMeanwhileIsCopiedAnewWhereItWas(t *testing.T) {
	for name, c := range map[string]struct {
		change func(settler)
		anew   []string
	}{
		"nothing":                      {func(settler) {}, nil},
		"a message":                    {func(w settler) { w.say(1, "later") }, []string{"rooms"}},
		"a new person, who comes last": {func(w settler) { newUser(w) }, nil},
		"a name": {func(w settler) {
			name := "Another"
			_, _, err := w.ChangeUser(w.t.Context(), bob, store.UserChanges{Name: &name})
			must(w.t, err)
		}, []string{"users"}},
		"the workspace": {func(w settler) {
			must(w.t, w.SetSetting(w.t.Context(), store.SettingWorkspace, "Another"))
		}, []string{"settings"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, to := range []sqlstore.Options{server(t), file(t)} {
				from := file(t)
				world(t, from, 300)
				breakOff(t, from, to, "changes", 1)
				s := serve(t, from)
				c.change(settler{t, s})
				must(t, s.Close())
				report := transferred(t, from, to)
				if !slices.Equal(report.StartedOver, c.anew) {
					t.Errorf("started over: %v, want %v", report.StartedOver, c.anew)
				}
			}
		})
	}
}

func TestAnUnfinishedCopyIsForItsSourceOnly(t *testing.T) {
	from, other := file(t), file(t)
	world(t, from, 100)
	world(t, other, 100)
	for _, to := range []sqlstore.Options{server(t), file(t)} {
		breakOff(t, from, to, "messages", 1)
		if _, err := sqlstore.Open(t.Context(), to); !errors.Is(err, sqlstore.ErrUnfinished) {
			t.Errorf("a server starts on it: %v", err)
		}
		if _, err := sqlstore.OpenSource(t.Context(), to); !errors.Is(err, sqlstore.ErrUnfinished) {
			t.Errorf("it can be copied: %v", err)
		}
		a, b := source(t, other), destination(t, to)
		if _, err := transfer.Copy(t.Context(), a, b, silent); !errors.Is(err, transfer.ErrOtherSource) {
			t.Errorf("another source: %v", err)
		}
		must(t, errors.Join(a.Close(), b.Close()))
		transferred(t, from, to)
		must(t, serve(t, to).Close())
	}
}

func TestADatabaseInUseIsNoDestination(t *testing.T) {
	from := file(t)
	world(t, from, 100)
	for _, to := range []sqlstore.Options{server(t), file(t)} {
		s := settler{t, serve(t, to)}
		newUser(s)
		must(t, s.Close())
		a, b := source(t, from), destination(t, to)
		if _, err := transfer.Copy(t.Context(), a, b, silent); !errors.Is(err, transfer.ErrNotEmpty) {
			t.Errorf("one with an account: %v", err)
		}
		must(t, errors.Join(a.Close(), b.Close()))
	}
}

func TestADatabaseOnWhichAServerOnlyStartedTakesACopy(t *testing.T) {
	from := file(t)
	world(t, from, 100)
	for _, to := range []sqlstore.Options{server(t), file(t)} {
		s := serve(t, to)
		before := s.Epoch()
		must(t, s.SetSetting(t.Context(), store.SettingBridge, "another"))
		must(t, s.SetSetting(t.Context(), store.SettingSeal, "its own"))
		must(t, s.Close())
		transferred(t, from, to)
		s = serve(t, to)
		if s.Epoch() == before {
			t.Error("the copy goes on with the history of the empty database")
		}
		if seal, err := s.Setting(t.Context(), store.SettingSeal); err != nil || seal != "its own" {
			t.Errorf("the nodes' key is %q, %v", seal, err)
		}
		must(t, s.Close())
	}
}

func TestServersAndCopiesKeepOutOfEachOthersWay(t *testing.T) {
	from, to := server(t), server(t)
	world(t, from, 100)
	a, b := source(t, from), destination(t, to)
	for _, place := range []sqlstore.Options{from, to} {
		if _, err := sqlstore.Open(t.Context(), place); !errors.Is(err, sqlstore.ErrCopying) {
			t.Errorf("a server starts during a copy: %v", err)
		}
	}
	must(t, errors.Join(a.Close(), b.Close()))
	s := serve(t, from)
	if _, err := sqlstore.OpenSource(t.Context(), from); !errors.Is(err, sqlstore.ErrServed) {
		t.Errorf("a served database is copied: %v", err)
	}
	if _, err := sqlstore.OpenDestination(t.Context(), from); !errors.Is(err, sqlstore.ErrServed) {
		t.Errorf("a served database is filled: %v", err)
	}
	settler{t, s}.say(1, "undisturbed")
	must(t, s.Close())
	must(t, source(t, from).Close())
}

func TestACopyThatSomethingElseWritesToIsNotFinished(t *testing.T) {
	from, to := file(t), file(t)
	world(t, from, 1200)
	a, b := source(t, from), destination(t, to)
	raw, err := sql.Open("sqlite", to.Path)
	must(t, err)
	defer raw.Close()
	spoiled := false
	report, err := transfer.Copy(t.Context(), a, b, func(what string) {
		if strings.HasPrefix(what, "copying sessions") && !spoiled {
			spoiled = execute(t, raw, "UPDATE messages SET text = text || ' ' WHERE room_id = 2 AND seq = 1") == 1
		}
	})
	if err != nil || !spoiled || differing(report) != "messages" || report.Differences() != 2 || report.Rooms[1].Same() {
		t.Errorf("one message of room 2 was changed: %v, %+v, %v", spoiled, report.Tables, err)
	}
	must(t, errors.Join(a.Close(), b.Close()))
	if _, err := sqlstore.Open(t.Context(), to); !errors.Is(err, sqlstore.ErrUnfinished) {
		t.Errorf("a server starts on it: %v", err)
	}
	if report := transferred(t, from, to); !slices.Equal(report.StartedOver, []string{"messages"}) {
		t.Errorf("the next run started over with %v", report.StartedOver)
	}
}
