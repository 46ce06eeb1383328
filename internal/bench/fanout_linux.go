package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// fanout has members of one room send, and follows each message until the
// last member has it.
type fanout struct {
	swarm    *swarm
	text     []byte
	inFlight int           // closed loop: this many at a time; 0: paced
	gap      time.Duration // paced: between two messages

	sent     []sending // by message, in the order of sending
	numbered []int32   // by number from the swarm's head on: index in sent, -1 before it is known
	reached  []int32   // by number: how many members have it
	whole    []time.Time
	latency  []time.Duration // from the send, or the time when it was due, to the last member
	answer   []time.Duration // to the answer, which comes after the commit

	members    int
	delivered  int64
	acks       int64
	under      int  // messages on their way
	ending     bool // nothing more is sent
	misordered int64
	fault      error
}

// sending is a message on its way.
type sending struct {
	at     time.Time
	by     int32
	acked  bool
	landed bool // everybody has it
}

// maxPaced bounds the messages that are on their way in a paced run: a server
// that is so far behind does not keep up.
const maxPaced = 1000

// sampleEvery says whose frames are read: one client in so many.
const sampleEvery = 50

// newFanout takes the swarm over from whoever had it before.
func newFanout(s *swarm, textBytes, inFlight int) *fanout {
	f := &fanout{swarm: s, text: filler(textBytes), members: len(s.sockets), inFlight: inFlight}
	s.each = f.hear
	for i := range s.sockets {
		s.sockets[i].got = 0
		s.sockets[i].walker.keep = i < f.senders() || i%sampleEvery == 0
	}
	return f
}

// run goes on until the time has come; then it waits for what is on its way.
func (f *fanout) run(ctx context.Context, until time.Time) error {
	f.ending = false
	due := time.Now()
	for now := due; now.Before(until); now = time.Now() {
		timeout := 10 * time.Millisecond
		if f.inFlight > 0 {
			f.fill(now)
		} else {
			due = f.pace(due, now)
			timeout = max(0, min(timeout, time.Until(due)))
		}
		if err := f.step(ctx, timeout); err != nil {
			return err
		}
	}
	return nil
}

func (f *fanout) step(ctx context.Context, timeout time.Duration) error {
	if err := f.swarm.poll(timeout); err != nil {
		return err
	}
	return errors.Join(f.fault, ctx.Err())
}

// fill keeps as many messages on their way as are wanted.
func (f *fanout) fill(now time.Time) {
	for f.under < f.inFlight {
		f.post(now)
	}
}

// pace sends what is due. A message that could not be sent in time counts
// from when it was due.
func (f *fanout) pace(due, now time.Time) time.Time {
	for !due.After(now) && f.under < maxPaced {
		f.post(due)
		due = due.Add(f.gap)
	}
	return due
}

// drain waits until everything has arrived, or does not seem to any more.
func (f *fanout) drain(ctx context.Context, patience time.Duration) error {
	f.ending = true
	for until := time.Now().Add(patience); f.under > 0 && time.Now().Before(until); {
		if err := f.step(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// senders is how many of the members send, by turns.
func (f *fanout) senders() int { return min(f.members, max(f.inFlight, 1)) }

func (f *fanout) post(at time.Time) {
	n := len(f.sent)
	by := n % f.senders()
	f.sent = append(f.sent, sending{at: at, by: int32(by)})
	f.under++
	op := fmt.Appendf(nil, `{"id":%d,"op":"send","room":%d,"key":"%d-%d","text":"%s"}`, n+firstID, f.swarm.room, at.UnixNano(), n, f.text)
	if err := f.swarm.writeText(by, op); err != nil && f.fault == nil {
		f.fault = err
	}
}

// firstID is the first op after the resume.
const firstID = 2

// hear takes a text frame of a member. Messages are longer than their text,
// everything else that a server says to members is shorter than that.
func (f *fanout) hear(i int, got frame) {
	if got.size <= len(f.text) {
		if bytes.HasPrefix(got.text, []byte(`{"re":`)) {
			f.acknowledge(got.text)
		}
		return
	}
	k := &f.swarm.sockets[i]
	k.got++
	f.delivered++
	if k.walker.keep && numberIn(got.text, `"seq":`) != f.swarm.head+k.got {
		f.misordered++
	}
	n := int(k.got) - 1
	f.grow(n)
	if f.reached[n]++; int(f.reached[n]) == f.members {
		f.whole[n] = time.Now()
		f.land(n)
	}
}

// grow makes room for the message with a number.
func (f *fanout) grow(n int) {
	for len(f.reached) <= n {
		f.reached = append(f.reached, 0)
		f.numbered = append(f.numbered, -1)
		f.whole = append(f.whole, time.Time{})
	}
}

func (f *fanout) acknowledge(text []byte) {
	m := numberIn(text, `"re":`) - firstID
	number := numberIn(text, `"seq":`) - f.swarm.head - 1
	if m < 0 || m >= int64(len(f.sent)) || number < 0 {
		f.fault = fmt.Errorf("bench: a message was refused: %s", text)
		return
	}
	f.acks++
	f.sent[m].acked = true
	f.answer = append(f.answer, time.Since(f.sent[m].at))
	f.grow(int(number))
	f.numbered[number] = int32(m)
	f.land(int(number))
}

// land notes that a message has reached everybody and its sender was told.
func (f *fanout) land(number int) {
	m := f.numbered[number]
	if m < 0 || int(f.reached[number]) < f.members || f.sent[m].landed {
		return
	}
	f.sent[m].landed = true
	f.latency = append(f.latency, f.whole[number].Sub(f.sent[m].at))
	if f.under--; f.inFlight > 0 && !f.ending {
		f.post(time.Now())
	}
}

// settle compares what every member got with what was acknowledged, and
// moves the swarm's head behind it.
func (f *fanout) settle() (lost, doubled, misordered int64, sampled int) {
	for i := range f.swarm.sockets {
		k := &f.swarm.sockets[i]
		missing := f.acks - k.got
		lost += max(missing, 0)
		doubled += max(-missing, 0)
		if k.walker.keep {
			sampled++
		}
	}
	f.swarm.head += f.acks
	return lost, doubled, f.misordered, sampled
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
