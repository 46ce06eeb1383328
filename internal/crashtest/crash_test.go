// Package crashtest lets things die under a real server process while clients
// send, and then compares what was acknowledged, what was heard and what is
// stored: the process itself, killed with SIGKILL again and again, and its
// Redis. It holds tests only.
//
// PARLEY_CRASH_KILLS sets how often the server is killed (20),
// PARLEY_CRASH_SEED repeats the moments of an earlier run, PARLEY_REDIS_STOP
// sets for how many seconds Redis hangs (5), PARLEY_PROGRAM names another
// program to kill.
package crashtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/client"
)

const (
	senders  = 16
	people   = 18 // two only listen
	rooms    = 3
	roomSize = people / rooms
)

func TestNothingAcknowledgedIsLostDoubledOrReorderedWhenTheServerIsKilled(t *testing.T) {
	kills := int(setting(t, "PARLEY_CRASH_KILLS", 20))
	seed := setting(t, "PARLEY_CRASH_SEED", rand.Uint64())
	t.Logf("%d kills, PARLEY_CRASH_SEED=%d", kills, seed)
	s, tokens := newServer(t, people, rooms, roomSize)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	crowd := newCrowd(t, s, tokens)
	k := &killer{server: s, rnd: rand.New(rand.NewPCG(seed, 0)), acknowledged: make(chan struct{}, 1)}
	stop := make(chan struct{})
	var talking sync.WaitGroup
	for _, p := range crowd[:senders] {
		talking.Go(func() { p.talk(t, stop, k.acknowledged) })
	}
	err := k.run(kills)
	close(stop)
	if err != nil {
		t.Fatal(err)
	}
	talking.Wait()

	total := 0
	for _, h := range histories(t, s, tokens, crowd) {
		total += len(h.Stored)
		for _, broken := range check(h) {
			t.Error(broken)
		}
	}
	slices.Sort(k.pauses)
	t.Logf("%d acknowledged, %d kills; from starting the process to the first acknowledgement: median %v, longest %v",
		total, kills, k.pauses[len(k.pauses)/2], k.pauses[len(k.pauses)-1])
}

// setting reads a number from the environment.
func setting(t *testing.T, name string, standard uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return standard
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// killer kills and starts the server.
type killer struct {
	server       *server
	rnd          *rand.Rand
	acknowledged chan struct{} // has one when something was, lately
	pauses       []time.Duration
}

// run kills so many times and leaves the server running, and in use.
func (k *killer) run(kills int) error {
	for range kills {
		if err := k.burst(); err != nil {
			return err
		}
		k.server.kill()
		select { // from the process that is gone
		case <-k.acknowledged:
		default:
		}
		if err := k.server.start(); err != nil {
			return fmt.Errorf("starting again: %w", err)
		}
	}
	return k.burst()
}

// burst lets the people talk, for a random time from the first
// acknowledgement on; now and then it does not wait for that.
func (k *killer) burst() error {
	if k.rnd.IntN(5) == 0 {
		<-time.After(time.Duration(k.rnd.Int64N(int64(100 * time.Millisecond))))
		return nil
	}
	select {
	case <-k.acknowledged:
	case <-time.After(patience):
		return fmt.Errorf("nothing was acknowledged in %v", patience)
	}
	k.pauses = append(k.pauses, time.Since(k.server.began).Round(time.Millisecond))
	<-time.After(time.Duration(k.rnd.Int64N(int64(time.Second))))
	return nil
}

// newCrowd connects the people, who want to hear everything from the start.
func newCrowd(t *testing.T, s *server, tokens []string) []*person {
	t.Helper()
	crowd := make([]*person, len(tokens))
	for i, token := range tokens {
		c := newClient(t, s, token)
		me, err := c.Me(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p := &person{name: me.Username, room: joinedRoom(t, c), listened: make(chan struct{}, 1)}
		p.live = c.Live(t.Context(), map[int64]client.Cursor{p.room: {}}, p)
		crowd[i] = p
	}
	return crowd
}

func newClient(t *testing.T, s *server, token string) *client.Client {
	t.Helper()
	c, err := client.New("http://"+s.addr, token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func joinedRoom(t *testing.T, c *client.Client) int64 {
	t.Helper()
	rooms, err := c.Rooms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		if r.Joined {
			return int64(r.ID)
		}
	}
	t.Fatal("a person without a room")
	return 0
}

// histories collects what happened in each room once everybody has heard
// everything.
func histories(t *testing.T, s *server, tokens []string, crowd []*person) map[int64]history {
	t.Helper()
	all := map[int64]history{}
	for i, p := range crowd {
		h, there := all[p.room]
		if !there {
			h = history{Sent: map[string][]message{}, Heard: map[string][]message{}}
			h.Stored, h.Head = readRoom(t, newClient(t, s, tokens[i]), p.room)
		}
		p.awaitHeard(t, len(h.Stored))
		p.mu.Lock()
		h.Sent[p.name], h.Heard[p.name] = slices.Clone(p.sent), slices.Clone(p.heard)
		for _, wrong := range p.wrong {
			t.Error(wrong)
		}
		p.mu.Unlock()
		all[p.room] = h
	}
	return all
}

// readRoom reads all messages of a room, page by page.
func readRoom(t *testing.T, c *client.Client, room int64) (stored []message, head int64) {
	t.Helper()
	for more := true; more; {
		page, err := c.Messages(context.Background(), room, fmt.Sprintf("after=%d&limit=200", len(stored)))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			stored = append(stored, messageOf(m))
		}
		head, more = int64(page.Head), page.More
	}
	return stored, head
}
