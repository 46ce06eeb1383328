package prove

import "fmt"

// The kinds of harm.
const (
	kindLost      = "lost"      // acknowledged or delivered, and not there; or never delivered
	kindDoubled   = "doubled"   // there, or delivered, more than once
	kindReordered = "reordered" // not in the order in which it was done
	kindGapped    = "gapped"    // a number left out
	kindAltered   = "altered"   // not the same wherever it is seen
	kindExposed   = "exposed"   // seen by somebody who may not
	kindInvented  = "invented"  // nobody asked for it
	kindRefused   = "refused"   // a request that should have been granted
	kindStale     = "stale"     // acknowledged, and not yet seen by who asks
	kindStuck     = "stuck"     // does not come to an end
)

// Kinds are all kinds of harm, in the order of reports.
var Kinds = []string{
	kindLost, kindDoubled, kindReordered, kindGapped, kindAltered, kindExposed, kindInvented, kindRefused, kindStale, kindStuck,
}

// Finding is one way in which the promise was broken.
type Finding struct {
	Kind string  `json:"kind"`
	Room int64   `json:"room,omitempty"`
	Seq  int64   `json:"seq,omitempty"`
	Who  string  `json:"who,omitempty"`     // whose history tells it
	At   float64 `json:"at_s,omitempty"`    // seconds since the run began
	What string  `json:"what"`              // in words
	File string  `json:"history,omitempty"` // where it stands
}

// String is a line for people.
func (f Finding) String() string {
	text := f.Kind + ": "
	if f.Room != 0 {
		text += fmt.Sprintf("room %d ", f.Room)
	}
	if f.Seq != 0 {
		text += fmt.Sprintf("number %d ", f.Seq)
	}
	if f.Who != "" {
		text += fmt.Sprintf("(%s", f.Who)
		if f.At != 0 {
			text += fmt.Sprintf(", at %.3f s", f.At)
		}
		text += ") "
	}
	text += f.What
	if f.File != "" {
		text += " [" + f.File + "]"
	}
	return text
}

// maxFindings is how many findings are listed; all are counted.
const maxFindings = 50

// findings collects what is wrong.
type findings struct {
	counts map[string]int64
	listed []Finding
}

func (f *findings) add(one Finding) {
	if f.counts == nil {
		f.counts = map[string]int64{}
	}
	f.counts[one.Kind]++
	if len(f.listed) < maxFindings {
		f.listed = append(f.listed, one)
	}
}
