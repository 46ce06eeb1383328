package crashtest

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/testkit/redistest"
)

// Those who chat while Redis suffers.
const (
	chatters     = 40
	chatRooms    = 5
	chatPace     = 100 * time.Millisecond
	chatPatience = 10 * time.Second // nobody waits so long for a message; a busy machine needs some of it
)

// suffering is what happens to Redis, and how long it takes at least.
type suffering struct {
	name string
	do   func(s *redistest.Server)
}

func wait(d time.Duration) { <-time.After(d) }

func sufferings(stop time.Duration) []suffering {
	return []suffering{
		{"calm", func(*redistest.Server) {}},
		{"killed, back empty after 3 s", func(s *redistest.Server) { s.Kill(); wait(3 * time.Second); s.RestartEmpty() }},
		{"restarted empty", func(s *redistest.Server) { s.RestartEmpty() }},
		{fmt.Sprintf("stopped for %v", stop), func(s *redistest.Server) { s.Freeze(); wait(stop); s.Thaw() }},
		{"wiped", func(s *redistest.Server) { s.Wipe(); wait(time.Second); s.Wipe() }},
		{"connections cut", func(s *redistest.Server) { s.Cut(); wait(time.Second); s.Cut() }},
		{"subscribers cut", func(s *redistest.Server) { s.CutSubscribers() }},
	}
}

func TestPeopleNoticeNothingOfWhatHappensToRedis(t *testing.T) {
	redis := redistest.Start(t)
	s := newSite(t, layout{nodes: 1, people: chatters, rooms: chatRooms, roomSize: chatters / chatRooms})
	torment(t, s, redis, sufferings(2*time.Second), patiently)
}

func TestPeopleOfTwoNodesNoticeNothingOfWhatHappensToRedis(t *testing.T) {
	stop := time.Duration(setting(t, "PARLEY_REDIS_STOP", 5)) * time.Second
	redis := redistest.Start(t)
	s := newSite(t, layout{nodes: 2, people: chatters, rooms: chatRooms, roomSize: chatters / chatRooms})
	limits := patiently
	if setting(t, "PARLEY_MEASURE", 0) > 0 {
		limits = asPromised
	}
	torment(t, s, redis, sufferings(stop), limits)
}

// torment lets everything happen to Redis while people chat.
func torment(t *testing.T, s *site, redis *redistest.Server, sufferings []suffering, limits bearable) {
	t.Helper()
	s.start(t, "--redis", redis.URL())
	var addrs []string
	for _, n := range s.nodes {
		n.awaitRedis(t)
		addrs = append(addrs, n.addr)
	}
	m := &meter{}
	crowd := newCrowd(t, addrs, s.tokens, m)
	enough := make(chan struct{})
	var talking sync.WaitGroup
	for _, p := range crowd {
		talking.Go(func() { p.talk(t, enough) })
	}
	wait(time.Second)
	m.take() // they are all there now
	for _, what := range sufferings {
		s.suffer(t, redis, what, m, limits)
		checkWindows(t, redis, crowd)
	}
	close(enough)
	talking.Wait()
	for room, h := range checkHistories(t, addrs[0], s.tokens, crowd) {
		awaitWindow(t, redis, room, h.Head)
	}
	for _, n := range s.nodes {
		logFigures(t, n)
	}
}

// suffer lets one thing happen, and reports what people had of it until Redis
// was in use again and a little longer.
func (s *site) suffer(t *testing.T, redis *redistest.Server, what suffering, m *meter, limits bearable) {
	t.Helper()
	what.do(redis)
	back := time.Now()
	for _, n := range s.nodes {
		n.awaitRedis(t)
	}
	recovered := time.Since(back).Round(time.Millisecond)
	wait(time.Second)
	m.report(t, what.name, limits)
	t.Logf("%-28s Redis in use again %v after its return", "", recovered)
	if recovered > limits.again {
		t.Errorf("%s: Redis was back for %v before it was used again", what.name, recovered)
	}
}

// page reads a page of the server's own.
func (s *server) page(t *testing.T, path string) string {
	t.Helper()
	answer, err := http.Get("http://" + s.addr + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d, %v: %s", path, answer.StatusCode, err, body)
	}
	return string(body)
}

// awaitRedis waits until the server and its Redis are in touch. That it is
// ready all the time is part of the promise.
func (s *server) awaitRedis(t *testing.T) {
	t.Helper()
	eventually(t, "the server is in touch with Redis", func() bool {
		return strings.Contains(s.page(t, "/readyz"), `"redis":"ok"`)
	})
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !so(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatal("did not happen: ", what)
		}
	}
}

// checkWindows wants events of every room in Redis, and none missing between
// the first and the last. How far they go is checked when nobody speaks.
func checkWindows(t *testing.T, redis *redistest.Server, crowd []*person) {
	t.Helper()
	rooms := map[int64]bool{}
	for _, p := range crowd {
		rooms[p.room] = true
	}
	for room := range rooms {
		var ids []string
		eventually(t, fmt.Sprintf("the window of room %d has something", room), func() bool {
			ids = streamIDs(t, redis, room)
			return len(ids) > 0
		})
		last, err := strconv.ParseInt(strings.TrimSuffix(ids[len(ids)-1], "-0"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		checkContiguous(t, room, ids, last)
	}
}

// checkContiguous: the ids are those of the events up to last.
func checkContiguous(t *testing.T, room int64, ids []string, last int64) {
	t.Helper()
	for i, id := range ids {
		if want := fmt.Sprintf("%d-0", last-int64(len(ids)-1-i)); id != want {
			t.Fatalf("the window of room %d has %s where %s should be", room, id, want)
		}
	}
}

// awaitWindow waits until Redis has the room's newest events to the last, and
// checks that none is missing in between.
func awaitWindow(t *testing.T, redis *redistest.Server, room, head int64) {
	t.Helper()
	var ids []string
	eventually(t, fmt.Sprintf("the window of room %d reaches %d", room, head), func() bool {
		ids = streamIDs(t, redis, room)
		return len(ids) > 0 && ids[len(ids)-1] == fmt.Sprintf("%d-0", head)
	})
	checkContiguous(t, room, ids, head)
	t.Logf("the window of room %d has %d events up to %d", room, len(ids), head)
}

// streamIDs gives the ids of the entries in a room's stream.
func streamIDs(t *testing.T, redis *redistest.Server, room int64) []string {
	t.Helper()
	reply := redis.Do("KEYS", fmt.Sprintf("pl:{*}:w:*:%d", room))
	keys, err := reply.AsStrSlice()
	if err != nil || len(keys) > 1 {
		t.Fatalf("the room's streams are %q, %v", keys, err)
	}
	if len(keys) == 0 {
		return nil
	}
	reply = redis.Do("XRANGE", keys[0], "-", "+")
	entries, err := reply.AsXRange()
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	return ids
}

// logFigures writes down what the server counted.
func logFigures(t *testing.T, s *server) {
	t.Helper()
	for line := range strings.Lines(s.page(t, "/metrics")) {
		if strings.HasPrefix(line, "parley_layer") || strings.HasPrefix(line, "parley_window") || strings.HasPrefix(line, "parley_replayed") {
			t.Log(strings.TrimSpace(line))
		}
	}
}
