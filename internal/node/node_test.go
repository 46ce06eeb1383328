package node_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/control"
	"github.com/parley-chat/parley/internal/node"
	"github.com/parley-chat/parley/internal/wire"
)

const patience = 20 * time.Second

func settings(t *testing.T) config.Settings {
	s := config.Default()
	s.Addr.Port = 0
	s.Data = t.TempDir()
	return s
}

func open(t *testing.T, s config.Settings) (*node.Node, error) {
	t.Helper()
	return node.Open(t.Context(), node.Options{Settings: s, Logger: slog.New(slog.DiscardHandler)})
}

// run serves until stop is called, which waits for the end.
func run(t *testing.T, s config.Settings) (n *node.Node, stop func() error) {
	t.Helper()
	n, err := open(t, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }() // ends with stop
	stop = func() error {
		cancel()
		select {
		case err := <-ended:
			ended <- err
			return err
		case <-time.After(patience):
			t.Fatal("the node does not stop")
			return nil
		}
	}
	t.Cleanup(func() { _ = stop() })
	return n, stop
}

// token makes an account and gives a token that signs it in.
func token(t *testing.T, data string) string {
	t.Helper()
	shell, err := control.Dial(data)
	if err != nil {
		t.Fatal(err)
	}
	defer shell.Close()
	if _, err := shell.AddUser(t.Context(), control.NewUser{Username: "ann", Password: "plum tree 42 hills", Admin: true}); err != nil {
		t.Fatal(err)
	}
	made, err := shell.AddToken(t.Context(), control.NewToken{Username: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	return made.Secret
}

func TestAStopAnswersWhatIsOnItsWayAndSendsSocketsAway(t *testing.T) {
	s := settings(t)
	n, stop := run(t, s)
	bearer := "Bearer " + token(t, s.Data)
	socket, _, err := websocket.Dial(t.Context(), n.URL()+"/api/v1/ws", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {bearer}}, Subprotocols: []string{wire.Subprotocol},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()

	// A request that the server has begun to read.
	conn, err := net.Dial("tcp", strings.TrimPrefix(n.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = `{"name":"general"}`
	request := "POST /api/v1/rooms HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + bearer +
		"\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 18\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q, %v", line, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	if code := closeCode(t, socket); code != websocket.StatusCode(wire.CloseRestart) {
		t.Errorf("the socket was closed with %d, want 1012", code)
	}
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	if line, _ := answers.ReadString('\n'); line != "\r\n" {
		t.Fatalf("after the 100 comes %q", line)
	}
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "201 Created") {
		t.Errorf("the request on its way was answered %q, %v", line, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the node ended with %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(n.URL(), "http://")); err == nil {
		t.Error("it still listens")
	}
}

func closeCode(t *testing.T, socket *websocket.Conn) websocket.StatusCode {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		if _, _, err := socket.Read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func TestWhatWasThereIsThereAfterARestart(t *testing.T) {
	s := settings(t)
	n, stop := run(t, s)
	bearer := "Bearer " + token(t, s.Data)
	if n.SetupURL() != "" {
		t.Error("an account made by the shell does not count as set up")
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	n, _ = run(t, s)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.URL()+"/api/v1/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", bearer)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("after the restart the token is answered %s", answer.Status)
	}
}

func TestWhatCannotBeUsedIsTheSettingsFault(t *testing.T) {
	used := settings(t)
	n, _ := run(t, used)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	port := n.URL()[strings.LastIndex(n.URL(), ":"):]
	for name, c := range map[string]struct {
		change func(*config.Settings)
		want   string
	}{
		"folder in use":   {func(s *config.Settings) { s.Data = used.Data }, "--data: " + used.Data + " is in use"},
		"no folder":       {func(s *config.Settings) { s.Data = file }, "--data: " + file + " is not a folder"},
		"below a file":    {func(s *config.Settings) { s.Data = filepath.Join(file, "x") }, "--data: "},
		"port in use":     {func(s *config.Settings) { _ = s.Addr.UnmarshalText([]byte("127.0.0.1" + port)) }, "--addr: port " + port[1:] + " is in use"},
		"foreign address": {func(s *config.Settings) { s.Addr.Host = "192.0.2.1" }, "--addr: 192.0.2.1 is not an address of this machine"},
	} {
		t.Run(name, func(t *testing.T) {
			s := settings(t)
			c.change(&s)
			_, err := open(t, s)
			if !config.IsWrong(err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestAFailedStartLetsGoOfEverything(t *testing.T) {
	s := settings(t)
	s.Addr.Host = "192.0.2.1"
	if _, err := open(t, s); err == nil {
		t.Fatal("it listens on an address of nobody")
	}
	s.Addr.Host = "127.0.0.1"
	_, stop := run(t, s)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestTheAddressIsOneThatABrowserOpens(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1": "http://127.0.0.1:", "localhost": "http://localhost:", "": "http://localhost:", "0.0.0.0": "http://localhost:",
	} {
		s := settings(t)
		s.Addr.Host = host
		n, stop := run(t, s)
		if got := n.URL(); !strings.HasPrefix(got, want) || strings.HasSuffix(got, ":0") {
			t.Errorf("%q: %s", host, got)
		}
		private := host == "127.0.0.1" || host == "localhost"
		if got := n.SetupURL(); strings.Contains(got, "#token=") == private || !strings.HasPrefix(got, n.URL()+"/setup") {
			t.Errorf("%q: set-up at %s", host, got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
	s := settings(t)
	if err := s.PublicURL.UnmarshalText([]byte("https://chat.example.org")); err != nil {
		t.Fatal(err)
	}
	n, _ := run(t, s)
	if got := n.SetupURL(); !strings.HasPrefix(got, "https://chat.example.org/setup#token=") {
		t.Errorf("with a public address, set-up is at %s", got)
	}
}
