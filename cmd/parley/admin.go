package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/node"
)

// administer runs do against the server of a data directory, or against the
// directory itself where no server runs. base is the address for invitations
// made without a server.
func (sh *shell) administer(ctx context.Context, where config.Storage, base string, do func(control.Admin) error) error {
	admin, done, err := node.OpenAdmin(ctx, where, base, sh.warnings())
	if err != nil {
		return err
	}
	err = do(admin)
	if closing := done(); err == nil {
		err = closing
	}
	return err
}

// warnings is the log of a command that is no server.
func (sh *shell) warnings() *slog.Logger {
	return slog.New(slog.NewTextHandler(sh.errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// table prints rows under a header, in columns.
func (sh *shell) table(header string, rows []string) error {
	w := tabwriter.NewWriter(sh.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, header)
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
	return w.Flush()
}

// row joins the columns of a table.
func row(columns ...any) string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = fmt.Sprint(c)
	}
	return strings.Join(texts, "\t")
}

// life is a duration that may also be given in days, such as 7d.
type life time.Duration

// UnmarshalText reads 90m, 24h or 7d.
func (l *life) UnmarshalText(text []byte) error {
	s := string(text)
	if days, found := strings.CutSuffix(s, "d"); found {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 36500 {
			return fmt.Errorf("%q is no number of days, such as 7d", s)
		}
		*l = life(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no time, such as 90m, 24h or 7d", s)
	}
	*l = life(d)
	return nil
}

// day shows a date, or a dash for none.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}
