package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
)

type tokenCommand struct {
	Add    tokenAdd    `cmd:"" help:"Make a bearer token and print it, once."`
	List   tokenList   `cmd:"" help:"List all bearer tokens, without their secrets."`
	Revoke tokenRevoke `cmd:"" help:"End a bearer token."`
}

type tokenAdd struct {
	config.Storage
	User    string `arg:"" help:"Whom it acts for."`
	Name    string `help:"What it is for, to recognise it in the list."`
	Expires life   `default:"365d" placeholder:"TIME" help:"How long it is valid, such as 24h or 90d."`
}

// Run prints the token, alone on one line.
func (c *tokenAdd) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		token, err := a.AddToken(ctx, control.NewToken{Username: c.User, Name: c.Name, Life: time.Duration(c.Expires)})
		if err != nil {
			return noSuchUser(c.User, err)
		}
		_, err = fmt.Fprintln(sh.out, token.Secret)
		return err
	})
}

type tokenList struct{ config.Storage }

// Run prints a table of all tokens.
func (c *tokenList) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		tokens, err := a.Tokens(ctx)
		if err != nil {
			return err
		}
		rows := make([]string, len(tokens))
		for i, t := range tokens {
			rows[i] = row(t.ID, t.Username, day(t.CreatedAt), day(t.SeenAt), day(t.ExpiresAt), t.Name)
		}
		return sh.table("ID\tUSER\tMADE\tUSED\tEXPIRES\tNAME", rows)
	})
}

type tokenRevoke struct {
	config.Storage
	ID int64 `arg:"" help:"The token's id, as the list has it."`
}

// Run ends the token.
func (c *tokenRevoke) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, "", func(a control.Admin) error {
		err := a.RevokeToken(ctx, chat.SessionID(c.ID))
		if errors.Is(err, chat.ErrNotFound) {
			return fmt.Errorf("there is no token %d; see `parley token list`", c.ID)
		}
		return err
	})
}
