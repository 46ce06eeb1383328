package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"github.com/parley-chat/parley/internal/config"
)

type configCommand struct {
	config.Settings
}

// Run prints one line for each setting: name, value, origin. A setting that
// may hold a password is hidden.
func (*configCommand) Run(sh *shell, c *kong.Context) error {
	w := tabwriter.NewWriter(sh.out, 0, 0, 2, ' ', 0)
	for _, flag := range c.Selected().Flags {
		fmt.Fprintf(w, "%s\t%s\t%s\n", flag.Name, config.Show(flag), sh.originOf(c, flag))
	}
	return w.Flush()
}

func (sh *shell) originOf(c *kong.Context, flag *kong.Flag) config.Origin {
	for _, path := range c.Path {
		if path.Flag == flag && !path.Resolved {
			return config.FromFlag
		}
	}
	return sh.sources.Origin(flag.Name)
}
