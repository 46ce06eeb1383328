package realtime

import (
	"bytes"
	"encoding/json"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// traits are what the hub must know of an event beyond its number. They are
// read off its JSON, so that events take one way in, wherever they come
// from: the committer, another node, the window or the store.
type traits struct {
	deletes bool        // older frames may hold the deleted text
	user    chat.UserID // who joined or left, 0 in other events
	joined  bool
	changes bool          // the room itself
	only    []chat.UserID // who may see it; nobody named: everybody
}

var (
	deletedPrefix = []byte(`{"type":"message.deleted"`)
	changedPrefix = []byte(`{"type":"room.changed"`)
	memberPrefix  = []byte(`{"type":"member.`)
)

func traitsOf(event []byte) (t traits) {
	switch {
	case bytes.HasPrefix(event, deletedPrefix):
		t.deletes = true
	case bytes.HasPrefix(event, memberPrefix):
		t = memberTraits(event)
	case bytes.HasPrefix(event, changedPrefix):
		t.changes = true
	}
	t.only = wire.AudienceOf(event)
	return t
}

func memberTraits(event []byte) traits {
	var body struct {
		Type string
		User struct{ ID chat.UserID }
	}
	if json.Unmarshal(event, &body) != nil {
		return traits{}
	}
	return traits{user: body.User.ID, joined: body.Type == chat.MemberJoined.String()}
}
