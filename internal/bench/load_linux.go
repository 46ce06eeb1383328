package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// plan says who sends how much.
type plan struct {
	name      string // of its profile
	textBytes int
	senders   int           // the first so many clients, by turns
	inFlight  int           // closed loop: this many at a time; 0: paced
	gap       time.Duration // paced: between two messages
}

// load has people send, and follows each message until the last member of
// its room has it.
type load struct {
	plan
	swarm *swarm
	text  []byte

	sent    []sending       // by message, in the order of sending
	logs    []roomLog       // by room, as in the swarm
	latency []time.Duration // from the send, or the time when it was due, to the last member
	same    []time.Duration // to the last member on the sender's node
	cross   []time.Duration // to the last member on another node
	answer  []time.Duration // to the answer, which comes after the commit

	delivered  int64
	acks       int64
	under      int  // messages on their way
	ending     bool // nothing more is sent
	misordered int64
	fault      error
	due        time.Time // paced: when the next is sent
}

// sending is a message on its way.
type sending struct {
	at     time.Time
	by     int32
	acked  bool
	landed bool // everybody has it
}

// roomLog is what happened in a room since its head, by number.
type roomLog struct {
	acks     int64
	numbered []int32               // index in sent, -1 before it is known
	reached  []perNode             // how many members have it
	whole    [][maxNodes]time.Time // when all of a node had it
}

// maxPaced bounds the messages that are on their way in a paced run: a server
// that is so far behind does not keep up.
const maxPaced = 1000

// sampleEvery says whose frames are read: one client in so many.
const sampleEvery = 50

// newLoad takes the swarm over from whoever had it before.
func newLoad(s *swarm, p plan) *load {
	p.senders = max(min(p.senders, len(s.sockets)), 1)
	l := &load{plan: p, swarm: s, text: filler(p.textBytes), logs: make([]roomLog, len(s.rooms))}
	s.each, s.reads = l.hear, l.reads
	for i := range s.sockets {
		s.sockets[i].got = 0
		s.sockets[i].walker.keep = l.reads(i)
	}
	return l
}

// reads tells whether a client looks into its frames.
func (l *load) reads(i int) bool { return i < l.senders || i%sampleEvery == 0 }

// run goes on until the time has come.
func (l *load) run(ctx context.Context, until time.Time) error {
	return l.runWhile(ctx, func() bool { return time.Now().Before(until) })
}

// runWhile goes on as long as more holds.
func (l *load) runWhile(ctx context.Context, more func() bool) error {
	l.ending, l.due = false, time.Now()
	for more() {
		timeout := 10 * time.Millisecond
		if l.inFlight > 0 {
			l.fill()
		} else {
			l.pace()
			timeout = max(0, min(timeout, time.Until(l.due)))
		}
		if err := l.step(ctx, timeout); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) step(ctx context.Context, timeout time.Duration) error {
	if err := l.swarm.poll(timeout); err != nil {
		return err
	}
	return errors.Join(l.fault, ctx.Err())
}

// fill begins the closed loop; land keeps it going.
func (l *load) fill() {
	for now := time.Now(); l.under < l.inFlight; {
		l.post(len(l.sent)%l.senders, now)
	}
}

// pace sends what is due. A message that could not be sent in time counts
// from when it was due.
func (l *load) pace() {
	for now := time.Now(); !l.due.After(now) && l.under < maxPaced; l.due = l.due.Add(l.gap) {
		l.post(len(l.sent)%l.senders, l.due)
	}
}

// drain waits until everything has arrived, or does not seem to any more.
func (l *load) drain(ctx context.Context, patience time.Duration) error {
	l.ending = true
	for until := time.Now().Add(patience); l.under > 0 && time.Now().Before(until); {
		if err := l.step(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) post(by int, at time.Time) {
	n := len(l.sent)
	l.sent = append(l.sent, sending{at: at, by: int32(by)})
	l.under++
	op := fmt.Appendf(nil, `{"id":%d,"op":"send","room":%d,"key":"%d-%d","text":"%s"}`,
		n+firstID, l.swarm.roomOf(by).id, at.UnixNano(), n, l.text)
	if err := l.swarm.writeText(by, op); err != nil && l.fault == nil {
		l.fault = err
	}
}

// firstID is the first op after the resume.
const firstID = 2

// hear takes a text frame of a member. Messages are longer than their text,
// everything else that a server says to members is shorter than that.
func (l *load) hear(i int, got frame) {
	if got.size <= len(l.text) {
		if bytes.HasPrefix(got.text, []byte(`{"re":`)) {
			l.acknowledge(got.text)
		}
		return
	}
	k, room := &l.swarm.sockets[i], l.swarm.roomOf(i)
	k.got++
	l.delivered++
	if k.walker.keep && numberIn(got.text, `"seq":`) != room.head+k.got {
		l.misordered++
	}
	log, n := &l.logs[k.room], int(k.got)-1
	log.grow(n)
	node := l.swarm.nodeOf(i)
	if log.reached[n][node]++; log.reached[n][node] == room.members[node] {
		log.whole[n][node] = time.Now()
		l.land(k.room, n)
	}
}

// grow makes room for the message with a number.
func (r *roomLog) grow(n int) {
	for len(r.reached) <= n {
		r.reached = append(r.reached, perNode{})
		r.numbered = append(r.numbered, -1)
		r.whole = append(r.whole, [maxNodes]time.Time{})
	}
}

func (l *load) acknowledge(text []byte) {
	m := numberIn(text, `"re":`) - firstID
	if m < 0 || m >= int64(len(l.sent)) {
		l.fault = fmt.Errorf("bench: an answer to nothing: %s", text)
		return
	}
	by := int(l.sent[m].by)
	number := numberIn(text, `"seq":`) - l.swarm.roomOf(by).head - 1
	if number < 0 {
		l.fault = fmt.Errorf("bench: a message was refused: %s", text)
		return
	}
	l.acks++
	l.sent[m].acked = true
	l.answer = append(l.answer, time.Since(l.sent[m].at))
	room := l.swarm.sockets[by].room
	log := &l.logs[room]
	log.acks++
	log.grow(int(number))
	log.numbered[number] = int32(m)
	l.land(room, int(number))
}

// land notes that a message has reached everybody and its sender was told,
// who says the next thing in a closed loop.
func (l *load) land(room, number int) {
	log := &l.logs[room]
	m := log.numbered[number]
	if m < 0 || log.reached[number].sum() < l.swarm.rooms[room].members.sum() || l.sent[m].landed {
		return
	}
	l.sent[m].landed = true
	l.time(&l.sent[m], log.whole[number])
	if l.under--; l.inFlight > 0 && !l.ending {
		l.post(int(l.sent[m].by), time.Now())
	}
}

// time notes how long a message took to the last member, and to the last of
// each node.
func (l *load) time(s *sending, whole [maxNodes]time.Time) {
	last := whole[0]
	for node, at := range whole {
		switch {
		case at.IsZero():
			continue // nobody of the room is there
		case node == l.swarm.nodeOf(int(s.by)):
			l.same = append(l.same, at.Sub(s.at))
		default:
			l.cross = append(l.cross, at.Sub(s.at))
		}
		if at.After(last) {
			last = at
		}
	}
	l.latency = append(l.latency, last.Sub(s.at))
}

// settle compares what every member got with what was acknowledged, and
// moves the rooms' heads behind it.
func (l *load) settle() (f Faults) {
	f.Misordered = l.misordered
	for i := range l.swarm.sockets {
		k := &l.swarm.sockets[i]
		missing := l.logs[k.room].acks - k.got
		f.Lost += max(missing, 0)
		f.Doubled += max(-missing, 0)
		if k.walker.keep {
			f.Sampled++
		}
	}
	for room := range l.logs {
		l.swarm.rooms[room].head += l.logs[room].acks
	}
	return f
}

// numberIn reads the number behind the first place of a name; -1 if it is not
// there.
func numberIn(text []byte, name string) int64 {
	_, rest, found := bytes.Cut(text, []byte(name))
	if !found {
		return -1
	}
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(string(rest[:end]), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
