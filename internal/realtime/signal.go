package realtime

import (
	"context"
	"errors"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// systemGroup is the layer's group that every node is in.
const systemGroup = "parley.system"

// Types of the messages between nodes.
const (
	msgEvent    = "room.event"
	msgTyping   = "room.typing"
	msgWatched  = "room.watched"
	msgHere     = "room.here"
	msgJoined   = "user.joined"
	msgRooms    = "user.rooms"
	msgRead     = "user.read"
	msgAccount  = "user.ended"
	msgSessions = "sessions.ended"
	msgDeleted  = "room.deleted"
)

// RoomListChanged tells people that their list of rooms changed; without
// arguments it tells everybody.
func (h *Hub) RoomListChanged(users ...chat.UserID) {
	h.tellRooms(users)
	h.signal(msgRooms, channellayer.List("users", listOf(users)...))
}

func (h *Hub) tellRooms(users []chat.UserID) {
	frame := signalFrame(wire.Rooms{Type: "rooms"})
	if len(users) == 0 {
		h.tell(h.people.all(), frame)
	}
	for _, user := range users {
		h.tell(h.people.of(user), frame)
	}
}

// ReadMoved tells a person's connections where the read mark of a room is.
func (h *Hub) ReadMoved(user chat.UserID, room chat.RoomID, seq chat.Seq) {
	h.tellRead(user, room, seq)
	h.signal(msgRead, channellayer.Int("user", int64(user)), channellayer.Int("room", int64(room)), channellayer.Int("seq", int64(seq)))
}

func (h *Hub) tellRead(user chat.UserID, room chat.RoomID, seq chat.Seq) {
	h.tell(h.people.of(user), signalFrame(wire.Read{Type: "read", Room: room, Seq: seq}))
}

// SessionsEnded closes the connections of sessions that no longer sign
// anybody in, with 4001.
func (h *Hub) SessionsEnded(ids ...chat.SessionID) {
	h.endSessions(ids)
	h.signal(msgSessions, channellayer.List("sessions", listOf(ids)...))
}

const sessionEnded = "session ended"

func (h *Hub) endSessions(ids []chat.SessionID) {
	ended := make(map[chat.SessionID]bool, len(ids))
	for _, id := range ids {
		ended[id] = true
	}
	for _, c := range h.people.all() {
		if ended[c.session] {
			c.close(wire.CloseSessionEnded, sessionEnded)
		}
	}
}

// AccountEnded closes a person's connections with 4003.
func (h *Hub) AccountEnded(user chat.UserID) {
	h.endAccount(user)
	h.signal(msgAccount, channellayer.Int("user", int64(user)))
}

func (h *Hub) endAccount(user chat.UserID) {
	for _, c := range h.people.of(user) {
		c.close(wire.CloseNotAllowed, "account disabled")
	}
}

// RoomDeleted tells those who are in the room that it is gone, and forgets
// what was said there.
func (h *Hub) RoomDeleted(room chat.RoomID) {
	era := h.era.Load()
	h.dropRoom(era, room)
	h.signal(msgDeleted, channellayer.Int("room", int64(room)), channellayer.Text("epoch", era.epoch))
}

// tell sends connections a signal, which is lost where there is no room.
func (h *Hub) tell(conns []*conn, frame []byte) {
	for _, c := range conns {
		c.shard.post(c, frame)
	}
}

// signal queues a message for all other nodes.
func (h *Hub) signal(kind string, fields ...channellayer.Field) {
	if !h.single {
		h.post(delivery{group: systemGroup, signal: h.message(kind, fields...)})
	}
}

// message makes one for other nodes, with our name and our mark.
func (h *Hub) message(kind string, fields ...channellayer.Field) channellayer.Message {
	return h.sealed(append(fields, channellayer.Text("type", kind), channellayer.Text("node", h.channel)))
}

func listOf[ID ~int64](ids []ID) []channellayer.Value {
	values := make([]channellayer.Value, len(ids))
	for i, id := range ids {
		values[i] = channellayer.IntValue(int64(id))
	}
	return values
}

// listen opens our mailbox on the layer and reads it until the hub ends.
func (h *Hub) listen() error {
	if h.single {
		return nil
	}
	var err error
	if h.channel, err = h.layer.NewChannel(h.ctx, "parley.node"); err != nil {
		return err
	}
	if err = h.layer.GroupAdd(h.ctx, systemGroup, h.channel); err != nil && !errors.Is(err, channellayer.ErrUnavailable) {
		return err
	}
	h.goes(h.receive)
	return nil
}

// receive hears the other nodes. Started by listen, ends with the hub, which
// gives the mailbox back.
func (h *Hub) receive() {
	defer func() { _ = h.layer.Close(context.WithoutCancel(h.ctx), h.channel) }()
	for {
		_, m, err := h.layer.Receive(h.ctx, h.channel)
		switch {
		case h.ctx.Err() != nil || errors.Is(err, channellayer.ErrClosed):
			return
		case err != nil:
			h.log.Warn("nothing is heard from the other nodes", "error", err)
			h.pause(time.Second)
		default:
			h.hear(m)
		}
	}
}

// hear acts on a message of another node; our own come back to us too. One
// that none of our nodes has sent is not believed: if it speaks of a room, it
// is a reason to ask the database.
func (h *Hub) hear(m channellayer.Message) {
	from, _ := m.Text("node")
	if from == h.channel {
		return
	}
	if !h.isOurs(m) {
		h.stats.forged.Add(1)
		h.doubt(field[chat.RoomID](m, "room"))
		return
	}
	room, user, seq := field[chat.RoomID](m, "room"), field[chat.UserID](m, "user"), field[chat.Seq](m, "seq")
	era := h.era.Load()
	if epoch, told := m.Text("epoch"); told && epoch != era.epoch {
		h.askEpoch("") // one of us has not heard yet that the history is another
		return
	}
	switch m.Type() {
	case msgEvent:
		h.hearEvents(era, room, seq, m)
	case msgTyping:
		h.presence.showTyping(room, refIn(m))
	case msgWatched:
		h.presence.hearWatched(room, from)
	case msgHere:
		h.presence.hearHere(room, from, idsIn[chat.UserID](m, "users"))
	case msgJoined:
		h.hearJoined(era, room, seq, user)
	case msgRooms:
		h.tellRooms(idsIn[chat.UserID](m, "users"))
	case msgRead:
		h.tellRead(user, room, seq)
	case msgAccount:
		h.endAccount(user)
	case msgSessions:
		h.endSessions(idsIn[chat.SessionID](m, "sessions"))
	case msgDeleted:
		h.dropRoom(era, room)
	}
}

func (h *Hub) joinSignal(era *era, room chat.RoomID, seq chat.Seq, user chat.UserID) channellayer.Message {
	return h.message(msgJoined, channellayer.Text("epoch", era.epoch), channellayer.Int("room", int64(room)), channellayer.Int("seq", int64(seq)), channellayer.Int("user", int64(user)))
}

// hearJoined seats the connections of somebody who joined a room through
// another node. Where the room is active here its own event does that.
func (h *Hub) hearJoined(era *era, room chat.RoomID, seq chat.Seq, user chat.UserID) {
	if seq > 0 && h.people.here(user) && h.room(room) == nil {
		h.openAt(era, room, seq-1)
		h.reach(era, room, seq)
	}
}

func field[T ~int64](m channellayer.Message, key string) T {
	n, _ := m.Int(key)
	return T(n)
}

func idsIn[ID ~int64](m channellayer.Message, key string) []ID {
	v, _ := m.Value(key)
	list, _ := v.List()
	ids := make([]ID, 0, len(list))
	for _, item := range list {
		if n, ok := item.Int(); ok {
			ids = append(ids, ID(n))
		}
	}
	return ids
}

func refIn(m channellayer.Message) chat.UserRef {
	username, _ := m.Text("username")
	name, _ := m.Text("name")
	return chat.UserRef{ID: field[chat.UserID](m, "user"), Username: username, Name: name}
}
