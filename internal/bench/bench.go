// Package bench measures a server over the real protocol, from outside: it
// starts one as a second process on data of its own, or takes one that runs,
// connects as many light clients as are wanted, and counts what they get.
// Beside it stands what cannot be saved: plain writes, bare commits, bare
// handshakes. It knows the protocol and nothing of the server's code.
package bench

import (
	"errors"
	"fmt"
	"time"
)

// Options of a run, for all its scenarios.
type Options struct {
	Program   string        // this program, for the processes that are started
	Server    string        // URL of a server that runs; empty: each scenario starts its own
	Tokens    string        // with Server: file of "name token" lines, as parley demo writes it
	For       time.Duration // how long each part is measured
	TextBytes int           // of each message
	Profile   string        // folder for profiles of our own servers, for go tool pprof: a CPU profile of each part, the heap with everybody connected; empty: none
	Progress  func(string)  // told what is done now; nil: nobody
}

// Scenario is one thing to measure: FanOut, Rooms, Idle, RoundTrip, Storm,
// History, Nodes or Growth.
type Scenario interface {
	// Check gives an *OptionError for what makes no sense.
	Check() error
}

// FanOut is one room in which everybody gets everything.
type FanOut struct {
	Members  int     // each with one connection
	InFlight int     // messages on their way in the closed loop; 0 leaves it out
	Rate     float64 // messages in a second in the paced part; 0 leaves it out
}

// Rooms is many small rooms, in which everybody says something in turn.
type Rooms struct {
	People   int
	RoomSize int
	Rate     float64 // messages in a second, over all rooms
}

// Idle is people who are connected and do nothing.
type Idle struct{ People int }

// RoundTrip is one sender alone, and then many, each in a room of its own.
type RoundTrip struct{ Senders int }

// Storm is people who are all cut off and come back at once.
type Storm struct{ People int }

// History is the newest page of rooms in which so much was said.
type History struct{ Messages []int }

// Nodes is the same load on one node and on two, on the same PostgreSQL and
// Redis: one room as in FanOut, and many as in Rooms. Half of the people are
// on each of the two.
type Nodes struct {
	Members  int     // of the one room
	InFlight int     // messages on their way there in the closed loop
	Rate     float64 // messages in a second there in the paced part

	People    int // of the many rooms
	RoomSize  int
	RoomsRate float64 // messages in a second, over all rooms

	Database string // PostgreSQL whose account may make databases; empty: one is started
	Redis    string // empty: one is started
}

// Growth is one room in a closed loop, rooms of ten people, and the newest
// page of a room, each at several sizes. At most 10,000 people are connected;
// rooms beyond what they need are empty.
type Growth struct {
	Members  []int  // of the one room
	Rooms    []int  // that exist
	Messages []int  // of the room whose page is read
	Images   string // folder for drawings; empty: none
}

// All is every scenario at a size at which they take less than a minute
// together, when each part is measured for AllFor.
func All() []Scenario {
	return []Scenario{
		FanOut{Members: 1000, InFlight: 32, Rate: 10},
		Rooms{People: 2000, RoomSize: 10, Rate: 2000},
		Idle{People: 10_000},
		RoundTrip{Senders: 64},
		Storm{People: 1000},
		History{Messages: []int{10, 1000, 100_000}},
	}
}

// AllFor is how long the parts of All are measured.
const AllFor = 2 * time.Second

// Bounds of what can be asked for. More people than that do not fit into the
// 20,000 descriptors that a process commonly has.
const (
	maxPeople   = 19_500
	maxInFlight = 2000
	maxRate     = 100_000
	minText     = 100 // what is shorter is taken for no message
	maxText     = 4000
	maxMessages = 10_000_000
	maxExisting = 100_000 // rooms
	maxSizes    = 10      // that one run measures
)

// OptionError is an option that makes no sense.
type OptionError struct {
	Flag   string // without dashes
	Detail string
}

func (e *OptionError) Error() string { return "--" + e.Flag + " " + e.Detail }

// bound is what a flag's value may be.
type bound struct {
	flag        string
	value       float64
	least, most float64
}

func check(bounds ...bound) error {
	for _, b := range bounds {
		if !(b.value >= b.least && b.value <= b.most) {
			return &OptionError{b.flag, fmt.Sprintf("must be from %g to %.0f.", b.least, b.most)}
		}
	}
	return nil
}

// Check gives an *OptionError for what makes no sense.
func (o Options) Check() error {
	if o.Server != "" && o.Tokens == "" {
		return &OptionError{"tokens", "is needed with --server: the file that parley demo --tokens wrote for its data."}
	}
	if o.Server == "" && o.Tokens != "" {
		return &OptionError{"tokens", "goes with --server."}
	}
	if o.Server != "" && o.Profile != "" {
		return &OptionError{"profile", "is of servers that are started here."}
	}
	return check(bound{"for", o.For.Seconds(), 0.2, 3600}, bound{"text", float64(o.TextBytes), minText, maxText})
}

// Check gives an *OptionError for what makes no sense.
func (f FanOut) Check() error {
	return check(
		bound{"members", float64(f.Members), 1, maxPeople},
		bound{"inflight", float64(f.InFlight), 0, maxInFlight},
		bound{"rate", f.Rate, 0, maxRate},
	)
}

// Check gives an *OptionError for what makes no sense.
func (s Rooms) Check() error {
	return check(
		bound{"people", float64(s.People), 1, maxPeople},
		bound{"room-size", float64(s.RoomSize), 1, maxPeople},
		bound{"rate", s.Rate, 1, maxRate},
	)
}

// Check gives an *OptionError for what makes no sense.
func (s Idle) Check() error { return check(bound{"people", float64(s.People), 1, maxPeople}) }

// Check gives an *OptionError for what makes no sense.
func (s RoundTrip) Check() error { return check(bound{"senders", float64(s.Senders), 1, maxInFlight}) }

// Check gives an *OptionError for what makes no sense.
func (s Storm) Check() error { return check(bound{"people", float64(s.People), 2, maxPeople}) }

// Check gives an *OptionError for what makes no sense.
func (s Nodes) Check() error {
	if s.InFlight < 1 || s.Rate == 0 {
		return &OptionError{"inflight", "and --rate must be more than 0."}
	}
	return errors.Join(
		FanOut{Members: s.Members, InFlight: s.InFlight, Rate: s.Rate}.Check(),
		Rooms{People: s.People, RoomSize: s.RoomSize, Rate: s.RoomsRate}.Check(),
	)
}

// Check gives an *OptionError for what makes no sense.
func (s History) Check() error { return checkSizes("messages", s.Messages, maxMessages) }

// Check gives an *OptionError for what makes no sense.
func (s Growth) Check() error {
	return errors.Join(
		checkSizes("members", s.Members, maxPeople), checkSizes("rooms", s.Rooms, maxExisting),
		checkSizes("messages", s.Messages, maxMessages),
	)
}

func checkSizes(flag string, sizes []int, most float64) error {
	if len(sizes) == 0 || len(sizes) > maxSizes {
		return &OptionError{flag, fmt.Sprintf("must be 1 to %d numbers.", maxSizes)}
	}
	for _, n := range sizes {
		if err := check(bound{flag, float64(n), 1, most}); err != nil {
			return err
		}
	}
	return nil
}

// FloorOptions say what the floor does.
type FloorOptions struct {
	Sockets    int
	FrameBytes int           // of one frame with its header
	Batch      float64       // frames in one write, on average
	Rounds     float64       // in a second; each writes once to every socket
	For        time.Duration // how long
}
