package simulate

import (
	"fmt"
	"sync"
	"time"
)

// maxFindings bounds what is told of one seed.
const maxFindings = 5

// Finding is one way in which a promise was broken.
type Finding struct {
	Promise Promise
	What    string
}

// String is a line for people, and for the program that reads them.
func (f Finding) String() string { return string(f.Promise) + ": " + f.What }

// findings are the promises that were broken, and the story.
type findings struct {
	Audience

	mu    sync.Mutex
	list  []Finding // guarded by mu
	story uint64    // guarded by mu
}

func (f *findings) add(p Promise, format string, args ...any) {
	f.line("BROKEN "+string(p)+": "+format, args...)
	at := time.Since(beginning).Truncate(time.Millisecond)
	one := Finding{p, fmt.Sprintf("at %v: ", at) + fmt.Sprintf(format, args...)}
	f.mu.Lock()
	listed := len(f.list) < maxFindings
	if listed {
		f.list = append(f.list, one)
	}
	f.mu.Unlock()
	if listed && f.Broken != nil {
		f.Broken(one)
	}
}

// line tells who listens what happens now.
func (f *findings) line(format string, args ...any) {
	if f.Line != nil {
		f.Line(fmt.Sprintf("%12.6f  ", time.Since(beginning).Seconds()) + fmt.Sprintf(format, args...))
	}
}

// beginning is when fake time begins in every bubble.
var beginning = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (f *findings) all() []Finding {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list
}

// tell adds something that happened now to the story; the order in which
// things of one moment are told does not matter.
func (f *findings) tell(who int64, what []byte) {
	h := mix(uint64(who) ^ uint64(time.Now().UnixNano()))
	for _, b := range what {
		h = h*0x100000001b3 ^ uint64(b)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.story += mix(h)
}
