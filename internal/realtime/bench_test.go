package realtime_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/realtime"
	"github.com/parley-chat/parley/internal/wire"
)

// BenchmarkFanOut commits messages to a room with 1,000 members on loopback,
// in groups of 8 as the committer does, and never more than 32 ahead of what
// was delivered. The CPU is that of both ends.
func BenchmarkFanOut(b *testing.B) {
	for _, members := range []int{100, 1000} {
		b.Run(fmt.Sprint(members), func(b *testing.B) { fanOut(b, members) })
	}
}

func fanOut(b *testing.B, members int) {
	s := newStage(b, func(o *realtime.Options) { o.Limits, o.SingleNode = realtime.Limits{}, true })
	room := s.room("general")
	var received atomic.Int64
	for range members {
		r := s.quick(b, "ann")
		go func() {
			buf := make([]byte, 64<<10)
			for {
				n, err := r.Read(buf)
				if err != nil {
					return
				}
				received.Add(int64(n))
			}
		}()
	}
	s.eventually("all are seated", func() bool { return s.hub.Stats().Connections == members })
	events := make([]chat.Event, 8)
	head := s.head(room)
	before, start := cpu(), time.Now()
	written := s.hub.Stats()
	for b.Loop() {
		for i := range events {
			head++
			events[i] = messageEvent(room, head)
		}
		s.hub.Committed(events)
		sent := func() uint64 { return s.hub.Stats().Deliveries - written.Deliveries }
		for want := uint64(head-1) * uint64(members); sent()+32*uint64(members) < want; {
			runtime.Gosched()
		}
	}
	s.eventually("all is delivered", func() bool {
		return s.hub.Stats().Deliveries-written.Deliveries >= uint64(head-1)*uint64(members)
	})
	now := s.hub.Stats()
	deliveries := float64(now.Deliveries - written.Deliveries)
	b.ReportMetric(deliveries/time.Since(start).Seconds(), "deliveries/s")
	b.ReportMetric((cpu()-before).Seconds()/deliveries*1e5, "cpu-s/100k")
	b.ReportMetric(deliveries/float64(now.Writes-written.Writes), "events/write")
	b.ReportMetric(0, "ns/op")
}

func messageEvent(room chat.RoomID, seq chat.Seq) chat.Event {
	return chat.Event{Room: room, Seq: seq, Kind: chat.MessageCreated, At: time.Now(), Message: chat.Message{
		Room: room, Seq: seq, Key: "0123456789abcdef", Text: "a message of about the length that people write, neither long nor short",
		User: chat.UserRef{ID: 1, Username: "ann", Name: "Ann"}, CreatedAt: time.Now(),
	}}
}

// cpu is what this process has used.
func cpu() time.Duration {
	var use syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// quick is a socket that has resumed at the head, without a client library.
func (s *stage) quick(t testing.TB, name string) io.Reader {
	t.Helper()
	r := s.request(t, "GET", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: "+wire.Subprotocol, "Test-User: "+name)
	_ = r.conn.SetDeadline(time.Time{})
	r.in = bufio.NewReaderSize(r.conn, 1<<10)
	if _, err := http.ReadResponse(r.in, nil); err != nil {
		t.Fatal(err)
	}
	r.frame()
	if _, err := r.conn.Write(text(`{"id":1,"op":"resume"}`)); err != nil {
		t.Fatal(err)
	}
	r.frame()
	return r.in
}

// TestAnIdleConnectionCostsLittle bounds what a joined, idle connection keeps
// of heap and stack. The client's end, with a buffer of 1 KiB, is in this
// process too.
func TestAnIdleConnectionCostsLittle(t *testing.T) {
	const n = 500
	s := newStage(t, func(o *realtime.Options) { o.Limits = realtime.Limits{} })
	s.room("general")
	s.quick(t, "ann")
	joined := memoryOf(n, func() { s.quick(t, "ann") })
	t.Logf("%d bytes a connection at both ends", joined)
	if joined > 8<<10 {
		t.Fatalf("a joined connection costs %d bytes at both ends", joined)
	}
}

// memoryOf is what each call leaves in use, in bytes of heap and stack.
func memoryOf(n int, call func()) int {
	inUse := func() int {
		for range 5 { // stacks shrink by half with each collection
			runtime.GC()
		}
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc + m.StackInuse)
	}
	before := inUse()
	for range n {
		call()
	}
	return (inUse() - before) / n
}
