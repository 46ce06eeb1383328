package djangochat

import (
	"fmt"
	"io"
	"strings"
)

// Report says what an import brought, or would bring.
type Report struct {
	Users, UsersKnown       int
	Rooms, RoomsKnown       int
	Messages, MessagesKnown int
	Empty                   int       // messages without text, left out
	NoPassword              []string  // their hash is of no kind that is verified here
	Disabled                []string  // inactive there, disabled here
	Renamed                 []Renamed // user names
	Moved                   []Renamed // room addresses
}

// Renamed is a name that could not be kept.
type Renamed struct{ Old, New string }

// WriteTo prints the report for people.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "people:   %d new, %d known from before\n", r.Users, r.UsersKnown)
	fmt.Fprintf(&b, "rooms:    %d new, %d known from before\n", r.Rooms, r.RoomsKnown)
	fmt.Fprintf(&b, "messages: %d new, %d known from before, %d empty and left out\n", r.Messages, r.MessagesKnown, r.Empty)
	list(&b, "without a password (set one with `parley user password NAME`)", r.NoPassword)
	list(&b, "inactive there, disabled here", r.Disabled)
	list(&b, "people with another name here", arrows(r.Renamed))
	list(&b, "rooms with another address here", arrows(r.Moved))
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func list(b *strings.Builder, title string, names []string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n", title)
	for _, name := range names {
		fmt.Fprintf(b, "  %s\n", name)
	}
}

func arrows(renamed []Renamed) []string {
	lines := make([]string, len(renamed))
	for i, r := range renamed {
		lines[i] = fmt.Sprintf("%q is now %q", r.Old, r.New)
	}
	return lines
}
