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
func (h *Hub) hints(room chat.RoomID, entries []window.Entry) (messages []channellayer.Message) {
	for len(entries) > 0 {
		n, size := 0, 0
		for n < len(entries) && n < maxHints && size < maxHint {
			size += len(entries[n].JSON)
			n++
		}
		messages = append(messages, h.hint(room, entries[:n]))
		entries = entries[n:]
	}
	return messages
}

func (h *Hub) hint(room chat.RoomID, entries []window.Entry) channellayer.Message {
	events := make([]channellayer.Value, len(entries))
	for i, e := range entries {
		if len(e.JSON) <= maxHint {
			events[i] = channellayer.BytesValue(e.JSON)
		}
	}
	return h.message(msgEvent,
		channellayer.Int("room", int64(room)), channellayer.Int("seq", int64(entries[0].Seq)),
		channellayer.Text("epoch", h.chat.Epoch()), channellayer.List("events", events...))
}

// hearEvents takes hints. One without its event, or from another epoch, only
// says how far the log goes.
func (h *Hub) hearEvents(room chat.RoomID, first chat.Seq, m channellayer.Message) {
	r := h.room(room)
	if r == nil || first < 1 {
		return
	}
	epoch, _ := m.Text("epoch")
	value, _ := m.Value("events")
	events, _ := value.List()
	for i, event := range events {
		json, _ := event.Bytes()
		if epoch != h.chat.Epoch() {
			json = nil
		}
		r.offer(first+chat.Seq(i), json)
	}
}
