// Package bench measures a server over the real protocol, from outside: it
// starts one as a second process on data of its own, connects as many light
// clients as are wanted, and counts what they get. Beside it stands the
// floor: what the same writes cost a program that does nothing else. It knows
// the protocol and nothing of the server's code.
package bench

import (
	"fmt"
	"time"
)

// Options of a run.
type Options struct {
	Program   string        // this program, for the processes that are started
	Members   int           // people in the room, each with one connection
	For       time.Duration // how long each part is measured
	InFlight  int           // messages on their way in the closed loop; 0 leaves it out
	Rate      float64       // messages in a second in the paced part; 0 leaves it out
	TextBytes int           // of each message
	Profile   string        // folder for cpu.pprof (of the closed loop) and heap.pprof (all connected) of the server; empty: none
	Progress  func(string)  // told what is done now; nil: nobody
}

// Bounds of Options. More members than that do not fit into the 20,000
// descriptors that a process commonly has.
const (
	maxMembers  = 19_500
	maxInFlight = 2000
	maxRate     = 100_000
	minText     = 100 // what is shorter is taken for no message
	maxText     = 4000
)

// OptionError is an option that makes no sense.
type OptionError struct {
	Flag   string // without dashes
	Detail string
}

func (e *OptionError) Error() string { return "--" + e.Flag + " " + e.Detail }

// Check gives an *OptionError for what makes no sense.
func (o Options) Check() error {
	for _, bound := range []struct {
		flag        string
		value       float64
		least, most float64
	}{
		{"members", float64(o.Members), 1, maxMembers},
		{"for", o.For.Seconds(), 1, 3600},
		{"inflight", float64(o.InFlight), 0, maxInFlight},
		{"rate", o.Rate, 0, maxRate},
		{"text", float64(o.TextBytes), minText, maxText},
	} {
		if !(bound.value >= bound.least && bound.value <= bound.most) {
			return &OptionError{bound.flag, fmt.Sprintf("must be from %g to %g.", bound.least, bound.most)}
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
