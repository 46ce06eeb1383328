package chat

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Message is what somebody said in a room, as it is now: edits, deletion and
// reactions are folded in.
type Message struct {
	Room      RoomID
	Seq       Seq
	Key       string // made by the client, unique per room and person
	User      UserRef
	Text      string // empty once deleted
	CreatedAt time.Time
	EditedAt  time.Time // zero if never
	DeletedAt time.Time // zero if it stands
	ReplyTo   Seq       // 0: answers nothing
	Reactions []Reaction
}

// Deleted reports whether only the message's place is left.
func (m Message) Deleted() bool { return !m.DeletedAt.IsZero() }

// Reaction is one emoji under a message.
type Reaction struct {
	Emoji string
	Count int
	Users []UserRef // the first MaxReactionUsers of them
	Mine  bool      // by the viewer; false where there is no single viewer
}

// Draft is a message before it has a number.
type Draft struct {
	Key     string
	Text    string
	ReplyTo Seq
}

// Digest is the SHA-256 of what is said: it tells an honest retry of a key
// from its use for another message, also after an edit or a deletion.
func (d Draft) Digest() [sha256.Size]byte {
	body := binary.BigEndian.AppendUint64(nil, uint64(d.ReplyTo))
	return sha256.Sum256(append(body, d.Text...))
}

// Page is a piece of a room's history, ascending by Seq.
type Page struct {
	Messages   []Message
	Head       Seq  // the room's newest event in the same snapshot
	MoreBefore bool // there are older messages
	MoreAfter  bool // there are newer ones
}

// PageQuery asks for a page. At most one of Before, After and Around is set;
// none means the newest page. Before and After are exclusive.
type PageQuery struct {
	Before Seq
	After  Seq
	Around Seq
	Limit  int // 1 to MaxPage
}
