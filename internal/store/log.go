package store

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// Log appends to the rooms' logs and reads them.
type Log interface {
	// Append queues a change and returns at once. Changes are committed in
	// groups; those of one room in the order in which they were queued, and
	// each gets the room's next number, so that committed numbers are dense.
	// Done is called exactly once, after the commit or the refusal; where
	// the queue is full (chat.ErrOverloaded) or the store closed, before
	// Append returns. The Dones of one room come in the order of Seq.
	//
	// A known key with the same words gives the message (Repeated), also to
	// an author who may no longer post but can still read the room.
	Append(Append)

	// OnCommit sets the listener that hears of every committed event, room
	// by room in order of Seq, before the Done of the same group is called.
	// It runs on the committer: it must be quick and must not call the
	// store. It may keep the slice. Where a commit's outcome was unknown its
	// events are not told: Heads shows them. Set it once, before the first
	// Append.
	OnCommit(func([]chat.Event))

	// Events gives the room's events with numbers in (after, after+limit],
	// ascending and without a hole; fewer only at the end of the log, and
	// chat.ErrNotFound for a room that does not exist. Each is as the
	// listener was told of it: a creation has the text as first sent. Only
	// an event whose text was deleted since has Gone set and no text, and
	// people have the names that they have now, and Epoch is empty. It asks no
	// rights.
	Events(ctx context.Context, room chat.RoomID, after chat.Seq, limit int) ([]chat.Event, error)

	// Heads gives the number of the newest event of each room that exists.
	Heads(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]chat.Seq, error)
}

// Append is one change on its way into a room's log.
type Append struct {
	// Actor is the account that wants it. The shell has none: it acts in the
	// name of an administrator.
	Actor  chat.UserID
	Room   chat.RoomID
	Change chat.Change
	// Done takes the outcome. It must not block: it is called on a
	// goroutine that has others to answer.
	Done func(Appended, error)
}

// Appended is the outcome of a change.
type Appended struct {
	// Event is what was committed. Its Seq is 0 when the change altered
	// nothing: the key was known, the text was the same, the person was a
	// member already.
	Event chat.Event
	// Message is the message that a post, an edit or a deletion is about,
	// as it is now.
	Message chat.Message
	// Repeated: the key was known, Message is the one that was sent first.
	Repeated bool
}

// AppendWait appends and waits for the outcome or the end of ctx. When ctx
// ends first the change may still be committed.
func AppendWait(ctx context.Context, log Log, actor chat.UserID, room chat.RoomID, change chat.Change) (Appended, error) {
	type outcome struct {
		appended Appended
		err      error
	}
	done := make(chan outcome, 1)
	log.Append(Append{
		Actor: actor, Room: room, Change: change,
		Done: func(a Appended, err error) { done <- outcome{a, err} },
	})
	select {
	case o := <-done:
		return o.appended, o.err
	case <-ctx.Done():
		return Appended{}, ctx.Err()
	}
}
