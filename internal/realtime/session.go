package realtime

import (
	"context"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
)

// sessionPage bounds the sessions that one query asks for.
const sessionPage = 500

// checkSessions asks again and again whether the sessions behind the
// connections still sign anybody in: a signal that says so may be lost.
// Started by New, ends with the hub.
func (h *Hub) checkSessions() {
	for h.pause(h.jittered(h.timing.SessionCheck)) {
		ids := h.sessionIDs()
		for len(ids) > 0 && planted.Bug != planted.SessionsKept {
			n := min(len(ids), sessionPage)
			h.endDead(ids[:n])
			ids = ids[n:]
		}
	}
}

func (h *Hub) sessionIDs() []chat.SessionID {
	seen := map[chat.SessionID]bool{}
	var ids []chat.SessionID
	for _, c := range h.people.all() {
		if id := c.session; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

func (h *Hub) endDead(ids []chat.SessionID) {
	ctx, cancel := context.WithTimeout(h.ctx, h.timing.Query)
	defer cancel()
	live, err := h.chat.LiveSessions(ctx, ids)
	if err != nil {
		if h.ctx.Err() == nil {
			h.log.Warn("sessions not checked", "error", err)
		}
		return
	}
	var dead []chat.SessionID
	for _, id := range ids {
		if !live[id] {
			dead = append(dead, id)
		}
	}
	if len(dead) > 0 {
		h.endSessions(dead)
	}
}
