package transfer

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Report is what two databases hold.
type Report struct {
	Tables []TableLine
	Rooms  []RoomLine // in order of id
	// StartedOver are the tables that did not equal the source any more when
	// a broken copy went on.
	StartedOver []string
}

// TableLine compares one table.
type TableLine struct {
	Name     string
	From, To Tally
}

// Same reports whether both databases hold the same rows, and go on counting
// from the same id.
func (l TableLine) Same() bool { return l.From == l.To }

// RoomLine compares one room.
type RoomLine struct {
	ID       int64
	From, To RoomTally
}

// Same reports whether both databases hold the same of it.
func (l RoomLine) Same() bool { return l.From == l.To }

// Same reports whether nothing differs.
func (r Report) Same() bool { return r.Differences() == 0 }

// Differences counts the lines that differ.
func (r Report) Differences() (n int) {
	for _, l := range r.Tables {
		n += differs(l.Same())
	}
	for _, l := range r.Rooms {
		n += differs(l.Same())
	}
	return n
}

func differs(same bool) int {
	if same {
		return 0
	}
	return 1
}

// maxRoomLines is how many rooms that are the same are shown.
const maxRoomLines = 50

// Write prints two tables: of the database's tables, and of the rooms. Of the
// rooms that are the same only the first fifty are named.
func (r Report) Write(w io.Writer) {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "TABLE\tROWS\tCOPIED\tHASH\tOF THE COPY\t")
	for _, l := range r.Tables {
		fmt.Fprintf(columns, "%s\t%d\t%d\t%v\t%v\t%s\n", l.Name, l.From.Rows, l.To.Rows, l.From.Sum, l.To.Sum, l.verdict())
	}
	columns.Flush()
	fmt.Fprintln(w)
	fmt.Fprintln(columns, "ROOM\tNAME\tMESSAGES\tCOPIED\tOTHER EVENTS\tCOPIED\tHASH\tOF THE COPY\t")
	rest := r.writeRooms(columns)
	columns.Flush()
	if rest > 0 {
		fmt.Fprintf(w, "and %d more rooms, all the same\n", rest)
	}
}

// writeRooms gives how many rooms were left out.
func (r Report) writeRooms(w io.Writer) (rest int) {
	shown := 0
	for _, l := range r.Rooms {
		if l.Same() && shown >= maxRoomLines {
			rest++
			continue
		}
		shown += 1 - differs(l.Same())
		name := l.From.Name
		if name == "" {
			name = l.To.Name
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%d\t%d\t%v\t%v\t%s\n", l.ID, name,
			l.From.Messages, l.To.Messages, l.From.Events, l.To.Events, l.From.Sum, l.To.Sum, verdict(l.Same()))
	}
	return rest
}

func (l TableLine) verdict() string {
	if l.From.Rows == l.To.Rows && l.From.Sum == l.To.Sum && !l.Same() {
		return fmt.Sprintf("DIFFERENT: the last id is %d, of the copy %d", l.From.LastID, l.To.LastID)
	}
	return verdict(l.Same())
}

func verdict(same bool) string {
	if same {
		return "same"
	}
	return "DIFFERENT"
}
