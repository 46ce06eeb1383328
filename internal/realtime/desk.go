package realtime

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/desk"
	"github.com/parley-chat/parley/internal/wire"
)

// caller is somebody who resumes. They ask the database two things: does my
// session still sign me in, and where am I?
type caller struct {
	user    chat.UserID
	session chat.SessionID
}

// whereabouts are the answers.
type whereabouts struct {
	live   bool
	joined []chat.RoomHead
}

func newDesk(h *Hub) *desk.Desk[caller, whereabouts] { return desk.New(h.goes, h.findAll) }

// findAll asks for all callers at once.
func (h *Hub) findAll(callers []caller) ([]whereabouts, error) {
	ctx, cancel := context.WithTimeout(h.ctx, h.timing.Query)
	defer cancel()
	users, sessions := make([]chat.UserID, len(callers)), make([]chat.SessionID, len(callers))
	for i, who := range callers {
		users[i], sessions[i] = who.user, who.session
	}
	live, err := h.chat.LiveSessions(ctx, sessions)
	if err != nil {
		return nil, err
	}
	joined, err := h.chat.JoinedEach(ctx, users)
	if err != nil {
		return nil, err
	}
	all := make([]whereabouts, len(callers))
	for i, who := range callers {
		all[i] = whereabouts{live: live[who.session], joined: joined[who.user]}
	}
	return all, nil
}

// callDesk gives where the person is, if the session signs them in. What ended
// it between the sign-in and now could not find the connection; from now on it
// does. The error is a violation if the session has ended.
func (c *conn) callDesk(ctx context.Context) ([]chat.RoomHead, error) {
	found, err := c.hub.desk.Ask(ctx, caller{user: c.user(), session: c.session})
	if err == nil && !found.live {
		err = &violation{wire.CloseSessionEnded, sessionEnded}
	}
	return found.joined, err
}
