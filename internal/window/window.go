// Package window is the contract for what was said lately in the active
// rooms: a contiguous run of each room's newest events, kept for those who
// come back. It is a cache of the room's log: it may be lost at any time,
// it is never the only place of anything, and it never pretends to be whole.
package window

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
)

// Entry is one event, as the JSON text that clients get. The bytes are
// shared and must not be changed.
type Entry struct {
	Seq  chat.Seq
	JSON []byte
}

// Errors.
var (
	// ErrMiss: the range does not lie wholly inside the window.
	ErrMiss = errors.New("window: range is not wholly inside")
	// ErrHole: the entries do not follow on the newest one. Append those
	// from Top+1 first.
	ErrHole = errors.New("window: entries would leave a hole")
	// ErrUnavailable: the window cannot be reached.
	ErrUnavailable = errors.New("window: unavailable")
)

// Window keeps the newest events of the active rooms. It belongs to one
// epoch, given when it was made. All methods may be called from any number
// of goroutines.
type Window interface {
	// Append adds entries, ascending and dense, that follow on the newest
	// one. Those already inside are passed over; an empty window takes any.
	// It returns the newest number afterwards, also with ErrHole.
	Append(ctx context.Context, room chat.RoomID, entries []Entry) (top chat.Seq, err error)
	// Restart appends entries as Append does, and drops those from before the
	// first of them, in one step: their text may have been deleted. Where
	// there is a hole, the window begins anew with the entries.
	Restart(ctx context.Context, room chat.RoomID, entries []Entry) (top chat.Seq, err error)
	// Range gives the entries with numbers in (after, to], or ErrMiss. A window
	// that does not reach least is a miss too: up to there something may have
	// been deleted that it has not heard of.
	Range(ctx context.Context, room chat.RoomID, after, to, least chat.Seq) ([]Entry, error)
	// Drop empties the window of one room.
	Drop(ctx context.Context, room chat.RoomID) error
	// Of gives the window of another epoch in the same place and within the
	// same bounds. They know nothing of each other's entries. It is closed
	// with the one that was opened first.
	Of(epoch string) Window
	// Close ends it.
	Close() error
}
