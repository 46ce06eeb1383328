package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/bench"
	"github.com/parley-chat/parley/internal/config"
)

type benchCommand struct {
	All       benchAllCommand       `cmd:"" default:"withargs" help:"All of these, at a size that takes a minute."`
	FanOut    benchFanOutCommand    `cmd:"" help:"One room: everybody gets every message."`
	Rooms     benchRoomsCommand     `cmd:"" help:"Many small rooms, in which everybody says something in turn."`
	Idle      benchIdleCommand      `cmd:"" help:"People who are connected and do nothing: memory, and the time to connect."`
	RoundTrip benchRoundTripCommand `cmd:"" help:"One sender alone, and many in rooms of their own, beside the same commits without a server."`
	Storm     benchStormCommand     `cmd:"" help:"Everybody is cut off and comes back at once."`
	History   benchHistoryCommand   `cmd:"" help:"The newest page of rooms in which little and much was said."`

	Nodes  benchNodesCommand  `cmd:"" help:"The same on one node and on two, over PostgreSQL and Redis."`
	Growth benchGrowthCommand `cmd:"" help:"What deliveries and pages cost as rooms, their members and their history grow."`
	Series benchSeriesCommand `cmd:"" help:"Everything of which docs/performance.md tells, several times, as a table in Markdown: about four minutes for each run."`

	Server  benchServerCommand  `cmd:"" hidden:"" help:"The server with a profiler, which bench starts."`
	Floor   benchFloorCommand   `cmd:"" hidden:"" help:"Plain writes, which bench starts."`
	Commits benchCommitsCommand `cmd:"" hidden:"" help:"Commits without a server, which bench starts."`
}

// benchFlags are those of every scenario.
type benchFlags struct {
	For     time.Duration `placeholder:"TIME" help:"How long each part is measured (5s, with all 2s)."`
	Text    int           `default:"200" placeholder:"BYTES" help:"Length of each message."`
	JSON    bool          `name:"json" help:"Print JSON."`
	Server  string        `placeholder:"URL" help:"Load this server, such as http://127.0.0.1:8080, instead of one that is started for that. Nobody else should be talking there."`
	Tokens  string        `placeholder:"FILE" help:"With --server: the people, as parley demo --plain --tokens FILE wrote them."`
	Profile string        `placeholder:"FOLDER" help:"Write CPU profiles of the server in each part, and its heap, into this folder, for go tool pprof."`
}

// scenarioFor is how long the parts of one scenario are measured.
const scenarioFor = 5 * time.Second

// run measures and prints what came out. It fails when a message was lost,
// doubled or out of order.
func (c benchFlags) run(ctx context.Context, sh *shell, length time.Duration, scenarios ...bench.Scenario) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if c.For != 0 {
		length = c.For
	}
	o := bench.Options{
		Program: program, Server: c.Server, Tokens: c.Tokens, For: length, TextBytes: c.Text, Profile: c.Profile, Progress: sh.progress(),
	}
	checks := []error{o.Check()}
	for _, s := range scenarios {
		checks = append(checks, s.Check())
	}
	if err := errors.Join(checks...); err != nil {
		return usage(err)
	}
	if err := makeFolder("profile", c.Profile); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := bench.Run(ctx, o, scenarios...)
	o.Progress("")
	if ctx.Err() != nil {
		return errors.New("stopped before the end; nothing was left behind")
	}
	if err != nil {
		return usage(err)
	}
	return sh.show(report, c.JSON)
}

// usage makes an option that makes no sense an error of the command line.
func usage(err error) error {
	var wrong *bench.OptionError
	if errors.As(err, &wrong) {
		return config.Wrong(wrong.Flag, wrong.Detail)
	}
	return err
}

// progress gives a line of its own to what is done now, on a terminal only.
func (sh *shell) progress() func(string) {
	file, ok := sh.errs.(*os.File)
	if !ok {
		return func(string) {}
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(string) {}
	}
	return func(what string) { fmt.Fprint(sh.errs, "\r\x1b[K"+what) }
}

func (sh *shell) show(report bench.Report, asJSON bool) error {
	if !asJSON {
		report.Write(sh.out)
	} else {
		encoder := json.NewEncoder(sh.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	}
	if !report.Sound() {
		return errors.New("messages were lost, doubled or out of order, or connections were closed: see above")
	}
	return nil
}

type benchAllCommand struct{ benchFlags }

// Run measures everything.
func (c *benchAllCommand) Run(ctx context.Context, sh *shell) error {
	if c.Server != "" {
		return config.Wrong("server", "goes with one scenario, such as parley bench fan-out: each needs other people.")
	}
	return c.run(ctx, sh, bench.AllFor, bench.All()...)
}

type benchFanOutCommand struct {
	benchFlags
	Members  int     `default:"1000" placeholder:"N" help:"People in the room, each with one connection."`
	InFlight int     `name:"inflight" default:"32" placeholder:"N" help:"Messages on their way at a time in the closed loop; 0 leaves it out."`
	Rate     float64 `default:"10" placeholder:"N" help:"Messages in a second in the paced part; 0 leaves it out."`
}

// Run measures one room.
func (c *benchFanOutCommand) Run(ctx context.Context, sh *shell) error {
	return c.run(ctx, sh, scenarioFor, bench.FanOut{Members: c.Members, InFlight: c.InFlight, Rate: c.Rate})
}

type benchRoomsCommand struct {
	benchFlags
	People   int     `default:"2000" placeholder:"N" help:"People, each in one room."`
	RoomSize int     `default:"10" placeholder:"N" help:"People in a room."`
	Rate     float64 `default:"2000" placeholder:"N" help:"Messages in a second, over all rooms."`
}

// Run measures many rooms.
func (c *benchRoomsCommand) Run(ctx context.Context, sh *shell) error {
	return c.run(ctx, sh, scenarioFor, bench.Rooms{People: c.People, RoomSize: c.RoomSize, Rate: c.Rate})
}

type benchIdleCommand struct {
	benchFlags
	People int `default:"10000" placeholder:"N" help:"People; some 19,000 fit into the 20,000 descriptors that a process commonly has."`
}

// Run measures people who do nothing.
func (c *benchIdleCommand) Run(ctx context.Context, sh *shell) error {
	return c.run(ctx, sh, scenarioFor, bench.Idle{People: c.People})
}

type benchRoundTripCommand struct {
	benchFlags
	Senders int `default:"64" placeholder:"N" help:"Senders in the second part."`
}

// Run measures the way to the disk and back.
func (c *benchRoundTripCommand) Run(ctx context.Context, sh *shell) error {
	return c.run(ctx, sh, scenarioFor, bench.RoundTrip{Senders: c.Senders})
}

type benchStormCommand struct {
	benchFlags
	People int `default:"1000" placeholder:"N" help:"People; all but one are cut off."`
}

// Run measures a coming back.
func (c *benchStormCommand) Run(ctx context.Context, sh *shell) error {
	return c.run(ctx, sh, scenarioFor, bench.Storm{People: c.People})
}

type benchHistoryCommand struct {
	benchFlags
	Messages []int `default:"10,10000,1000000" placeholder:"N,N" help:"How much was said in each room."`
}

// Run measures reading.
func (c *benchHistoryCommand) Run(ctx context.Context, sh *shell) error {
	return c.run(ctx, sh, scenarioFor, bench.History{Messages: c.Messages})
}

type benchNodesCommand struct {
	For       time.Duration `default:"5s" placeholder:"TIME" help:"How long each part is measured."`
	Text      int           `default:"200" placeholder:"BYTES" help:"Length of each message."`
	JSON      bool          `name:"json" help:"Print JSON."`
	Profile   string        `placeholder:"FOLDER" help:"Write CPU profiles of the node that was started last in each part into this folder, for go tool pprof."`
	Members   int           `default:"1000" placeholder:"N" help:"People in the one room."`
	InFlight  int           `name:"inflight" default:"32" placeholder:"N" help:"Messages on their way there at a time in the closed loop."`
	Rate      float64       `default:"10" placeholder:"N" help:"Messages in a second there in the paced part."`
	People    int           `default:"2000" placeholder:"N" help:"People in the many rooms."`
	RoomSize  int           `default:"10" placeholder:"N" help:"People in each of them."`
	RoomsRate float64       `default:"1000" placeholder:"N" help:"Messages in a second over all of them."`
	Database  string        `placeholder:"URL" help:"A PostgreSQL server as an account that may make databases, in place of one that is started for the run; they are dropped at the end."`
	Redis     string        `placeholder:"URL" help:"A Redis in place of one that is started for the run."`
}

// Run measures several nodes.
func (c *benchNodesCommand) Run(ctx context.Context, sh *shell) error {
	flags := benchFlags{For: c.For, Text: c.Text, JSON: c.JSON, Profile: c.Profile}
	return flags.run(ctx, sh, scenarioFor, bench.Nodes{
		Members: c.Members, InFlight: c.InFlight, Rate: c.Rate, People: c.People, RoomSize: c.RoomSize,
		RoomsRate: c.RoomsRate, Database: c.Database, Redis: c.Redis,
	})
}

type benchGrowthCommand struct {
	For      time.Duration `default:"5s" placeholder:"TIME" help:"How long each size is measured."`
	Text     int           `default:"200" placeholder:"BYTES" help:"Length of each message."`
	JSON     bool          `name:"json" help:"Print JSON."`
	Members  []int         `default:"10,100,1000,10000" placeholder:"N,N" help:"People in the one room."`
	Rooms    []int         `default:"10,1000,100000" placeholder:"N,N" help:"Rooms that exist; at most 10,000 people are in them, ten in each."`
	Messages []int         `default:"10,10000,1000000" placeholder:"N,N" help:"How much was said in the room whose newest page is read."`
	Images   string        `placeholder:"FOLDER" help:"Draw growth-members.svg, growth-rooms.svg and growth-history.svg in this folder."`
}

// Run measures growth.
func (c *benchGrowthCommand) Run(ctx context.Context, sh *shell) error {
	if err := makeFolder("images", c.Images); err != nil {
		return err
	}
	flags := benchFlags{For: c.For, Text: c.Text, JSON: c.JSON}
	return flags.run(ctx, sh, scenarioFor, bench.Growth{Members: c.Members, Rooms: c.Rooms, Messages: c.Messages, Images: c.Images})
}
