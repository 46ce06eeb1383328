package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/userlist"
)

type userCommand struct {
	Add      userAdd      `cmd:"" help:"Make an account. Without --password-stdin a password is made up and printed."`
	List     userList     `cmd:"" help:"List all accounts."`
	Password userPassword `cmd:"" help:"Give an account a new password; it is signed out everywhere."`
	Disable  userDisable  `cmd:"" help:"Shut an account out, at once and everywhere."`
	Enable   userEnable   `cmd:"" help:"Let a disabled account in again."`
	Import   userImport   `cmd:"" help:"Make accounts from a list of names and passwords."`
}

type userAdd struct {
	config.Storage
	Name          string `arg:"" help:"The user name."`
	Admin         bool   `help:"Make it an administrator."`
	PasswordStdin bool   `help:"Read the password from standard input: its first line."`
}

// Run makes the account, and prints a password that was made up.
func (c *userAdd) Run(ctx context.Context, sh *shell) error {
	pass, err := sh.newPassword(c.PasswordStdin)
	if err != nil {
		return err
	}
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		user, err := a.AddUser(ctx, control.NewUser{Username: c.Name, Password: pass, Admin: c.Admin})
		if err != nil {
			return err
		}
		return sh.tellPassword(user.Username, pass, c.PasswordStdin)
	})
}

// newPassword reads a password, or makes one up.
func (sh *shell) newPassword(read bool) (string, error) {
	if !read {
		return password.Random(rand.Reader)
	}
	line, err := bufio.NewReader(io.LimitReader(sh.in, password.MaxBytes+2)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", config.Wrong("password-stdin", "standard input is empty. Write the password there, such as with printf.")
	}
	return line, nil
}

// tellPassword prints "name password", the password only if it is news.
func (sh *shell) tellPassword(name, pass string, known bool) error {
	if known {
		_, err := fmt.Fprintln(sh.out, name)
		return err
	}
	_, err := fmt.Fprintln(sh.out, name, pass)
	return err
}

type userList struct{ config.Storage }

// Run prints a table of all accounts.
func (c *userList) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		users, err := a.Users(ctx)
		if err != nil {
			return err
		}
		rows := make([]string, len(users))
		for i, u := range users {
			rows[i] = row(u.ID, u.Username, u.Role, state(u.Disabled, "disabled"), u.Name)
		}
		return sh.table("ID\tUSER\tROLE\tSTATE\tNAME", rows)
	})
}

// state names a state, or gives a dash.
func state(on bool, name string) string {
	if on {
		return name
	}
	return "-"
}

type userPassword struct {
	config.Storage
	Name          string `arg:"" help:"The user name."`
	PasswordStdin bool   `help:"Read the password from standard input: its first line."`
}

// Run replaces the password, and prints one that was made up.
func (c *userPassword) Run(ctx context.Context, sh *shell) error {
	pass, err := sh.newPassword(c.PasswordStdin)
	if err != nil {
		return err
	}
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		err := a.SetPassword(ctx, control.Credentials{Username: c.Name, Password: pass})
		if err != nil {
			return noSuchUser(c.Name, err)
		}
		return sh.tellPassword(c.Name, pass, c.PasswordStdin)
	})
}

// noSuchUser says whom a refusal is about.
func noSuchUser(name string, err error) error {
	if errors.Is(err, chat.ErrNotFound) {
		return fmt.Errorf("there is no user %q; see `parley user list`", name)
	}
	return err
}

type userDisable struct {
	config.Storage
	Name string `arg:"" help:"The user name."`
}

// Run shuts the account out.
func (c *userDisable) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		_, err := a.DisableUser(ctx, c.Name)
		return noSuchUser(c.Name, err)
	})
}

type userEnable struct {
	config.Storage
	Name string `arg:"" help:"The user name."`
}

// Run lets the account in again.
func (c *userEnable) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		_, err := a.EnableUser(ctx, c.Name)
		return noSuchUser(c.Name, err)
	})
}

type userImport struct {
	config.Storage
	File         string `arg:"" help:"The list: two lines a person (name, password) with a blank line between, or CSV with a header; - is standard input."`
	FirstIsAdmin bool   `help:"Make the first person of the list an administrator."`
}

// Run makes the accounts, a line printed for each. Those that cannot be made
// do not keep the others from it, but the command fails in the end.
func (c *userImport) Run(ctx context.Context, sh *shell) error {
	people, err := sh.readPeople(c.File)
	if err != nil {
		return err
	}
	users := make([]control.NewUser, len(people))
	for i, p := range people {
		users[i] = control.NewUser{Username: p.Username, Password: p.Password, Admin: p.Admin || (i == 0 && c.FirstIsAdmin)}
	}
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		return sh.importUsers(ctx, a, users)
	})
}

func (sh *shell) readPeople(file string) ([]userlist.Person, error) {
	in := sh.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	people, err := userlist.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w. Nothing was imported", file, err)
	}
	return people, nil
}

func (sh *shell) importUsers(ctx context.Context, a control.Admin, users []control.NewUser) error {
	failed := 0
	for len(users) > 0 {
		some := users[:min(len(users), control.MaxImport)]
		users = users[len(some):]
		done, err := a.ImportUsers(ctx, some)
		if err != nil {
			return err
		}
		for _, u := range done {
			if u.Err != nil {
				failed++
			}
			fmt.Fprintln(sh.out, importLine(u))
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d people were not imported; the lines above say why", failed)
	}
	return nil
}

// importLine says what became of one person.
func importLine(u control.ImportedUser) string {
	switch {
	case u.Err != nil:
		return "not imported: " + u.Username + ": " + u.Err.Detail
	case u.Weak != "":
		return "imported: " + u.Username + " (weak password: " + u.Weak + ")"
	}
	return "imported: " + u.Username
}
