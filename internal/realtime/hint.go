package realtime

import (
	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/window"
)

// maxHint is the longest event that travels inside its hint. Of longer ones
// only the number does.
const maxHint = 8 << 10

// maxHints bounds the events in one message.
const maxHints = 64

// hints are what other nodes hear of some events that follow on each other:
// the numbers of all, and most of the events themselves.
func (h *Hub) hints(era *era, room chat.RoomID, entries []window.Entry) (messages []channellayer.Message) {
	for len(entries) > 0 {
		n, size := 0, 0
		for n < len(entries) && n < maxHints && size < maxHint {
			size += len(entries[n].JSON)
			n++
		}
		messages = append(messages, h.hint(era, room, entries[:n]))
		entries = entries[n:]
	}
	return messages
}

func (h *Hub) hint(era *era, room chat.RoomID, entries []window.Entry) channellayer.Message {
	events := make([]channellayer.Value, len(entries))
	for i, e := range entries {
		if len(e.JSON) <= maxHint {
			events[i] = channellayer.BytesValue(e.JSON)
		}
	}
	return h.message(msgEvent,
		channellayer.Int("room", int64(room)), channellayer.Int("seq", int64(entries[0].Seq)),
		channellayer.Text("epoch", era.epoch), channellayer.List("events", events...))
}

// hearEvents takes hints of the present era. One without its event only says
// how far the log goes.
func (h *Hub) hearEvents(era *era, room chat.RoomID, first chat.Seq, m channellayer.Message) {
	r := h.room(room)
	if r == nil || r.era != era || first < 1 {
		return
	}
	value, _ := m.Value("events")
	events, _ := value.List()
	for i, event := range events {
		json, _ := event.Bytes()
		r.offer(first+chat.Seq(i), json)
	}
}
