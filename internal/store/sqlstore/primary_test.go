package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
)

func TestAPromotedStandbyHasAnotherEpoch(t *testing.T) {
	server := postgrestest.Start(t)
	c := newNodes(t, server.Database(t), 1)
	before := c.Epoch()
	server.Restart(t, postgrestest.Crash)
	c.answers()
	if c.Epoch() != before {
		t.Errorf("a restart made epoch %q of %q", c.Epoch(), before)
	}
	server.BecomeStandby(t)
	eventually(t, func() bool { return c.Ping(t.Context()) != nil })
	if _, err := c.Heads(t.Context(), []chat.RoomID{c.room}); !errors.Is(err, chat.ErrUnavailable) {
		t.Errorf("heads of a standby: %v, want unavailable", err)
	}
	server.Promote(t)
	c.answers()
	if c.Epoch() == before || !strings.HasSuffix(before, "-1") || !strings.HasSuffix(c.Epoch(), "-2") {
		t.Errorf("epoch %q after %q", c.Epoch(), before)
	}
}

func TestADatabaseThatHasLostEventsHasAnotherEpoch(t *testing.T) {
	server := postgrestest.Start(t)
	h := hallIn(t, openPostgres(t, server.Database(t), sqlstore.Options{}))
	kept := h.keep(server)
	before := h.Epoch()
	server.Stop(t, postgrestest.Fast)
	server.PutBack(t)
	eventually(t, func() bool { return h.Ping(t.Context()) == nil })
	heads, err := h.Heads(t.Context(), []chat.RoomID{h.room})
	if err != nil || heads[h.room] != kept || h.Epoch() == before {
		t.Errorf("heads %v, %v, epoch %q after %q", heads, err, h.Epoch(), before)
	}
}

func TestADatabaseThatLostEventsWhileNobodyLookedHasAnotherEpoch(t *testing.T) {
	server := postgrestest.Start(t)
	url, dir := server.Database(t), t.TempDir()
	h := hallIn(t, openPostgres(t, url, sqlstore.Options{Path: filepath.Join(dir, "none.db")}))
	h.keep(server)
	before := h.Epoch()
	h.must(h.Close())
	server.Stop(t, postgrestest.Fast)
	server.PutBack(t)
	again := openPostgres(t, url, sqlstore.Options{Path: filepath.Join(dir, "none.db")})
	if again.Epoch() == before {
		t.Errorf("the epoch is %q still", before)
	}
	h.must(again.Close())
}

// keep says one thing that is in the backup, and one that is not, of which
// the store knows.
func (h *hall) keep(server *postgrestest.Server) (kept chat.Seq) {
	h.t.Helper()
	said, err := h.say("in the backup")
	h.must(err)
	server.Keep(h.t)
	eventually(h.t, func() bool { _, err := h.say("not in the backup"); return err == nil })
	h.must(h.RenewEpoch(h.t.Context(), "")) // as is done every few seconds
	return said.Message.Seq
}

func TestAStandbyIsRefused(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	server.BecomeStandby(t)
	if _, err := sqlstore.Open(context.Background(), sqlstore.Options{URL: url}); !errors.Is(err, sqlstore.ErrStandby) {
		t.Errorf("got %v, want ErrStandby", err)
	}
}

func TestACopyOfTheDatabaseHasAnotherEpoch(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	h := hallIn(t, openPostgres(t, url, sqlstore.Options{}))
	before := h.Epoch()
	h.must(h.Close())
	again := openPostgres(t, url, sqlstore.Options{})
	if again.Epoch() != before {
		t.Errorf("a restart made epoch %q of %q", again.Epoch(), before)
	}
	h.must(again.Close())
	url = server.Copy(t, url)
	one, two := openPostgres(t, url, sqlstore.Options{}), openPostgres(t, url, sqlstore.Options{})
	defer one.Close()
	defer two.Close()
	if one.Epoch() == before || one.Epoch() != two.Epoch() {
		t.Errorf("the copy has epochs %q and %q, the database had %q", one.Epoch(), two.Epoch(), before)
	}
}

func TestADatabaseInPostgreSQLOfANewerProgramIsRefused(t *testing.T) {
	url := postgrestest.Database(t)
	h := hallIn(t, openPostgres(t, url, sqlstore.Options{}))
	h.must(h.OnWriter(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)"))
	if _, err := sqlstore.Open(context.Background(), sqlstore.Options{URL: url}); !errors.Is(err, sqlstore.ErrNewerSchema) {
		t.Errorf("got %v, want ErrNewerSchema", err)
	}
}

func TestAServerThatHidesItsTimelineIsUsed(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	super, err := pgx.Connect(t.Context(), strings.Replace(url, "parley@", "postgres@", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background())
	if _, err := super.Exec(t.Context(), "REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC"); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := openPostgres(t, url, sqlstore.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	epoch := s.Epoch()
	if err := s.Close(); err != nil || len(epoch) < 10 || strings.Contains(epoch, "-") {
		t.Errorf("epoch %q, %v", epoch, err)
	}
	if !strings.Contains(log.String(), "timeline cannot be read") {
		t.Errorf("the log has no warning: %s", log.String())
	}
}

func TestNodesThatSeeMoreAndLessOfTheServerKeepOneEpoch(t *testing.T) {
	server := postgrestest.Start(t)
	url := server.Database(t)
	super, err := pgx.Connect(t.Context(), strings.Replace(url, "parley@", "postgres@", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background())
	epoch := func(rights string) string {
		if _, err := super.Exec(t.Context(), rights); err != nil {
			t.Fatal(err)
		}
		s := openPostgres(t, url, sqlstore.Options{})
		defer s.Close()
		return s.Epoch()
	}
	all := epoch("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")
	less := epoch("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
	again := epoch("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")
	if name, _, _ := strings.Cut(all, "-"); less != name || again != all {
		t.Errorf("the epoch is %q, then %q, then %q", all, less, again)
	}
}
