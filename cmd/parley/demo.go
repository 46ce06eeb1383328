package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/demo"
	"github.com/parley-chat/parley/internal/password"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/store"
)

type demoCommand struct {
	config.Storage
	Users    int    `default:"8" placeholder:"N" help:"How many people; the first is an administrator. The first twenty get a password."`
	Rooms    int    `default:"5" placeholder:"N" help:"How many rooms."`
	Messages int    `default:"400" placeholder:"N" help:"How many messages."`
	Tokens   string `placeholder:"FILE" help:"Also write \"name token\" for each person into this new file; the tokens are valid for 7 days."`
	Plain    bool   `help:"Rooms called room-1, room-2 and so on, with everybody in every room: for load tests."`
	RoomSize int    `placeholder:"N" help:"With --plain: put N people into each room, and each person into one room."`
	Seed     uint64 `default:"1" placeholder:"N" help:"Another number makes other talk."`
}

// Run fills the data directory and prints "name password" lines.
func (c *demoCommand) Run(ctx context.Context, sh *shell) error {
	o := demo.Options{
		Users: c.Users, Rooms: c.Rooms, Messages: c.Messages, Plain: c.Plain, RoomSize: c.RoomSize,
		Tokens: c.Tokens != "", Seed: c.Seed, Now: time.Now(), Token: service.NewToken, Password: passwords(ctx),
	}
	var wrong *demo.SizeError
	if errors.As(o.Check(), &wrong) {
		return config.Wrong(wrong.Setting, wrong.Detail)
	}
	return sh.fill(ctx, c.Storage, func(s store.Store) error { return sh.makeDemo(ctx, s, o, c.Tokens) })
}

// passwords makes up pass phrases and hashes them.
func passwords(ctx context.Context) func() (plain, hash string, err error) {
	hasher := password.New(password.Options{})
	return func() (plain, hash string, err error) {
		if plain, err = password.Random(rand.Reader); err != nil {
			return "", "", err
		}
		hash, err = hasher.Hash(ctx, plain)
		return plain, hash, err
	}
}

// makeDemo opens the file for the tokens first: without it there is no use
// in making people.
func (sh *shell) makeDemo(ctx context.Context, s store.Store, o demo.Options, tokens string) error {
	var file *os.File
	if tokens != "" {
		var err error
		if file, err = os.OpenFile(tokens, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
			return &config.Error{Setting: "tokens", Detail: "cannot make the file (an existing one is never overwritten): " + err.Error(), Err: err}
		}
	}
	people, err := demo.Fill(ctx, s, o)
	if err != nil {
		return errors.Join(err, discard(file))
	}
	for _, p := range people {
		if p.Password != "" {
			fmt.Fprintln(sh.out, p.Username, p.Password)
		}
	}
	return writeTokens(file, people)
}

// discard removes the file that was made for nothing.
func discard(file *os.File) error {
	if file == nil {
		return nil
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func writeTokens(file *os.File, people []demo.Person) error {
	if file == nil {
		return nil
	}
	w := bufio.NewWriter(file)
	for _, p := range people {
		fmt.Fprintln(w, p.Username, p.Token)
	}
	return errors.Join(w.Flush(), file.Close())
}
