package prove

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/parley-chat/parley/client"
)

// newMessage makes up words that nobody else says.
func (p *person) newMessage(op string, h *haunt) (Record, map[string]string) {
	p.sends++
	key := fmt.Sprintf("%s-%d", p.name, p.sends)
	text := fmt.Sprintf("%s in %d says **%d**%s", p.name, h.id, p.sends, strings.Repeat(" and so on", int(p.sends%7)))
	return Record{Op: op, Room: h.id, Key: key, Text: digest(text)}, map[string]string{"key": key, "text": text}
}

// send posts a message: most by the socket, some by HTTP.
func (p *person) send(ctx context.Context, h *haunt, d drawn) {
	ask, body := p.newMessage(opSend, h)
	bySocket := d.way%4 != 0
	reply := p.attempt(ctx, ask, d, func(ctx context.Context, n *node) (Record, error) {
		if !bySocket {
			var m client.Message
			err := p.http.call(ctx, n.gate, http.MethodPost, messagesPath(h.id), body, &m)
			return Record{Seq: int64(m.Seq)}, err
		}
		conn, at, err := p.listen.connected(ctx)
		if err != nil {
			return Record{}, err
		}
		sent, err := conn.Send(ctx, h.id, body["key"], body["text"])
		return Record{Seq: sent.Seq, Node: at.number}, err
	})
	if reply.Reply != replyOK {
		return
	}
	h.board.put(reply.Seq)
	p.sample.add(sent{h.id, reply.Seq, body}, p.luck)
	if len(h.mine) == ownKept {
		h.mine = h.mine[1:]
	}
	h.mine = append(h.mine, reply.Seq)
}

// own chooses one of the person's messages.
func (h *haunt) own(d drawn) (place int, seq int64) {
	place = int(d.target % uint64(len(h.mine)))
	return place, h.mine[place]
}

func (p *person) edit(ctx context.Context, h *haunt, d drawn) {
	_, seq := h.own(d)
	text := fmt.Sprintf("%s puts it _differently_ for the %d. time", p.name, p.acts)
	ask := Record{Op: opEdit, Room: h.id, Seq: seq, Text: digest(text)}
	p.attempt(ctx, ask, d, func(ctx context.Context, n *node) (Record, error) {
		var m client.Message
		err := p.http.call(ctx, n.gate, http.MethodPatch, messagePath(h.id, seq), map[string]string{"text": text}, &m)
		return Record{Seq: int64(m.Seq), Text: digest(m.Text)}, err
	})
}

func (p *person) delete(ctx context.Context, h *haunt, d drawn) {
	place, seq := h.own(d)
	h.mine = append(h.mine[:place:place], h.mine[place+1:]...)
	p.attempt(ctx, Record{Op: opDelete, Room: h.id, Seq: seq}, d, func(ctx context.Context, n *node) (Record, error) {
		return Record{}, p.http.call(ctx, n.gate, http.MethodDelete, messagePath(h.id, seq), nil, nil)
	})
}

// react puts an emoji under anybody's message, or takes it away.
func (p *person) react(ctx context.Context, h *haunt, d drawn, op string) {
	seq, there := h.board.pick(d.target)
	if !there {
		return
	}
	emoji, method := emojis[d.way%uint64(len(emojis))], http.MethodPut
	if op == opUnreact {
		method = http.MethodDelete
	}
	p.attempt(ctx, Record{Op: op, Room: h.id, Seq: seq, Emoji: emoji}, d, func(ctx context.Context, n *node) (Record, error) {
		return Record{}, p.http.call(ctx, n.gate, method, reactionPath(h.id, seq, emoji), nil, nil)
	})
}

// read moves the read mark to where one has heard the room.
func (p *person) read(ctx context.Context, h *haunt, d drawn) {
	seq := p.listen.at(h.id)
	if seq <= 0 {
		return
	}
	p.attempt(ctx, Record{Op: opRead, Room: h.id, Seq: seq}, d, func(ctx context.Context, n *node) (Record, error) {
		if d.way%2 == 0 {
			return Record{}, p.http.call(ctx, n.gate, http.MethodPut, roomPath(h.id)+"/read", map[string]int64{"seq": seq}, nil)
		}
		conn, at, err := p.listen.connected(ctx)
		if err != nil {
			return Record{}, err
		}
		return Record{Node: at.number}, conn.Call(ctx, "read", map[string]any{"room": h.id, "seq": seq}, nil)
	})
}

// look asks any node for what was acknowledged by some node.
func (p *person) look(ctx context.Context, h *haunt, d drawn) {
	seq := h.mine[len(h.mine)-1]
	p.attempt(ctx, Record{Op: opLook, Room: h.id, Seq: seq}, d, func(ctx context.Context, n *node) (Record, error) {
		var m client.Message
		err := p.http.call(ctx, n.gate, http.MethodGet, messagePath(h.id, seq), nil, &m)
		return Record{Seq: int64(m.Seq), Key: m.Key}, err
	})
}

func (p *person) leave(ctx context.Context, h *haunt, d drawn) {
	h.in = false
	p.attempt(ctx, Record{Op: opLeave, Room: h.id}, d, func(ctx context.Context, n *node) (Record, error) {
		return Record{}, p.http.call(ctx, n.gate, http.MethodDelete, memberPath(h.id, "me"), nil, nil)
	})
}

// join lets the person in; into a private room an administrator does.
func (p *person) join(ctx context.Context, h *haunt, d drawn) {
	by, path := p.http, memberPath(h.id, "me")
	if h.private {
		by, path = p.admin, memberPath(h.id, p.id)
	}
	reply := p.attempt(ctx, Record{Op: opJoin, Room: h.id}, d, func(ctx context.Context, n *node) (Record, error) {
		return Record{}, by.call(ctx, n.gate, http.MethodPut, path, nil, nil)
	})
	h.in = reply.Reply == replyOK
}
