package node_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	layerredis "github.com/parley-chat/parley/channellayer/redis"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/node"
	"github.com/parley-chat/parley/internal/ratelimit"
	"github.com/parley-chat/parley/internal/testkit/postgrestest"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

const password = "plum tree 42 hills" // that of the account which token makes

// twoNodes runs two nodes of one workspace. secret signs ann in.
func twoNodes(t *testing.T, redis string) (nodes []*node.Node, secret string) {
	t.Helper()
	database := postgrestest.Database(t)
	for i := range 2 {
		s := withRedis(t, redis)
		s.Database = config.Postgres(database)
		n, _ := run(t, s)
		nodes = append(nodes, n)
		if i == 0 {
			secret = token(t, s.Data)
		}
	}
	return nodes, secret
}

// status makes a request and gives the status of the answer.
func status(t *testing.T, url, bearer, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// logIn gives 200, 401 or 429.
func logIn(t *testing.T, n *node.Node, username, password string) int {
	t.Helper()
	got := status(t, n.URL()+"/api/v1/login", "", `{"username":"`+username+`","password":"`+password+`"}`)
	if !slices.Contains([]int{http.StatusOK, http.StatusUnauthorized, http.StatusTooManyRequests}, got) {
		t.Fatalf("a log-in is answered with %d", got)
	}
	return got
}

// guess tries wrong passwords on the nodes in turn, slowly enough for them to
// hear of each other, until all refuse to look. It gives how many were looked at.
func guess(t *testing.T, username string, nodes ...*node.Node) (tried int) {
	t.Helper()
	ticker := time.NewTicker(300 * time.Millisecond)
	defer ticker.Stop()
	for refused := 0; refused < len(nodes); <-ticker.C {
		refused = 0
		for _, n := range nodes {
			if logIn(t, n, username, "wrong") == http.StatusTooManyRequests {
				refused++
				continue
			}
			tried++
		}
		if tried > 3*len(nodes)*ratelimit.FreeAttempts {
			t.Fatal("wrong passwords are not limited")
		}
	}
	return tried
}

func TestWrongPasswordsOverTwoNodesAreLimitedAsOnOne(t *testing.T) {
	nodes, _ := twoNodes(t, redistest.Start(t).URL())
	if tried := guess(t, "ann", nodes...); tried >= 2*ratelimit.FreeAttempts-3 {
		t.Errorf("%d wrong passwords were free on two nodes, %d are on one", tried, ratelimit.FreeAttempts)
	}
}

func TestARightPasswordOnOneNodeClearsTheRecordOnTheOther(t *testing.T) {
	nodes, _ := twoNodes(t, redistest.Start(t).URL())
	for range ratelimit.FreeAttempts - 1 {
		logIn(t, nodes[1], "ann", "wrong")
	}
	if got := logIn(t, nodes[0], "ann", password); got != http.StatusOK {
		t.Fatalf("the right password is answered with %d", got)
	}
	// Were it not cleared, one more would be free and the next not before the
	// first delay.
	deadline := time.Now().Add(ratelimit.FirstDelay - time.Second)
	for tried := 0; tried < 3; <-time.After(20 * time.Millisecond) {
		if logIn(t, nodes[1], "ann", "wrong") == http.StatusUnauthorized {
			tried++
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %d wrong passwords the other node still counts those before the right one", tried)
		}
	}
}

func TestMessagesOfOnePersonOverTwoNodesAreLimitedAsOnOne(t *testing.T) {
	nodes, secret := twoNodes(t, redistest.Start(t).URL())
	var room struct{ ID json.Number }
	call(t, "POST", nodes[0].URL()+"/api/v1/rooms", secret, `{"name":"general"}`, http.StatusCreated, &room)
	path := "/api/v1/rooms/" + room.ID.String() + "/messages"
	ticker := time.NewTicker(15 * time.Millisecond)
	defer ticker.Stop()
	start, posted, refused := time.Now(), 0, 0
	for i := 0; time.Since(start) < 5*time.Second; i++ {
		key := strings.Repeat("0", 16-len(strconv.Itoa(i))) + strconv.Itoa(i)
		switch got := status(t, nodes[i%2].URL()+path, secret, `{"key":"`+key+`","text":"again"}`); got {
		case http.StatusCreated:
			posted++
		case http.StatusTooManyRequests:
			refused++
		default:
			t.Fatalf("a message is answered with %d", got)
		}
		<-ticker.C
	}
	// One node: a burst of 20, and 5 a second. Two that do not tell each other:
	// twice that.
	one := 20 + 5*time.Since(start).Seconds()
	t.Logf("posted %d, refused %d, one node lets %.0f through", posted, refused, one)
	if float64(posted) > 1.6*one || refused > 0 && posted < 20 {
		t.Errorf("posted %d", posted)
	}
}

func TestWithoutRedisEachNodeLimitsByItself(t *testing.T) {
	server := redistest.Start(t)
	nodes, _ := twoNodes(t, server.URL())
	server.Kill()
	for i, n := range nodes {
		if tried := guess(t, "bob", n); tried != ratelimit.FreeAttempts {
			t.Errorf("node %d looked at %d wrong passwords", i, tried)
		}
		if got := logIn(t, n, "ann", password); got != http.StatusOK {
			t.Errorf("node %d answers the right password of another with %d", i, got)
		}
	}
}

func TestWhatAStrangerWritesToRedisLimitsNobody(t *testing.T) {
	server := redistest.Start(t)
	nodes, _ := twoNodes(t, server.URL())
	stranger, err := layerredis.New(t.Context(), layerredis.Options{URL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Shutdown(t.Context())
	for range 100 {
		err := stranger.GroupSend(t.Context(), "parley.limits", channellayer.NewMessage(
			channellayer.Text("type", "limits.used"), channellayer.Text("node", "stranger"),
			channellayer.Bytes("hidden", []byte(`{"number":1,"limit":"guesses","uses":[{"key":"YW5u","n":100}]}`))))
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, n := range nodes {
		awaitPage(t, n.URL()+"/metrics", "parley_limits_forged_total 100\n")
		if got := logIn(t, n, "ann", password); got != http.StatusOK {
			t.Errorf("node %d answers the right password with %d", i, got)
		}
	}
}
