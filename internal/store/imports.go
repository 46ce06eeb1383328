package store

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Imports brings in much at once, all or nothing.
type Imports interface {
	// Import runs fill in one transaction and commits if it returns nil;
	// else nothing is left of it and its error is given back. Nobody else
	// writes meanwhile, and no commit listener hears of it: connected
	// people must not be there.
	Import(ctx context.Context, fill func(Importer) error) error
}

// Importer writes within one Import. Names are unique as everywhere.
type Importer interface {
	// Imported finds what an earlier import made of a foreign id;
	// chat.ErrNotFound if it is new. Source and kind are the importer's own
	// words.
	Imported(source, kind, foreign string) (int64, error)
	// Remember notes what was made of a foreign id.
	Remember(source, kind, foreign string, id int64) error

	AddUser(NewUser) (chat.User, error)
	UserByFold(fold string) (chat.User, error)
	AddSession(NewSession) (chat.Session, error)
	SetDisabled(chat.UserID) error

	AddRoom(NewRoom) (chat.Room, error)
	RoomBySlug(slug string) (chat.RoomID, error)
	// AddMember makes no event; nothing happens to one who is in the room.
	// The read mark is set by ReadToHead.
	AddMember(chat.RoomID, chat.UserID) error
	// AddMessage gives the room's next number. Times before that of the
	// room's last event are raised to it. A known key ends the import with
	// chat.ErrKeyReused, at once or when its rows are written.
	AddMessage(room chat.RoomID, author chat.UserID, at time.Time, d chat.Draft) (chat.Seq, error)
	// AddReaction puts an emoji under a message, as an event.
	AddReaction(room chat.RoomID, user chat.UserID, at time.Time, seq chat.Seq, emoji string) error
	// ReadToHead sets the read marks of all members of the room to its head.
	ReadToHead(chat.RoomID) error
}
