package realtime

import (
	"encoding/binary"
	"slices"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
)

// markKey is the field with the mark of a message. It is the last one.
const markKey = "mark"

// sealed gives the message of the fields and their mark.
func (h *Hub) sealed(fields []channellayer.Field) channellayer.Message {
	mark := h.seal.Mark(nil, []byte("node"), appendFields(nil, fields))
	return channellayer.NewMessage(append(fields, channellayer.Bytes(markKey, mark))...)
}

// isOurs reports whether a node with our key has made the message.
func (h *Hub) isOurs(m channellayer.Message) bool {
	fields := m.Fields()
	last := len(fields) - 1
	if last < 0 || fields[last].Key != markKey {
		return false
	}
	mark, _ := fields[last].Value.Bytes()
	return h.seal.Holds(mark, []byte("node"), appendFields(nil, fields[:last]))
}

// appendFields writes fields so that no others are written alike. The order
// counts: layers keep it.
func appendFields(b []byte, fields []channellayer.Field) []byte {
	for _, f := range fields {
		b = appendText(b, f.Key)
		b = appendValue(b, f.Value)
	}
	return b
}

// appendValue writes a value of the kinds that nodes use.
func appendValue(b []byte, v channellayer.Value) []byte {
	b = append(b, byte(v.Kind()))
	switch v.Kind() {
	case channellayer.KindInt:
		n, _ := v.Int()
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	case channellayer.KindText:
		text, _ := v.Text()
		b = appendText(b, text)
	case channellayer.KindBytes:
		bytes, _ := v.Bytes()
		b = binary.BigEndian.AppendUint64(b, uint64(len(bytes)))
		b = append(b, bytes...)
	case channellayer.KindList:
		items, _ := v.List()
		b = binary.BigEndian.AppendUint64(slices.Grow(b, 16*len(items)), uint64(len(items)))
		for _, item := range items {
			b = appendValue(b, item)
		}
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(text))), text...)
}

// doubt asks the database how far a room is of which somebody has told us
// what we do not believe. However often that happens, there is one question
// at a time, and a pause after it.
func (h *Hub) doubt(id chat.RoomID) {
	r := h.room(id)
	if r == nil || !r.doubted.CompareAndSwap(false, true) {
		return
	}
	h.log.Warn("a message over the layer was not marked rightly", "room", id)
	h.goes(func() {
		h.compare([]chat.RoomID{id})
		h.pause(h.timing.Retry)
		r.doubted.Store(false)
	})
}
