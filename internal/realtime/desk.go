package realtime

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// Whoever resumes asks the database two things: does my session still sign me
// in, and where am I? After a restart thousands do at once, so there are a few
// desks, and each asks for all who wait before it.
const (
	desks    = 2 // one may wait for the database, and the other goes on
	deskPage = 100
)

// caller is a connection that resumes, waiting at a desk.
type caller struct {
	user    chat.UserID
	session chat.SessionID
	reply   chan reply // holds one, so that nobody waits for a caller who has gone
}

type reply struct {
	joined []chat.RoomHead
	err    error
}

// callDesk asks whether the session signs its person in, and where they are.
// What ended it between the sign-in and now could not find the connection;
// from now on it does. The error is a violation if the session has ended.
func (c *conn) callDesk(ctx context.Context) ([]chat.RoomHead, error) {
	call := &caller{user: c.user(), session: c.session, reply: make(chan reply, 1)}
	select {
	case c.hub.desk <- call:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case r := <-call.reply:
		return r.joined, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// attend answers callers. Started by New, ends with the hub.
func (h *Hub) attend() {
	for {
		select {
		case first := <-h.desk:
			h.answerAll(h.queueUp(first))
		case <-h.ctx.Done():
			return
		}
	}
}

// queueUp gives all who wait, within bounds.
func (h *Hub) queueUp(first *caller) []*caller {
	all := []*caller{first}
	for len(all) < deskPage {
		select {
		case next := <-h.desk:
			all = append(all, next)
		default:
			return all
		}
	}
	return all
}

func (h *Hub) answerAll(all []*caller) {
	ctx, cancel := context.WithTimeout(h.ctx, h.timing.Query)
	defer cancel()
	users, sessions := make([]chat.UserID, len(all)), make([]chat.SessionID, len(all))
	for i, call := range all {
		users[i], sessions[i] = call.user, call.session
	}
	live, err := h.chat.LiveSessions(ctx, sessions)
	var joined map[chat.UserID][]chat.RoomHead
	if err == nil {
		joined, err = h.chat.JoinedEach(ctx, users)
	}
	for _, call := range all {
		r := reply{joined: joined[call.user], err: err}
		if err == nil && !live[call.session] {
			r = reply{err: &violation{wire.CloseSessionEnded, sessionEnded}}
		}
		call.reply <- r
	}
}
