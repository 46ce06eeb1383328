// Testplanted shows that the checks of delivery can fail: `make test-planted`.
// It builds the simulation and the program with the tag "planted", has each
// bug of internal/planted hunted by the check that must catch it, and both
// checks also look where there is no bug. It prints what caught which, and
// fails when one got away or when something was found where nothing is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/planted"
)

func main() {
	h := hunt{out: os.Stdout}
	flag.IntVar(&h.seeds, "seeds", 30_000, "how many seeds the simulation plays at most for each bug; without one, a tenth of it")
	flag.DurationVar(&h.proving, "for", 10*time.Second, "how long parley prove goes on for each bug")
	flag.StringVar(&h.only, "bug", "", "hunt this bug alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := h.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "testplanted:", err)
		os.Exit(1)
	}
}

// hunt is one run.
type hunt struct {
	out     io.Writer
	folder  string // for what is built, and for what parley prove writes
	seeds   int
	proving time.Duration
	only    string
}

// catch is what became of one bug.
type catch struct {
	planted.Planting
	by    []string // what the check calls what it found, none if it found nothing
	first string   // the first of its findings, in words
	took  time.Duration
}

func (h *hunt) run(ctx context.Context) error {
	var err error
	if h.folder, err = os.MkdirTemp("", "testplanted-"); err != nil {
		return err
	}
	defer os.RemoveAll(h.folder)
	for _, build := range [][]string{
		{"test", "-c", "-tags", "planted", "-o", h.simulation(), "./internal/simulate"},
		{"build", "-tags", "planted", "-o", h.parley(), "./cmd/parley"},
	} {
		if err := h.toolchain(ctx, build); err != nil {
			return err
		}
	}
	return h.judge(h.all(ctx))
}

func (h *hunt) simulation() string { return filepath.Join(h.folder, "simulate.test") }

func (h *hunt) parley() string { return filepath.Join(h.folder, "parley") }

// all hunts every bug, and twice nothing.
func (h *hunt) all(ctx context.Context) (catches []catch, err error) {
	list := append([]planted.Planting{
		{Name: planted.None, Does: "nothing is planted", By: planted.Simulation},
		{Name: planted.None, Does: "nothing is planted", By: planted.Prove},
	}, planted.All()...)
	fmt.Fprintf(h.out, "%-16s %-10s %6s  %-28s %s\n", "bug", "check", "s", "found", "first finding")
	for _, p := range list {
		if h.only != "" && string(p.Name) != h.only {
			continue
		}
		c, err := h.one(ctx, p)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, fmt.Errorf("%s: %w", nameOf(p), err)
		}
		catches = append(catches, c)
		c.write(h.out)
	}
	return catches, nil
}

func (h *hunt) one(ctx context.Context, p planted.Planting) (c catch, err error) {
	from := time.Now()
	c.Planting = p
	if p.By == planted.Prove {
		c.by, c.first, err = h.prove(ctx, p.Name)
	} else {
		c.by, c.first, err = h.simulate(ctx, p.Name)
	}
	c.took = time.Since(from)
	return c, err
}

// judge tells whether every bug was caught, and nothing else.
func (h *hunt) judge(catches []catch, err error) error {
	if err != nil {
		return err
	}
	wrong := 0
	for _, c := range catches {
		switch caught := len(c.by) > 0; {
		case c.Name == planted.None && caught:
			fmt.Fprintf(h.out, "the %s finds something where nothing is planted\n", c.By)
			wrong++
		case c.Name != planted.None && !caught:
			fmt.Fprintf(h.out, "the %s does not catch %s: %s\n", c.By, c.Name, c.Does)
			wrong++
		}
	}
	if wrong > 0 || len(catches) == 0 {
		return fmt.Errorf("%d of %d are not as they should be", wrong, len(catches))
	}
	fmt.Fprintf(h.out, "all as it should be: %d hunts, every bug was caught\n", len(catches))
	return nil
}
