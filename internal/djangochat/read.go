package djangochat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// database is what is read of the old one.
type database struct {
	users    []user
	rooms    []room
	messages []message
}

type user struct {
	id                  int64
	username, password  string
	first, last, joined string
	superuser, active   bool
}

type room struct {
	id         int64
	name, slug string
}

type message struct {
	id, room, user int64
	content, added string
	at             time.Time
}

func (u user) role() chat.Role {
	if u.superuser {
		return chat.RoleAdmin
	}
	return chat.RoleMember
}

// displayName is the full name if there is one that can be shown.
func (u user) displayName(username string) string {
	runes := []rune(strings.TrimSpace(u.first + " " + u.last))
	name, err := chat.CleanLine("name", string(runes[:min(len(runes), chat.MaxDisplayName)]), 1, chat.MaxDisplayName)
	if err != nil {
		return username
	}
	return name
}

// read copies the file, with the log files of a running server beside it,
// into a private directory and reads it there: SQLite would otherwise write
// next to the original.
func read(ctx context.Context, path string) (database, error) {
	dir, err := os.MkdirTemp("", "parley-import-")
	if err != nil {
		return database{}, err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "db.sqlite3")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := copyFile(copied+suffix, path+suffix, suffix != ""); err != nil {
			return database{}, err
		}
	}
	return open(ctx, copied, path)
}

// copyFile copies a regular file: a pipe or a device would never end.
func copyFile(to, from string, optional bool) error {
	about, err := os.Stat(from)
	switch {
	case optional && errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !about.Mode().IsRegular():
		return fmt.Errorf("%s: this is no file. Nothing was imported", from)
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// open reads the copy; name is what the person calls the file.
func open(ctx context.Context, copied, name string) (database, error) {
	db, err := sql.Open("sqlite", "file:"+copied+"?_pragma=trusted_schema(0)&_pragma=cell_size_check(1)")
	if err != nil {
		return database{}, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := check(ctx, db); err != nil {
		return database{}, fmt.Errorf("%s: %w. Nothing was imported", name, err)
	}
	var old database
	for _, load := range []func(context.Context, *sql.DB) error{old.loadUsers, old.loadRooms, old.loadMessages} {
		if err := load(ctx, db); err != nil {
			return database{}, fmt.Errorf("%s: %w. Nothing was imported", name, err)
		}
	}
	return old, nil
}

// check refuses a damaged file and one that is no Django-Chat database. Only
// plain tables are read: a view or virtual table would run what its maker
// put there.
func check(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("it cannot be read as a SQLite database (damaged, cut off, or something else): %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("the database is damaged: %s", verdict)
	}
	for _, table := range []string{"auth_user", "room_room", "room_message"} {
		var kind, text string
		err := db.QueryRowContext(ctx, "SELECT type, coalesce(sql, '') FROM sqlite_schema WHERE name = ?", table).Scan(&kind, &text)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("there is no table %s: this is no Django-Chat database", table)
		}
		if err != nil {
			return err
		}
		if kind != "table" || strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "CREATE VIRTUAL") {
			return fmt.Errorf("%s is no plain table", table)
		}
	}
	return nil
}

func (d *database) loadUsers(ctx context.Context, db *sql.DB) error {
	const query = `SELECT id, username, password, first_name, last_name, CAST(date_joined AS TEXT), is_superuser, is_active FROM auth_user ORDER BY id`
	return each(ctx, db, "auth_user", query, func(rows *sql.Rows) error {
		var u user
		err := rows.Scan(&u.id, &u.username, &u.password, &u.first, &u.last, &u.joined, &u.superuser, &u.active)
		d.users = append(d.users, u)
		return err
	})
}

func (d *database) loadRooms(ctx context.Context, db *sql.DB) error {
	return each(ctx, db, "room_room", `SELECT id, name, slug FROM room_room ORDER BY id`, func(rows *sql.Rows) error {
		var r room
		err := rows.Scan(&r.id, &r.name, &r.slug)
		d.rooms = append(d.rooms, r)
		return err
	})
}

func (d *database) loadMessages(ctx context.Context, db *sql.DB) error {
	const query = `SELECT id, room_id, user_id, content, CAST(date_added AS TEXT) FROM room_message ORDER BY id`
	return each(ctx, db, "room_message", query, func(rows *sql.Rows) error {
		var m message
		if err := rows.Scan(&m.id, &m.room, &m.user, &m.content, &m.added); err != nil {
			return err
		}
		at, err := parseTime(m.added)
		if err != nil {
			return fmt.Errorf("row %d: %w", m.id, err)
		}
		m.at, m.content = at, cleanText(m.content)
		d.messages = append(d.messages, m)
		return nil
	})
}

// each scans all rows and says in which table something broke.
func each(ctx context.Context, db *sql.DB, table, query string, scan func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", table, err)
	}
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		if err := scan(rows); err != nil {
			return fmt.Errorf("%s cannot be read, broken at its row number %d: %w", table, n, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s cannot be read: %w", table, err)
	}
	return nil
}

// cleanText keeps the words and replaces what no text may hold.
func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// parseTime reads what Django writes into SQLite: UTC without a zone, or
// with one.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02 15:04:05.999999-07:00", "2006-01-02T15:04:05.999999Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is no time", s)
}
