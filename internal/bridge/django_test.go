package bridge_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/bridge"
	"github.com/parley-chat/parley/internal/testkit"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

// python is where Debian's packages are; PARLEY_TEST_PYTHON names another one
// that has them.
func python() string {
	if path := os.Getenv("PARLEY_TEST_PYTHON"); path != "" {
		return path
	}
	return "/usr/bin/python3"
}

// django is a Django Channels application with one browser connected to it;
// see testdata/application.py.
type django struct {
	t     *testing.T
	stdin io.WriteCloser
	lines chan string // what the browser gets
}

var backends = map[bridge.Mode]string{
	bridge.Core:   "channels_redis.core.RedisChannelLayer",
	bridge.PubSub: "channels_redis.pubsub.RedisPubSubChannelLayer",
}

// startDjango starts one. Without the packages the test is skipped, or fails
// if "django" is required.
func startDjango(t *testing.T, mode bridge.Mode, group string, config map[string]any) *django {
	t.Helper()
	if out, err := exec.Command(python(), "-c", "import channels_redis, channels, django").CombinedOutput(); err != nil {
		testkit.Missing(t, "django", fmt.Sprintf("packages of %s: %v %s", python(), err, out))
	}
	settings, err := json.Marshal(map[string]any{"backend": backends[mode], "config": config, "group": group})
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(python(), "testdata/application.py", string(settings))
	d := &django{t: t, lines: make(chan string, 1000)}
	if d.stdin, err = child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = t.Output()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { // ends with the process
		defer close(read)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			d.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = d.stdin.Close()
		<-read
		_ = child.Wait()
	})
	d.gets(`{"connected": true}`)
	return d
}

func (d *django) order(what string, fields map[string]string) {
	d.t.Helper()
	line, err := json.Marshal(map[string]any{what: fields})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.stdin.Write(append(line, '\n')); err != nil {
		d.t.Fatal("python has ended:", err)
	}
}

// types has the browser send a message, as the page of a chat does.
func (d *django) types(username, message string) {
	d.t.Helper()
	d.order("typed", map[string]string{"message": message, "username": username, "room": "general"})
}

// gets waits for the next line that the browser gets.
func (d *django) gets(want string) {
	d.t.Helper()
	select {
	case line := <-d.lines:
		if line != want {
			d.t.Fatalf("the browser got %s, want %s", line, want)
		}
	case <-time.After(patience):
		d.t.Fatalf("the browser got nothing, want %s", want)
	}
}

func shown(username, message string) string {
	return fmt.Sprintf(`{"message": %q, "username": %q, "room": "general"}`, message, username)
}

// talk has both sides speak in turn, so that an echo would stand between.
func talk(t *testing.T, s *stage, d *django) {
	t.Helper()
	d.types("bob", "from Django")
	d.gets(shown("bob", "from Django"))
	s.sees("bob: from Django")
	s.says("from Parley")
	d.gets(shown("ann", "from Parley"))
	d.order("group_send", map[string]string{"type": "chat.message", "message": "the other type", "username": "carl", "room": "general"})
	d.gets(shown("carl", "the other type"))
	s.sees("carl: the other type")
	s.says("once more")
	d.gets(shown("ann", "once more"))
	d.types("bob", "the end")
	d.gets(shown("bob", "the end"))
	s.sees("bob: the end")
	s.seesNothingElse("bob: from Django", "from Parley", "carl: the other type", "once more", "bob: the end")
}

func TestARoomAndADjangoGroupShareTheirMessagesInCoreMode(t *testing.T) {
	server := redistest.Start(t)
	d := startDjango(t, bridge.Core, "chat_general", map[string]any{"hosts": []any{server.URL()}})
	s := newStage(t)
	s.bridge(bridge.Options{Mode: bridge.Core, URLs: []string{server.URL()}})
	talk(t, s, d)
}

func TestTheyShareThemInPubSubMode(t *testing.T) {
	server := redistest.Start(t)
	d := startDjango(t, bridge.PubSub, "chat_general", map[string]any{"hosts": []any{server.URL()}, "prefix": "site"})
	s := newStage(t)
	s.bridge(bridge.Options{Mode: bridge.PubSub, URLs: []string{server.URL()}, Prefix: "site"})
	talk(t, s, d)
}

func TestTheyShareThemEncryptedWithRotatedKeys(t *testing.T) {
	server := redistest.Start(t)
	d := startDjango(t, bridge.Core, "chat_general", map[string]any{
		"hosts": []any{server.URL()}, "prefix": "site", "symmetric_encryption_keys": []string{"old", "new"},
	})
	s := newStage(t)
	s.bridge(bridge.Options{Mode: bridge.Core, URLs: []string{server.URL()}, Prefix: "site", Keys: []string{"new", "old"}})
	talk(t, s, d)
}
