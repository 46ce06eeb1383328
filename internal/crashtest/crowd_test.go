// Package crashtest measures what people notice while real server processes
// lose their Redis, or one of their number, and then compares what was
// acknowledged, what was heard and what is stored. It holds tests only. That
// nothing breaks whatever happens at once is the business of internal/prove.
//
// PARLEY_REDIS_STOP sets for how many seconds Redis hangs (5), PARLEY_CROWD how
// many people a killed node has known (150), PARLEY_MEASURE=1 wants the figures
// that docs/prove.md promises of a quiet machine, PARLEY_PROGRAM names another
// program to run.
package crashtest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/parley-chat/parley/client"
)

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

// newCrowd connects the people, each to one of the addresses in turn. They
// want to hear everything from the start, and let m measure.
func newCrowd(t *testing.T, addrs, tokens []string, m *meter) []*person {
	t.Helper()
	crowd := make([]*person, len(tokens))
	for i, token := range tokens {
		c := newClient(t, addrs[i%len(addrs)], token)
		me, err := c.Me(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p := &person{name: me.Username, room: joinedRoom(t, c), node: i % len(addrs), pace: chatPace, meter: m, listened: make(chan struct{}, 1)}
		m.knows(p)
		p.live = c.Live(t.Context(), map[int64]client.Cursor{p.room: {}}, p)
		crowd[i] = p
	}
	return crowd
}

func newClient(t *testing.T, addr, token string) *client.Client {
	t.Helper()
	c, err := client.New("http://"+addr, token)
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
// everything; the server at addr tells.
func histories(t *testing.T, addr string, tokens []string, crowd []*person) map[int64]history {
	t.Helper()
	all := map[int64]history{}
	for i, p := range crowd {
		h, there := all[p.room]
		if !there {
			h = history{Sent: map[string][]message{}, Heard: map[string][]message{}}
			h.Stored, h.Head = readRoom(t, newClient(t, addr, tokens[i]), p.room)
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

// checkHistories compares what everybody knows, once nobody speaks any more.
func checkHistories(t *testing.T, addr string, tokens []string, crowd []*person) map[int64]history {
	t.Helper()
	all := histories(t, addr, tokens, crowd)
	for room, h := range all {
		for _, broken := range check(h) {
			t.Errorf("room %d: %s", room, broken)
		}
	}
	return all
}
