package djangochat_test

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/djangochat"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/store"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

// schema is that of Django 4.1 for the three tables that are read.
const schema = `
CREATE TABLE auth_user (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, password varchar(128) NOT NULL, last_login datetime NULL,
  is_superuser bool NOT NULL, username varchar(150) NOT NULL UNIQUE, last_name varchar(150) NOT NULL, email varchar(254) NOT NULL,
  is_staff bool NOT NULL, is_active bool NOT NULL, date_joined datetime NOT NULL, first_name varchar(150) NOT NULL);
CREATE TABLE room_room (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, slug varchar(50) NOT NULL UNIQUE);
CREATE TABLE room_message (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, content text NOT NULL, date_added datetime NOT NULL,
  room_id bigint NOT NULL REFERENCES room_room (id), user_id integer NOT NULL REFERENCES auth_user (id));`

// djangoHash makes what Django 4.1 stores for a password.
func djangoHash(t *testing.T, pass string) string {
	t.Helper()
	const rounds, salt = 390_000, "mB2Yw6xVqk1RrP0cN8dTzE"
	key, err := pbkdf2.Key(sha256.New, pass, []byte(salt), rounds, 32)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", rounds, salt, base64.StdEncoding.EncodeToString(key))
}

// old is a Django-Chat database in the making.
type old struct {
	t    *testing.T
	path string
	db   *sql.DB
}

func newOld(t *testing.T) *old {
	t.Helper()
	o := &old{t: t, path: filepath.Join(t.TempDir(), "db.sqlite3")}
	db, err := sql.Open("sqlite", o.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	o.db = db
	o.exec(schema)
	return o
}

func (o *old) exec(query string, args ...any) {
	o.t.Helper()
	if _, err := o.db.Exec(query, args...); err != nil {
		o.t.Fatal(err)
	}
}

func (o *old) user(name, hash string, super, active bool) {
	o.t.Helper()
	o.exec(`INSERT INTO auth_user (password, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name)
		VALUES (?, ?, ?, 'Sato', '', 0, ?, '2022-11-01 09:30:00.123456', 'Hana')`, hash, super, name, active)
}

func (o *old) room(name, slug string) {
	o.t.Helper()
	o.exec(`INSERT INTO room_room (name, slug) VALUES (?, ?)`, name, slug)
}

func (o *old) message(room, user int, at, content string) {
	o.t.Helper()
	o.exec(`INSERT INTO room_message (content, date_added, room_id, user_id) VALUES (?, ?, ?, ?)`, content, at, room, user)
}

func newStore(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Path: filepath.Join(t.TempDir(), "data", "parley.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustImport(t *testing.T, s store.Store, path string, dryRun bool) djangochat.Report {
	t.Helper()
	report, err := djangochat.Import(t.Context(), s, path, dryRun)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// userNamed finds an imported account.
func userNamed(t *testing.T, s store.Store, name string) chat.User {
	t.Helper()
	_, fold, err := chat.CleanUsername(name)
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.UserByFold(t.Context(), fold)
	if err != nil {
		t.Fatalf("user %s: %v", name, err)
	}
	return u
}

// texts gives "seq time text" of all that a person sees in a room.
func texts(t *testing.T, s store.Store, viewer chat.UserID, slug string) []string {
	t.Helper()
	room, err := s.RoomBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Page(t.Context(), store.Visit{Viewer: viewer, Room: room}, chat.PageQuery{Limit: chat.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, m := range page.Messages {
		lines = append(lines, fmt.Sprintf("%d %s %s: %s", m.Seq, m.CreatedAt.Format(time.RFC3339), m.User.Username, m.Text))
	}
	return lines
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPeopleRoomsAndMessagesMoveInWithTheirTimes(t *testing.T) {
	o := newOld(t)
	o.user("hana", djangoHash(t, "a long pass phrase"), true, true)
	o.user("Code.With", djangoHash(t, "bad1"), false, true)
	o.room("General talk", "general")
	o.message(1, 2, "2022-11-03 10:00:01.000001", "second")
	o.message(1, 1, "2022-11-03 10:00:00", "first")
	o.message(1, 1, "2022-11-04 08:00:00", "   ")
	o.message(1, 1, "2022-11-05 08:00:00.5", "<img src=x>")

	s := newStore(t)
	report := mustImport(t, s, o.path, false)

	if report.Users != 2 || report.Rooms != 1 || report.Messages != 3 || report.Empty != 1 {
		t.Errorf("report %+v", report)
	}
	hana := userNamed(t, s, "hana")
	if !hana.IsAdmin() || hana.Name != "Hana Sato" {
		t.Errorf("hana is %+v", hana)
	}
	wantLines(t, texts(t, s, hana.ID, "general"),
		"1 2022-11-03T10:00:00Z hana: first",
		"2 2022-11-03T10:00:01Z Code.With: second",
		"3 2022-11-05T08:00:00Z hana: <img src=x>")
	rooms, err := s.Rooms(t.Context(), userNamed(t, s, "code.with").ID)
	if err != nil || len(rooms) != 1 || !rooms[0].Joined || rooms[0].ReadSeq != 3 || rooms[0].Unread != 0 {
		t.Errorf("rooms %+v, %v", rooms, err)
	}
}

func TestOldPasswordsGoOnWorking(t *testing.T) {
	o := newOld(t)
	o.user("hana", djangoHash(t, "bad1"), false, true)
	s := newStore(t)
	mustImport(t, s, o.path, false)

	hash, err := s.PasswordHash(t.Context(), userNamed(t, s, "hana").ID)
	if err != nil {
		t.Fatal(err)
	}
	hasher := password.New(password.Options{})
	if ok, weak, err := hasher.Verify(t.Context(), hash, "bad1"); !ok || !weak || err != nil {
		t.Errorf("right password: ok %v, to be renewed %v, error %v", ok, weak, err)
	}
	if ok, _, _ := hasher.Verify(t.Context(), hash, "bad2"); ok {
		t.Error("a wrong password was accepted")
	}
}

func TestHashesThatCannotBeVerifiedAreListedAndNeverMatch(t *testing.T) {
	o := newOld(t)
	for i, hash := range []string{"!", "", "md5$a$b", "pbkdf2_sha256$2147483648$salt$AAAA", "plain"} {
		o.user(fmt.Sprintf("user%d", i), hash, false, true)
	}
	s := newStore(t)
	report := mustImport(t, s, o.path, false)
	if len(report.NoPassword) != 5 {
		t.Errorf("listed %v", report.NoPassword)
	}
	hash, err := s.PasswordHash(t.Context(), userNamed(t, s, "user3").ID)
	if hash != "" || err != nil {
		t.Errorf("hash %q, %v", hash, err)
	}
}

func TestASecondImportAddsOnlyWhatIsNew(t *testing.T) {
	o := newOld(t)
	o.user("hana", "!", false, true)
	o.room("General", "general")
	o.message(1, 1, "2022-11-03 10:00:00", "first")
	s := newStore(t)
	mustImport(t, s, o.path, false)

	report := mustImport(t, s, o.path, false)
	if report.Users+report.Rooms+report.Messages != 0 || report.UsersKnown != 1 || report.RoomsKnown != 1 || report.MessagesKnown != 1 {
		t.Errorf("second report %+v", report)
	}
	o.message(1, 1, "2022-11-03 11:00:00", "later")
	if report := mustImport(t, s, o.path, false); report.Messages != 1 {
		t.Errorf("third report %+v", report)
	}
	wantLines(t, texts(t, s, userNamed(t, s, "hana").ID, "general"),
		"1 2022-11-03T10:00:00Z hana: first", "2 2022-11-03T11:00:00Z hana: later")
}

func TestADryRunReportsAndKeepsNothing(t *testing.T) {
	o := newOld(t)
	o.user("hana", "!", false, true)
	s := newStore(t)
	if report := mustImport(t, s, o.path, true); report.Users != 1 {
		t.Errorf("report %+v", report)
	}
	wantUsers(t, s, 0)
}

func wantUsers(t *testing.T, s store.Store, want int) {
	t.Helper()
	if n, err := s.CountUsers(context.Background()); n != want || err != nil {
		t.Errorf("%d users, %v; want %d", n, err, want)
	}
}

func TestAnAccountOfTheSameNameIsNeverMerged(t *testing.T) {
	s := newStore(t)
	if _, err := s.CreateUser(t.Context(), store.NewUser{Username: "hana", Fold: "hana", Name: "Another", Role: chat.RoleAdmin}); err != nil {
		t.Fatal(err)
	}
	o := newOld(t)
	o.user("Hana", "!", false, true)
	report := mustImport(t, s, o.path, false)
	if len(report.Renamed) != 1 || report.Renamed[0].New != "Hana-2" {
		t.Errorf("renamed %v", report.Renamed)
	}
	if u := userNamed(t, s, "hana"); u.Name != "Another" {
		t.Errorf("the account that was there is now %+v", u)
	}
}

func TestNamesAndAddressesThatDoNotFitAreMadeToFit(t *testing.T) {
	o := newOld(t)
	o.user("-.weird name.-"+strings.Repeat("x", 100), "!", false, false)
	o.user("здраво-hello", "!", false, true)
	o.room(strings.Repeat("Long room name ", 12), "Upper_Case")
	o.room("Digits", "2022")
	s := newStore(t)
	report := mustImport(t, s, o.path, false)
	if len(report.Renamed) != 2 || len(report.Moved) != 2 || len(report.Disabled) != 1 {
		t.Errorf("report %+v", report)
	}
	for _, slug := range []string{"upper_case", "digits"} {
		if _, err := s.RoomBySlug(t.Context(), slug); err != nil {
			t.Errorf("room %s: %v", slug, err)
		}
	}
}

func TestAFileOfARunningServerIsReadWithItsLog(t *testing.T) {
	o := newOld(t)
	o.exec("PRAGMA journal_mode=WAL")
	o.user("hana", "!", false, true) // stands only in the -wal file, which stays open
	s := newStore(t)
	if report := mustImport(t, s, o.path, false); report.Users != 1 {
		t.Errorf("report %+v", report)
	}
}

func TestABrokenFileChangesNothingAndSaysWhy(t *testing.T) {
	whole := newOld(t)
	whole.user("hana", "!", false, true)
	whole.room("General", "general")
	for i := range 2000 {
		whole.message(1, 1, "2022-11-03 10:00:00", fmt.Sprintf("message %d with some words to fill pages", i))
	}
	whole.db.Close()
	bytes, err := os.ReadFile(whole.path)
	if err != nil {
		t.Fatal(err)
	}
	orphan := newOld(t)
	orphan.user("hana", "!", false, true)
	orphan.room("General", "general")
	orphan.message(1, 77, "2022-11-03 10:00:00", "by nobody")
	badTime := newOld(t)
	badTime.user("hana", "!", false, true)
	badTime.room("General", "general")
	badTime.message(1, 1, "yesterday", "when?")
	view := newOld(t)
	view.exec("DROP TABLE room_message; CREATE VIEW room_message AS SELECT 1 AS id, 'x' AS content, '2022-11-03 10:00:00' AS date_added, 1 AS room_id, 1 AS user_id")
	missing := newOld(t)
	missing.exec("DROP TABLE room_message; DROP TABLE room_room")

	for _, c := range []struct{ name, path, want string }{
		{"truncated", write(t, bytes[:len(bytes)/2]), "damaged"},
		{"not a database", write(t, []byte("hello, this is no database at all")), "cannot be read as a SQLite database"},
		{"empty file", write(t, nil), "no table auth_user"},
		{"a device", os.DevNull, "this is no file"},
		{"a folder", t.TempDir(), "this is no file"},
		{"no file", filepath.Join(t.TempDir(), "nowhere"), "no such file"},
		{"author missing", orphan.path, "room_message 1: its author 77"},
		{"bad time", badTime.path, `room_message cannot be read, broken at its row number 1: row 1: "yesterday" is no time`},
		{"view", view.path, "room_message is no plain table"},
		{"tables missing", missing.path, "no table room_room"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t)
			_, err := djangochat.Import(t.Context(), s, c.path, false)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			wantUsers(t, s, 0)
		})
	}
}

func write(t *testing.T, bytes []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	if err := os.WriteFile(path, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheReportNamesWhatNeedsAttention(t *testing.T) {
	var b strings.Builder
	report := djangochat.Report{Users: 2, Messages: 5, NoPassword: []string{"hana"}, Renamed: []djangochat.Renamed{{Old: "Hana", New: "Hana-2"}}}
	if _, err := report.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 new", "5 new", "hana\n", `"Hana" is now "Hana-2"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}
