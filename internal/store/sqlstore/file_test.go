package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

func TestTheFilesAreForTheirOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	s := open(t, dir, sqlstore.Options{})
	defer s.Close()
	checkMode(t, dir, 0o700)
	for _, name := range []string{"parley.db", "parley.db-wal", "parley.db-shm", "parley.lock", "parley.epoch"} {
		checkMode(t, filepath.Join(dir, name), 0o600)
	}
}

func checkMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	found, err := os.Stat(path)
	if err != nil || found.Mode().Perm() != want {
		t.Errorf("%s: %v, %v; want mode %o", path, found, err, want)
	}
}

func TestAPathMayHoldAnyCharacter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "50% of a?b #1 é")
	open(t, dir, sqlstore.Options{}).Close()
	if _, err := os.Stat(filepath.Join(dir, "parley.db")); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the directory: %v, %v", entries, err)
	}
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	h.must(h.Close())
	execute(t, h.dir, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
	_, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: filepath.Join(h.dir, "parley.db")})
	if !errors.Is(err, sqlstore.ErrNewerSchema) || !strings.Contains(err.Error(), "99") {
		t.Fatalf("got %v, want ErrNewerSchema with the number", err)
	}
	execute(t, h.dir, "DELETE FROM goose_db_version WHERE version_id = 99")
	open(t, h.dir, sqlstore.Options{}).Close()
}

// execute runs a statement on the database of a store that is closed.
func execute(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatIsNoDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.Open(context.Background(), sqlstore.Options{Path: path}); err == nil {
		t.Fatal("it was opened")
	}
	now, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(now, []byte("no database")) {
		t.Error("the file was changed")
	}
}

func TestTheEpochStaysOverARestart(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	before := h.Epoch()
	h.reopen(sqlstore.Options{}, func() {})
	if h.Epoch() != before || len(before) < 10 {
		t.Errorf("epoch %q after %q", h.Epoch(), before)
	}
}

func TestWhateverMayBeAnotherHistoryGetsANewEpoch(t *testing.T) {
	for name, happens := range map[string]func(h *hall, backup []byte){
		"an older copy of the database": func(h *hall, backup []byte) { h.must(os.WriteFile(h.file("parley.db"), backup, 0o600)) },
		"no mark":                       func(h *hall, _ []byte) { h.must(os.Remove(h.file("parley.epoch"))) },
		"a broken mark":                 func(h *hall, _ []byte) { h.must(os.WriteFile(h.file("parley.epoch"), []byte("{"), 0o600)) },
		"a mark of another history": func(h *hall, _ []byte) {
			h.must(os.WriteFile(h.file("parley.epoch"), []byte(`{"epoch":"other","committed":1}`), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHall(t, sqlstore.Options{})
			var backup []byte
			h.reopen(sqlstore.Options{}, func() { backup = h.read("parley.db") })
			before := h.Epoch()
			_, err := h.say("after the backup")
			h.must(err)
			h.reopen(sqlstore.Options{}, func() { happens(h, backup) })
			if h.Epoch() == before {
				t.Fatal("the epoch is the same")
			}
			changed := h.Epoch()
			h.reopen(sqlstore.Options{}, func() {})
			if h.Epoch() != changed {
				t.Error("the epoch changed once more")
			}
		})
	}
}

func (h *hall) file(name string) string { return filepath.Join(h.dir, name) }

func (h *hall) read(name string) []byte {
	h.t.Helper()
	text, err := os.ReadFile(h.file(name))
	h.must(err)
	return text
}

func TestTheMarkFollowsTheCommits(t *testing.T) {
	h := newHall(t, sqlstore.Options{MarkEvery: time.Millisecond})
	for _, text := range []string{"one", "two"} {
		_, err := h.say(text)
		h.must(err)
	}
	eventually(t, func() bool { return bytes.Contains(h.read("parley.epoch"), []byte(`"committed":3`)) })
	h.must(h.DeleteRoom(t.Context(), h.ann.ID, h.room))
	before := h.Epoch()
	h.reopen(sqlstore.Options{}, func() {})
	if h.Epoch() != before {
		t.Error("a deleted room counts as lost history")
	}
}

func TestDeletedTextIsNotInTheFiles(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	const said = chat.Seq(2)
	h.change(chat.PostMessage{Draft: chat.Draft{Key: "k", Text: "the secret one"}})
	h.change(chat.EditMessage{Seq: said, Text: "the secret two, " + strings.Repeat("long ", 2000)})
	h.reopen(sqlstore.Options{}, func() {
		if !bytes.Contains(h.read("parley.db"), []byte("the secret two")) {
			t.Fatal("the test looks in the wrong place")
		}
	})
	h.change(chat.DeleteMessage{Seq: said})
	h.must(h.Close())
	entries, err := os.ReadDir(h.dir)
	h.must(err)
	for _, entry := range entries {
		if bytes.Contains(h.read(entry.Name()), []byte("the secret")) {
			t.Errorf("%s holds the text", entry.Name())
		}
	}
}

func (h *hall) change(c chat.Change) {
	h.t.Helper()
	_, err := store.AppendWait(h.t.Context(), h, h.ann.ID, h.room, c)
	h.must(err)
}
