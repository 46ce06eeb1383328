package prove

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/client"
)

// tally counts what goes on while it goes on.
type tally struct {
	epoch string // of the database

	reconnects atomic.Int64 // connections that resumed after one that ended against the person's will
	moves      atomic.Int64 // connections that a person ended to go elsewhere
	delivered  atomic.Int64

	mu      sync.Mutex
	acked   map[string]int64 // guarded by mu; by op
	faults  map[string]int64 // guarded by mu; by what happened
	last    time.Time        // guarded by mu; the newest acknowledgement; zero before the first
	resting bool             // guarded by mu
	longest time.Duration    // guarded by mu; between two of them
}

func newTally() *tally {
	return &tally{acked: map[string]int64{}, faults: map[string]int64{}}
}

// acknowledge counts an acknowledged change.
func (t *tally) acknowledge(op string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.acked[op]++
	if t.resting {
		return
	}
	now := time.Now()
	if !t.last.IsZero() {
		t.longest = max(t.longest, now.Sub(t.last))
	}
	t.last = now
}

// rest notes that nobody begins anything any more: pauses mean nothing now.
func (t *tally) rest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.resting = true
}

// fault counts what was done to somebody.
func (t *tally) fault(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults[what]++
}

// counts gives how many changes were acknowledged and how many faults there
// were.
func (t *tally) counts() (acked, faults, kills int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.acked {
		acked += n
	}
	for _, n := range t.faults {
		faults += n
	}
	return acked, faults, t.faults[didKill]
}

// frameText writes down everything that an event tells and that is the same
// whenever it is told: of the names of people, nothing.
func frameText(f client.Frame) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %d %q %s", f.Type, f.Seq, f.MessageSeq, f.Emoji, f.Changes)
	if f.User != nil {
		fmt.Fprintf(&b, " user %d", f.User.ID)
	}
	if f.By != nil {
		fmt.Fprintf(&b, " by %d", f.By.ID)
	}
	m := f.Message
	if m == nil {
		return b.String()
	}
	fmt.Fprintf(&b, " message %d %d %q %q %d %d", m.Seq, m.User.ID, m.Key, m.Text, m.ReplyTo, m.CreatedAt.UnixMilli())
	if m.EditedAt != nil {
		fmt.Fprintf(&b, " edited %d", m.EditedAt.UnixMilli())
	}
	if m.DeletedAt != nil {
		fmt.Fprintf(&b, " deleted %d", m.DeletedAt.UnixMilli())
	}
	for _, r := range m.Reactions {
		users := make([]string, len(r.Users))
		for i, u := range r.Users {
			users[i] = fmt.Sprint(u.ID)
		}
		slices.Sort(users)
		fmt.Fprintf(&b, " %s %d %v", r.Emoji, r.Count, users)
	}
	return b.String()
}
