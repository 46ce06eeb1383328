package node_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

func withRedis(t *testing.T, url string) config.Settings {
	s := settings(t)
	s.Redis = config.Redis(url)
	return s
}

// ask gives status and body of a page.
func ask(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// awaitPage waits until a page of a node that is ready has a text.
func awaitPage(t *testing.T, url, text string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		status, body := ask(t, url)
		if status != http.StatusOK || time.Now().After(deadline) {
			t.Fatalf("%s answers %d without %q: %.1000s", url, status, text, body)
		}
		if strings.Contains(body, text) {
			return
		}
		<-ticker.C
	}
}

func TestANodeWithoutItsRedisIsReadyAndSaysSo(t *testing.T) {
	s := redistest.Start(t)
	s.Kill()
	start := time.Now()
	n, _ := run(t, withRedis(t, s.URL()))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the start took %v", took)
	}
	awaitPage(t, n.URL()+"/readyz", `"redis":"away"`)
	awaitPage(t, n.URL()+"/metrics", "parley_layer_up 0\n")
	s.RestartEmpty()
	awaitPage(t, n.URL()+"/readyz", `"redis":"ok"`)
	awaitPage(t, n.URL()+"/metrics", "parley_layer_up 1\n")
	for _, series := range []string{`parley_layer_drops_total{reason="unavailable"}`, "parley_window_commands_total", "parley_window_forged_total 0\n"} {
		awaitPage(t, n.URL()+"/metrics", series)
	}
}

func TestANodeEndsWellWhileItsRedisIsSilent(t *testing.T) {
	s := redistest.Start(t)
	n, stop := run(t, withRedis(t, s.URL()))
	awaitPage(t, n.URL()+"/readyz", `"redis":"ok"`)
	s.Freeze()
	defer s.Thaw()
	if err := stop(); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestANodeTakesAListOfAddresses(t *testing.T) {
	nodes := redistest.StartCluster(t, 3)
	list := make([]string, len(nodes))
	for i, s := range nodes {
		list[i] = s.URL()
	}
	n, _ := run(t, withRedis(t, strings.Join(list, ",")))
	awaitPage(t, n.URL()+"/readyz", `"redis":"ok"`)
}

func TestAWrongAddressOfRedisIsRefusedWithoutItsPassword(t *testing.T) {
	for _, url := range []string{"http://:hush@localhost", "redis://:hush@localhost/x", "redis-sentinel://:hush@localhost", "redis://:hush@a,,b"} {
		_, err := open(t, withRedis(t, url))
		if !config.IsWrong(err) || !strings.HasPrefix(err.Error(), "--redis: ") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v", url, err)
		}
	}
}
