package chat

// Change is something that a person wants done to a room. Each one that is
// permitted and alters something becomes one Event.
type Change interface{ change() }

// The changes. The actor and the room stand beside them (see the store's
// Append), never inside.
type (
	// PostMessage says something. The same Key again gives the first message.
	PostMessage struct{ Draft }
	// EditMessage gives a message of one's own another text.
	EditMessage struct {
		Seq  Seq
		Text string
	}
	// DeleteMessage takes back a message of one's own; an administrator may
	// take back any.
	DeleteMessage struct{ Seq Seq }
	// AddReaction puts an emoji under a message.
	AddReaction struct {
		Seq   Seq
		Emoji string
	}
	// RemoveReaction takes one's own emoji away again.
	RemoveReaction struct {
		Seq   Seq
		Emoji string
	}
	// AddMember lets User into the room: oneself into an open room, or
	// somebody else by an administrator.
	AddMember struct{ User UserID }
	// RemoveMember ends User's membership.
	RemoveMember struct{ User UserID }
	// ChangeRoom renames, archives and so on.
	ChangeRoom struct{ RoomChanges }
)

func (PostMessage) change()    {}
func (EditMessage) change()    {}
func (DeleteMessage) change()  {}
func (AddReaction) change()    {}
func (RemoveReaction) change() {}
func (AddMember) change()      {}
func (RemoveMember) change()   {}
func (ChangeRoom) change()     {}
