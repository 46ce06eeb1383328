package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
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
