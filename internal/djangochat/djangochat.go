// Package djangochat moves a Django-Chat database into Parley: its people
// with passwords that go on working, its rooms, and its messages with their
// times. It reads the tables auth_user, room_room and room_message of Django
// 4.1's SQLite schema and nothing else; it never writes to the file it is
// given.
package djangochat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/store"
)

// source marks in the store's table of imports what came from here.
const source = "django-chat"

// errDryRun takes an import back that was only tried.
var errDryRun = errors.New("dry run")

// Import brings the database at path into s, all or nothing. What an earlier
// import brought is passed over, so that it can be repeated while the old
// server goes on. With dryRun nothing is kept; the report is the same.
func Import(ctx context.Context, s store.Store, path string, dryRun bool) (Report, error) {
	old, err := read(ctx, path)
	if err != nil {
		return Report{}, err
	}
	m := mover{old: old, users: map[int64]chat.UserID{}, rooms: map[int64]chat.RoomID{}}
	err = s.Import(ctx, func(in store.Importer) error {
		m.in = in
		if err := m.move(); err != nil {
			return err
		}
		if dryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return Report{}, err
	}
	return m.report, nil
}

// mover carries one database over.
type mover struct {
	old    database
	in     store.Importer
	users  map[int64]chat.UserID // by old id
	rooms  map[int64]chat.RoomID // by old id
	report Report
}

func (m *mover) move() error {
	for _, step := range []func() error{m.moveUsers, m.moveRooms, m.moveMembers, m.moveMessages, m.markRead} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (m *mover) moveUsers() error {
	for _, u := range m.old.users {
		if err := m.moveUser(u); err != nil {
			return fmt.Errorf("auth_user %d: %w", u.id, err)
		}
	}
	return nil
}

func (m *mover) moveUser(u user) error {
	foreign := fmt.Sprintf("%d/%s", u.id, u.joined)
	if known, err := m.in.Imported(source, "user", foreign); err == nil {
		m.users[u.id] = chat.UserID(known)
		m.report.UsersKnown++
		return nil
	} else if !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	name, fold, err := m.freeName(u)
	if err != nil {
		return err
	}
	made, err := m.in.AddUser(store.NewUser{Username: name, Fold: fold, Name: u.displayName(name), Role: u.role(), Hash: m.hash(u, name)})
	if err != nil {
		return err
	}
	if !u.active {
		if err := m.in.SetDisabled(made.ID); err != nil {
			return err
		}
		m.report.Disabled = append(m.report.Disabled, name)
	}
	m.users[u.id] = made.ID
	m.report.Users++
	return m.in.Remember(source, "user", foreign, int64(made.ID))
}

// hash keeps a hash that can be verified here; the person is listed
// otherwise.
func (m *mover) hash(u user, name string) string {
	if password.Recognise(u.password) == password.Django {
		return u.password
	}
	m.report.NoPassword = append(m.report.NoPassword, name)
	return ""
}

// nameTries bounds the suffixes that are tried behind a name.
const nameTries = 1000

// freeName gives the person's name, or the nearest that fits the rules and
// is free. An account of the same name may be somebody else's: never merged.
func (m *mover) freeName(u user) (name, fold string, err error) {
	base, _, err := chat.CleanUsername(u.username)
	if err != nil {
		base = fitUsername(u)
	}
	for n := 1; n <= nameTries; n++ {
		name, fold, err = chat.CleanUsername(suffixed(base, n, 64))
		if err != nil {
			return "", "", err
		}
		_, err = m.in.UserByFold(fold)
		if errors.Is(err, chat.ErrNotFound) {
			m.noteRenamed(u.username, name)
			return name, fold, nil
		}
		if err != nil {
			return "", "", err
		}
	}
	return "", "", fmt.Errorf("no free name like %q", base)
}

func (m *mover) noteRenamed(old, name string) {
	if old != name {
		m.report.Renamed = append(m.report.Renamed, Renamed{Old: old, New: name})
	}
}

// fitUsername keeps of a name what may stand in one here.
func fitUsername(u user) string {
	kept := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z') {
			return r
		}
		return -1
	}, u.username)
	kept = strings.Trim(kept[:min(len(kept), 60)], "-")
	if _, _, err := chat.CleanUsername(kept); err != nil {
		return fmt.Sprintf("user-%d", u.id)
	}
	return kept
}

// suffixed puts "-2" and so on behind a name of at most longest characters.
func suffixed(base string, n, longest int) string {
	if n == 1 {
		return base
	}
	suffix := fmt.Sprintf("-%d", n)
	runes := []rune(base)
	return string(runes[:min(len(runes), longest-len(suffix))]) + suffix
}
