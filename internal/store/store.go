// Package store is the contract for what Parley remembers: people, sessions,
// rooms, and each room's log of numbered events. It says what can be asked
// and promised; sqlstore keeps it, storetest checks it.
//
// Rules that hold for every implementation:
//
//   - A method that returns nil has committed: what it wrote survives the
//     death of the process and of the machine.
//   - A missing thing is chat.ErrNotFound (errors.Is), never a zero value
//     with a nil error.
//   - A refusal is a *chat.Error. A full disk is chat.ErrStorageFull and a
//     database that is away chat.ErrUnavailable (errors.Is); after those
//     nothing was written, or, where a commit's outcome is unknown, a
//     retry with the same key decides.
//   - Rights are checked inside the transaction that acts on them.
//   - Times are stored in UTC with millisecond precision.
//   - All methods may be called from any number of goroutines.
package store

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// Store is everything that is remembered.
type Store interface {
	Log
	Users
	Sessions
	Invites
	Rooms
	Messages
	Settings
	Imports

	// Epoch names this history of the database: one opaque string for all
	// rooms. It changes when history may have been replaced, and then
	// clients load anew what they hold.
	Epoch() string
	// RenewEpoch looks at once whether the history has another name. If it is
	// still called gone, it gets a new name: somebody has seen events of gone
	// that the database does not have. With an empty gone it only looks.
	RenewEpoch(ctx context.Context, gone string) error
	// Ping answers nil while the database can be read and written.
	Ping(ctx context.Context) error
	// Close finishes what is queued and closes the database. Appends after
	// it are refused with chat.ErrUnavailable.
	Close() error
}

// Settings are the few values that the server itself keeps, by name.
type Settings interface {
	// Setting gives a value, or chat.ErrNotFound.
	Setting(ctx context.Context, name string) (string, error)
	// SetSetting writes a value.
	SetSetting(ctx context.Context, name, value string) error
	// KeepSetting writes a value unless there is one, and gives the one that
	// stands. Of several callers at once, all get the same.
	KeepSetting(ctx context.Context, name, value string) (kept string, err error)
}

// Names of settings.
const (
	SettingWorkspace = "workspace" // the name of the team
	SettingSeal      = "seal"      // the key that nodes mark what they tell each other with
	SettingBridge    = "bridge"    // marks what this Parley sends to a Django application
	SettingSetup     = "setup"     // the token of the set-up address, where nodes share it
)

// Cursor pages through a list in a stable order: After is the last id seen
// (0 for the beginning), Limit at least 1.
type Cursor struct {
	After int64
	Limit int
}

// Visit is the viewer and the room of a question about a room. The answer
// is chat.ErrNotFound when the viewer may not see the room.
type Visit struct {
	Viewer chat.UserID
	Room   chat.RoomID
}
