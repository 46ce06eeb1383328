package main

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
)

type inviteCommand struct {
	config.Storage
	PublicURL config.URL `name:"public-url" placeholder:"URL" group:"Network" help:"The server's address, for an invitation made while it does not run."`
	Uses      int        `default:"1" placeholder:"N" help:"How many people may use it; 0 for any number."`
	Expires   life       `default:"7d" placeholder:"TIME" help:"How long it is valid, such as 24h or 7d."`
}

// Run prints the invitation's address, alone on one line.
func (c *inviteCommand) Run(ctx context.Context, sh *shell) error {
	return sh.administer(ctx, c.Storage, c.PublicURL.String(), func(a control.Admin) error {
		invite, err := a.CreateInvite(ctx, control.NewInvite{Uses: c.Uses, Life: time.Duration(c.Expires)})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(sh.out, invite.URL)
		return err
	})
}
