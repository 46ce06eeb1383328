package transfer_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
	"github.com/parley-chat/parley/internal/transfer"
)

func TestADatabaseGoesToPostgreSQLAndBackUnchanged(t *testing.T) {
	messages := 3000
	if os.Getenv("PARLEY_COPY_MESSAGES") != "" {
		_, err := fmt.Sscan(os.Getenv("PARLEY_COPY_MESSAGES"), &messages)
		must(t, err)
	}
	first, second, third := file(t), server(t), file(t)
	world(t, first, messages)
	began := time.Now()
	there := transferred(t, first, second)
	middle := time.Now()
	back := transferred(t, second, third)
	t.Logf("%d messages: to PostgreSQL in %v, and back in %v", messages, middle.Sub(began), time.Since(middle))
	var table bytes.Buffer
	back.Write(&table)
	t.Logf("\n%s", table.String())
	for i, l := range there.Tables {
		if l.From.Rows == 0 {
			t.Errorf("nothing was in %s", l.Name)
		}
		if l.From != back.Tables[i].To {
			t.Errorf("%s: %+v came back as %+v", l.Name, l.From, back.Tables[i].To)
		}
	}
	for i, l := range there.Rooms {
		if l.From != back.Rooms[i].To || l.From.Sum == (transfer.Digest{}) {
			t.Errorf("room %d: %+v came back as %+v", l.ID, l.From, back.Rooms[i].To)
		}
	}
	if len(there.Rooms) != 7 || len(there.StartedOver) > 0 {
		t.Errorf("%d rooms; started over: %v", len(there.Rooms), there.StartedOver)
	}
}

func TestEachEngineIsCopiedToItsOwnKind(t *testing.T) {
	first := file(t)
	world(t, first, 300)
	second, third, fourth := server(t), server(t), file(t)
	transferred(t, first, second)
	transferred(t, second, third)
	transferred(t, first, fourth)
}

func TestPeopleGoOnChattingOnTheCopy(t *testing.T) {
	first := file(t)
	world(t, first, 300)
	for _, to := range []sqlstore.Options{server(t), file(t)} {
		transferred(t, first, to)
		before, after := settler{t, serve(t, first)}, settler{t, serve(t, to)}
		goesOn(t, before, after)
		must(t, errors.Join(before.Close(), after.Close()))
	}
}

// goesOn does the same in both databases and wants the same of them.
func goesOn(t *testing.T, before, after settler) {
	t.Helper()
	ctx := t.Context()
	if a, b := before.Epoch(), after.Epoch(); a == b || b == "" {
		t.Errorf("the copy has epoch %q, its source %q: clients would not load anew", b, a)
	}
	again, err := store.AppendWait(ctx, after, ann, 1, chat.PostMessage{Draft: chat.Draft{Key: "answer", Text: "\t<b>&\u2028 ' \\ \"", ReplyTo: firstWords(t, after)}})
	if err != nil || !again.Repeated {
		t.Errorf("a known key: %+v, %v", again, err)
	}
	if a, b := before.say(1, fmt.Sprint("go on ", t.Name(), time.Now())), after.say(1, "go on"); a != b {
		t.Errorf("the next number is %d, in the source %d", b, a)
	}
	found, err := after.Principals(ctx, [][]byte{hash("browser")})
	if user := found[string(hash("browser"))].User; err != nil || user.ID != bob {
		t.Errorf("the session signs in %+v, %v", user, err)
	}
	for i, create := range []func(settler) int64{newUser, newRoom, newInvite, newSession} {
		if a, b := create(before), create(after); a != b {
			t.Errorf("kind %d: the next id is %d, in the source %d", i, b, a)
		}
	}
	if _, err := after.Setting(ctx, store.SettingSeal); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("the nodes' key was copied: %v", err)
	}
}

func firstWords(t *testing.T, w settler) chat.Seq {
	t.Helper()
	page, err := w.Events(t.Context(), 1, 0, 100_000)
	must(t, err)
	for _, ev := range page {
		if ev.Message.Key == "key first words for @"+w.name(bob) {
			return ev.Seq
		}
	}
	t.Fatal("the first words are gone")
	return 0
}

func newUser(w settler) int64 {
	name := fmt.Sprint("new", time.Now().UnixNano())
	user, err := w.CreateUser(w.t.Context(), store.NewUser{Username: name, Fold: name, Role: chat.RoleMember})
	must(w.t, err)
	return int64(user.ID)
}

func newRoom(w settler) int64 {
	room, err := w.CreateRoom(w.t.Context(), store.NewRoom{Creator: ann, Slug: fmt.Sprint("new", time.Now().UnixNano()), Name: "New"})
	must(w.t, err)
	return int64(room.ID)
}

func newInvite(w settler) int64 {
	invite, err := w.CreateInvite(w.t.Context(), store.NewInvite{CodeHash: hash(fmt.Sprint(time.Now())), ExpiresAt: time.Now().Add(time.Hour)})
	must(w.t, err)
	return int64(invite.ID)
}

func newSession(w settler) int64 {
	session, _, err := w.CreateSession(w.t.Context(), store.NewSession{
		User: bob, Kind: chat.SessionToken, SecretHash: hash(fmt.Sprint(time.Now())), ExpiresAt: time.Now().Add(time.Hour),
	})
	must(w.t, err)
	return int64(session.ID)
}

func TestTheSourceIsLeftAsItWas(t *testing.T) {
	from := file(t)
	world(t, from, 300)
	before := contents(t, filepath.Dir(from.Path))
	transferred(t, from, file(t))
	for name, text := range contents(t, filepath.Dir(from.Path)) {
		if was, found := before[name]; (found || len(text) > 0 && !strings.HasSuffix(name, "-shm")) && !bytes.Equal(was, text) {
			t.Errorf("%s was changed", name)
		}
	}
}

func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	list, err := os.ReadDir(dir)
	must(t, err)
	files := map[string][]byte{}
	for _, entry := range list {
		files[entry.Name()], err = os.ReadFile(filepath.Join(dir, entry.Name()))
		must(t, err)
	}
	return files
}

func TestTheLogOfAKilledServerIsCopiedToo(t *testing.T) {
	from := file(t)
	world(t, from, 300)
	s := serve(t, from)
	settler{t, s}.say(1, "in the log only")
	// What a killed process leaves: the files as they are while it runs.
	left := file(t)
	must(t, os.MkdirAll(filepath.Dir(left.Path), 0o700))
	for name, text := range contents(t, filepath.Dir(from.Path)) {
		must(t, os.WriteFile(filepath.Join(filepath.Dir(left.Path), name), text, 0o600))
	}
	must(t, s.Close())
	before := contents(t, filepath.Dir(left.Path))
	if len(before["parley.db-wal"]) == 0 {
		t.Fatal("there is no log")
	}
	to := file(t)
	transferred(t, left, to)
	transferred(t, from, file(t))
	copied, was := settler{t, serve(t, to)}, settler{t, serve(t, from)}
	if a, b := copied.say(1, "next"), was.say(1, "next"); a != b {
		t.Errorf("the next number is %d, want %d", a, b)
	}
	after := contents(t, filepath.Dir(left.Path))
	for _, name := range []string{"parley.db", "parley.db-wal"} {
		if !bytes.Equal(before[name], after[name]) {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestNoColumnIsLeftOutOfTheComparison(t *testing.T) {
	from, to := file(t), file(t)
	world(t, from, 50)
	transferred(t, from, to)
	ours, theirs := source(t, from), destination(t, to)
	raw, err := sql.Open("sqlite", to.Path)
	must(t, err)
	defer raw.Close()
	for _, table := range transfer.Schema() {
		for _, c := range table.Columns {
			undo := spoil(t, raw, table, c)
			report, err := transfer.Compare(t.Context(), ours, theirs, silent)
			must(t, err)
			if named := differing(report); named != table.Name {
				t.Errorf("%s.%s was changed, and %q differs", table.Name, c.Name, named)
			}
			undo()
		}
	}
	if report, err := transfer.Compare(t.Context(), ours, theirs, silent); err != nil || !report.Same() {
		t.Errorf("the test left something behind: %v", err)
	}
}

// spoil changes one value of a table, which stays as long as it was.
func spoil(t *testing.T, raw *sql.DB, table transfer.Table, c transfer.Column) (undo func()) {
	t.Helper()
	keys, which := strings.Join(keysOf(table), ", "), "length("+c.Name+") > 0"
	if table.Name == "settings" {
		which = "name = 'workspace'"
	}
	to := map[transfer.Kind]string{
		transfer.Integer: c.Name + " + 1000000", transfer.Text: "'~' || substr(" + c.Name + ", 2)",
		transfer.Bytes: "zeroblob(length(" + c.Name + "))", transfer.Flag: "1 - " + c.Name,
	}[c.Kind]
	execute(t, raw, "CREATE TABLE kept AS SELECT * FROM "+table.Name)
	changed := execute(t, raw, "UPDATE "+table.Name+" SET "+c.Name+" = "+to+" WHERE ("+keys+") = (SELECT "+keys+" FROM "+table.Name+" WHERE "+which+" LIMIT 1)")
	if changed != 1 {
		t.Errorf("%s.%s: %d rows changed", table.Name, c.Name, changed)
	}
	return func() {
		execute(t, raw, "DELETE FROM "+table.Name)
		execute(t, raw, "INSERT INTO "+table.Name+" SELECT * FROM kept")
		execute(t, raw, "DROP TABLE kept")
	}
}

func execute(t *testing.T, raw *sql.DB, text string) int64 {
	t.Helper()
	done, err := raw.Exec(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	n, err := done.RowsAffected()
	must(t, err)
	return n
}

func keysOf(t transfer.Table) (names []string) {
	for _, c := range t.Columns[:t.Keys] {
		names = append(names, c.Name)
	}
	return names
}

// differing names the tables that differ.
func differing(r transfer.Report) string {
	var names []string
	for _, l := range r.Tables {
		if !l.Same() {
			names = append(names, l.Name)
		}
	}
	return strings.Join(names, " ")
}
