package prove

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// What a person does, as histories call it.
const (
	opSend     = "send"
	opEdit     = "edit"
	opDelete   = "delete"
	opReact    = "react"
	opUnreact  = "unreact"
	opRead     = "read"
	opJoin     = "join"
	opLeave    = "leave"
	opLook     = "look"     // one's own message, on any node, right after the acknowledgement
	opPeek     = "peek"     // into a private room that one is not in
	opTrespass = "trespass" // posting into a room that one is not in
	opAgain    = "again"    // at the end: a key that was acknowledged, once more
	opMove     = "move"     // to another node; not asked of a server
)

// changes are the ops that change something.
var changes = []string{opSend, opEdit, opDelete, opReact, opUnreact, opRead, opJoin, opLeave}

// weights say how often each op is drawn.
var weights = []struct {
	op     string
	weight uint64
}{
	{opSend, 64}, {opEdit, 8}, {opDelete, 3}, {opReact, 9}, {opUnreact, 4}, {opRead, 4}, {opLook, 4}, {opLeave, 2}, {opMove, 2},
}

var emojis = []string{"👍", "🎉", "🚀", "❤️", "🤔"}

// room is a place of the run.
type room struct {
	id      int64
	private bool
	comes   bool // people come and go
	board   board
}

// board remembers the newest messages of a room, for those who react.
type board struct {
	mu   sync.Mutex
	seqs []int64 // guarded by mu
}

const boardSize = 64

func (b *board) put(seq int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.seqs) == boardSize {
		b.seqs = b.seqs[1:]
	}
	b.seqs = append(b.seqs, seq)
}

func (b *board) pick(draw uint64) (int64, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.seqs) == 0 {
		return 0, false
	}
	return b.seqs[draw%uint64(len(b.seqs))], true
}

// haunt is a room as one person has it.
type haunt struct {
	*room
	in    bool
	never bool    // the person never joins
	mine  []int64 // own messages that stand, the newest last; a few
}

const ownKept = 32

// person is one of those who chat.
type person struct {
	id     int64
	name   string
	rnd    *rand.Rand // of talk: draws the same whatever the answers are
	luck   *rand.Rand // of talk: for tries after the first
	listen *listener
	http   *caller
	admin  *caller // lets people into private rooms
	haunts []*haunt
	nodes  []*node
	tally  *tally
	acts   int64
	sends  int64
	sample sample
}

// drawn is what chance says about one op. Each takes the same number of
// draws, so that a seed gives the same ops whatever the answers were.
type drawn struct{ op, room, target, way, node uint64 }

func (p *person) draw() drawn {
	return drawn{p.rnd.Uint64(), p.rnd.Uint64(), p.rnd.Uint64(), p.rnd.Uint64(), p.rnd.Uint64()}
}

// talk does one thing after the other until stop is done. What is under way
// then is brought to its end, as long as ctx allows.
func (p *person) talk(stop, ctx context.Context) {
	for stop.Err() == nil && ctx.Err() == nil {
		d := p.draw()
		h := p.haunts[d.room%uint64(len(p.haunts))]
		if h.in {
			p.participate(ctx, h, d)
		} else {
			p.stayOutside(ctx, h, d)
		}
	}
}

func chooseOp(draw uint64) string {
	draw %= 100
	for _, w := range weights {
		if draw < w.weight {
			return w.op
		}
		draw -= w.weight
	}
	return opSend
}

// participate does something in a room that one is in.
func (p *person) participate(ctx context.Context, h *haunt, d drawn) {
	op := chooseOp(d.op)
	if len(h.mine) == 0 && (op == opEdit || op == opDelete || op == opLook) || op == opLeave && !h.comes {
		op = opSend
	}
	switch op {
	case opSend:
		p.send(ctx, h, d)
	case opEdit:
		p.edit(ctx, h, d)
	case opDelete:
		p.delete(ctx, h, d)
	case opReact, opUnreact:
		p.react(ctx, h, d, op)
	case opRead:
		p.read(ctx, h, d)
	case opLook:
		p.look(ctx, h, d)
	case opLeave:
		p.leave(ctx, h, d)
	case opMove:
		p.listen.move()
	}
}

// stayOutside does something about a room that one is not in.
func (p *person) stayOutside(ctx context.Context, h *haunt, d drawn) {
	switch {
	case !h.never && d.op%3 == 0:
		p.join(ctx, h, d)
	case h.private:
		p.attempt(ctx, Record{Op: opPeek, Room: h.id}, d, func(ctx context.Context, n *node) (Record, error) {
			return Record{}, p.http.call(ctx, n.gate, http.MethodGet, messagesPath(h.id)+"?limit=5", nil, nil)
		})
	default:
		ask, body := p.newMessage(opTrespass, h)
		p.attempt(ctx, ask, d, func(ctx context.Context, n *node) (Record, error) {
			return Record{}, p.http.call(ctx, n.gate, http.MethodPost, messagesPath(h.id), body, nil)
		})
	}
	if !h.never {
		return
	}
	pause(ctx, outsiderPause) // those outside are not to take the time of those inside
}

const outsiderPause = 20 * time.Millisecond

// How long a try may take before another node is asked, and the pause
// between two. A node that hangs may still do what it was asked for.
const (
	tryTime    = 2 * time.Second
	retryPause = 20 * time.Millisecond
)

// attempt tries something until the server has done or refused it, and notes
// what was asked and each answer. Later tries go to any node.
func (p *person) attempt(ctx context.Context, ask Record, d drawn, try func(context.Context, *node) (Record, error)) Record {
	p.acts++
	ask.What, ask.Act = recordAsk, p.acts
	p.listen.history.add(ask)
	n := p.nodes[d.node%uint64(len(p.nodes))]
	for {
		reply := p.try(ctx, n, try)
		reply.What, reply.Act = recordReply, ask.Act
		p.listen.history.add(reply)
		if reply.Reply == replyOK || reply.Reply == replyRefused {
			p.note(ask.Op, reply)
			return reply
		}
		pause(ctx, retryPause+time.Duration(p.luck.Int64N(int64(4*retryPause))))
		if ctx.Err() != nil {
			return reply
		}
		n = p.nodes[p.luck.IntN(len(p.nodes))]
	}
}

func (p *person) try(ctx context.Context, n *node, try func(context.Context, *node) (Record, error)) Record {
	limited, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	reply, err := try(limited, n)
	reply.Reply, reply.Code, reply.Reason = judge(err)
	if reply.Node == 0 {
		reply.Node = n.number
	}
	return reply
}

// note counts what was acknowledged.
func (p *person) note(op string, reply Record) {
	if reply.Reply != replyOK {
		return
	}
	for _, change := range changes {
		if change == op {
			p.tally.acknowledge(op)
			p.nodes[reply.Node-1].acknowledged()
		}
	}
}
