package crashtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/client"
)

// person is one of those who chat: everything that was acknowledged to it,
// and everything that it heard.
type person struct {
	name string
	room int64
	live *client.Live

	node int // where it comes in

	pace  time.Duration // between two messages
	meter *meter

	mu       sync.Mutex
	current  time.Time     // guarded by mu; when the newest message was said that was heard at once
	sent     []message     // guarded by mu; acknowledged, in the order of sending
	heard    []message     // guarded by mu; in the order of hearing
	wrong    []string      // guarded by mu; what should not be heard at all
	listened chan struct{} // has one when there was something new
}

func (p *person) Event(f client.Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.Type != "message.created" || f.Message == nil || int64(f.Message.Seq) != f.Seq || f.Room != p.room {
		p.wrong = append(p.wrong, fmt.Sprintf("%s heard %s %d of room %d", p.name, f.Type, f.Seq, f.Room))
		return
	}
	p.heard = append(p.heard, messageOf(*f.Message))
	if time.Since(f.Message.CreatedAt.Time) < fresh {
		p.current = f.Message.CreatedAt.Time
	}
	p.meter.heard(p, messageOf(*f.Message))
	select {
	case p.listened <- struct{}{}:
	default:
	}
}

func (p *person) Reload(room, seq int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, fmt.Sprintf("%s was told to reload room %d at %d", p.name, room, seq))
}

func messageOf(m client.Message) message {
	return message{Seq: int64(m.Seq), User: m.User.Username, Key: m.Key, Text: m.Text, At: m.CreatedAt.Time}
}

// talk sends one message after the other until stop ends, each until it is
// acknowledged, at the person's pace.
func (p *person) talk(t *testing.T, stop <-chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		m := message{User: p.name, Key: fmt.Sprintf("%d", n), Text: fmt.Sprintf("message %d of %s, to be kept", n, p.name)}
		began := time.Now()
		sent, err := p.live.Send(ctx, p.room, m.Key, m.Text)
		if err != nil {
			t.Errorf("%s could not send: %v", p.name, err)
			return
		}
		p.meter.acknowledged(began)
		m.Seq, m.At = sent.Seq, sent.CreatedAt.Time
		p.mu.Lock()
		p.sent = append(p.sent, m)
		p.mu.Unlock()
		<-time.After(p.pace)
	}
}

// awaitHeard waits until the person has heard so many messages.
func (p *person) awaitHeard(t *testing.T, n int) {
	t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		heard := len(p.heard)
		p.mu.Unlock()
		if heard >= n {
			return
		}
		select {
		case <-p.listened:
		case <-deadline:
			t.Fatalf("%s heard only %d of %d messages", p.name, heard, n)
		}
	}
}
