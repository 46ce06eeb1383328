// Command parley is the server, and the tools around it. Each subcommand has
// a file of its own; this one reads the command line.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/parley-chat/parley/internal/config"
)

// commands are the subcommands, in the order in which help lists them. To add
// one, add a field here and a file with its type: its Run method may ask for
// a context.Context and the *shell.
type commands struct {
	Serve    serveCommand   `cmd:"" help:"Run the server."`
	User     userCommand    `cmd:"" help:"Look after accounts."`
	Room     roomCommand    `cmd:"" help:"Look after rooms."`
	Invite   inviteCommand  `cmd:"" help:"Make an invitation and print its address."`
	Token    tokenCommand   `cmd:"" help:"Look after the bearer tokens that scripts sign in with."`
	Import   importCommand  `cmd:"" help:"Move in from another chat server."`
	Copy     copyCommand    `cmd:"" help:"Move everything from SQLite to PostgreSQL, or back: copy it, compare, and leave the source as it was."`
	Demo     demoCommand    `cmd:"" help:"Fill an empty data folder with people and talk, to try things on."`
	Bench    benchCommand   `cmd:"" help:"Measure a server on this machine."`
	Prove    proveCommand   `cmd:"" help:"Put the promise to the proof that nothing is lost, doubled or out of order, whatever fails."`
	Settings configCommand  `cmd:"" name:"config" help:"Show the settings that the server would run with, and where each comes from."`
	Health   healthCommand  `cmd:"" help:"Ask the server on this machine whether it is ready."`
	Version  versionCommand `cmd:"" help:"Show the version."`
}

// grammar is the whole command line.
type grammar struct {
	Config string `placeholder:"FILE" help:"Read settings from this JSON file, such as {\"addr\": \":8080\"}."`
	commands
}

// shell is what the program finds around itself.
type shell struct {
	in      io.Reader
	out     io.Writer
	errs    io.Writer
	sources *config.Sources
}

// Exit codes.
const (
	exitFailed = 1 // it began, and then failed
	exitUsage  = 2 // it was asked for something that cannot be
)

const (
	description = "Parley is group chat on your own server: one program, one folder of data.\n\n" +
		"Every setting can be a flag, an environment variable (PARLEY_ and the flag's name in capitals, " +
		"with _ for -), or a key of the --config file; the first that is there counts."
	helpWidth = 110
)

func main() {
	sh := &shell{in: os.Stdin, out: os.Stdout, errs: os.Stderr, sources: config.NewSources(os.LookupEnv)}
	os.Exit(sh.run(context.Background(), os.Args[1:]))
}

// run carries out one command line and gives the exit code.
func (sh *shell) run(ctx context.Context, args []string) int {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := sh.parser(ctx).Parse(args)
	if err != nil {
		sh.complain(err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		sh.complain(err)
		if config.IsWrong(err) {
			return exitUsage
		}
		return exitFailed
	}
	return 0
}

func (sh *shell) parser(ctx context.Context) *kong.Kong {
	return kong.Must(&grammar{},
		kong.Name("parley"),
		kong.Description(description),
		kong.Writers(sh.out, sh.errs),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: helpWidth}),
		kong.ValueFormatter(withDefault),
		kong.Resolvers(sh.sources),
		kong.WithBeforeResolve(sh.useFile),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(sh),
	)
}

// withDefault ends a flag's help with its default.
func withDefault(value *kong.Value) string {
	if !value.HasDefault {
		return value.Help
	}
	return value.Help + " (default " + value.Default + ")"
}

// useFile runs once the command line is read, and before the settings that
// it does not give are looked for.
func (sh *shell) useFile(c *kong.Context) error {
	for _, flag := range c.Flags() {
		if flag.Name == "config" {
			return sh.sources.UseFile(fmt.Sprint(c.FlagValue(flag)))
		}
	}
	return nil
}

// complain writes one line about an error, with where the setting that it
// names came from.
func (sh *shell) complain(err error) {
	line := strings.Join(strings.Fields(err.Error()), " ")
	for _, flag := range config.Flags() {
		origin := sh.sources.Origin(flag.Name)
		named := strings.Contains(line, "--"+flag.Name+":") || strings.Contains(line, "--"+flag.Name+" ")
		if named && origin != config.FromFlag && origin != config.FromDefault {
			line += " (from " + string(origin) + ")"
		}
	}
	fmt.Fprintln(sh.errs, "parley: "+line)
}
