package realtime_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/wire"
)

// ask sends an op and reads on until its answer.
func (r *raw) ask(id int, op string) {
	r.t.Helper()
	if _, err := r.conn.Write(text(fmt.Sprintf(`{"id":%d,"op":%q}`, id, op))); err != nil {
		r.t.Fatal(err)
	}
	for {
		kind, payload := r.frame()
		if kind == 0xff {
			r.t.Fatalf("the socket ended before the answer to %s", op)
		}
		if bytes.Contains(payload, fmt.Appendf(nil, `"re":%d`, id)) {
			return
		}
	}
}

func TestWhoSaysNothingHasNoGoroutine(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Limits = realtime.Limits{} })
	s.room("hall", "ann")
	s.handshake(t, "ann").ask(1, "resume")
	before := runtime.NumGoroutine()
	silent := make([]*raw, 60)
	for i := range silent {
		silent[i] = s.handshake(t, "ann")
	}
	for id, op := range []string{"resume", "ping", "ping"} {
		for _, r := range silent {
			r.ask(id+1, op)
		}
		s.eventually("goroutines end", func() bool { return runtime.NumGoroutine() < before+len(silent)/2 })
	}
	s.hub.Close()
	for i, r := range silent {
		if code := r.closed(); code != 1006 {
			t.Fatalf("socket %d got %d", i, code)
		}
	}
	if n := s.hub.Stats().Connections; n != 0 {
		t.Errorf("%d connections are left when the hub has closed", n)
	}
}

func TestSocketsThatComeAndGoAreReadFrom(t *testing.T) {
	s := newStage(t, func(o *realtime.Options) { o.Limits = realtime.Limits{} })
	s.room("hall", "ann")
	for range 40 { // descriptors are used again, by whoever comes next
		rs := make([]*raw, 8)
		for i := range rs {
			rs[i] = s.handshake(t, "ann")
			rs[i].ask(1, "resume")
		}
		for i, r := range rs {
			if i%2 == 0 {
				_ = r.conn.Close()
			}
		}
		for i, r := range rs {
			if i%2 == 1 {
				r.ask(2, "ping")
				if _, err := r.conn.Write(closing(1000, "")); err != nil {
					t.Fatal(err)
				}
				if code := r.closed(); code != 1000 {
					t.Fatalf("a close gives %d", code)
				}
			}
		}
	}
	s.eventually("all have gone", func() bool { return s.hub.Stats().Connections == 0 })
}

const upgradeRequest = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " + wire.Subprotocol + "\r\nTest-User: %s\r\n\r\n"

// comes connects and stays until it is cut off; false once the hub lets nobody
// in.
func comes(s *stage) bool {
	conn, err := net.Dial("tcp", s.server.Listener.Addr().String())
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(conn, upgradeRequest, "ann")
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err == nil && response.StatusCode != http.StatusSwitchingProtocols {
		return false
	}
	_, _ = io.Copy(io.Discard, in)
	return true
}

func TestWhoComesWhileTheHubClosesIsNotForgotten(t *testing.T) {
	for range 30 {
		s := newStage(t, func(o *realtime.Options) { o.Limits = realtime.Limits{} })
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for comes(s) {
				}
			})
		}
		s.eventually("some are there", func() bool { return s.hub.Stats().Connections > 0 })
		s.hub.Close()
		all.Wait()
		s.eventually("nobody is left", func() bool { return s.hub.Stats().Connections == 0 })
	}
}

func TestWhoIsParkedIsReadFromWhenEpollFails(t *testing.T) {
	s := newStage(t)
	s.room("hall", "ann")
	before, after := s.handshake(t, "ann"), s.handshake(t, "ann")
	before.ask(1, "resume")
	s.hub.BreakParking()
	before.ask(2, "ping")
	before.ask(3, "ping")
	after.ask(1, "resume")
	s.handshake(t, "ann").ask(1, "resume")
}
