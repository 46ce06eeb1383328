package store

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
)

// Messages reads what was said.
type Messages interface {
	// Page gives a piece of the history with edits, deletions and reactions
	// folded in, and the head of the same snapshot. chat.ErrNotFound,
	// chat.ErrNotMember for a private room that the viewer is not in.
	Page(ctx context.Context, v Visit, q chat.PageQuery) (chat.Page, error)
	// Message gives one message, as Page would.
	Message(ctx context.Context, v Visit, seq chat.Seq) (chat.Message, error)
}
