package redis_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	layer "github.com/parley-chat/parley/channellayer/redis"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/testkit/redistest"
	"github.com/parley-chat/parley/internal/window"
	"github.com/parley-chat/parley/internal/window/redis"
	"github.com/parley-chat/parley/internal/window/windowtest"
)

const patience = 15 * time.Second

// connect opens the connection that windows use.
func connect(t testing.TB, url string) *layer.Layer {
	t.Helper()
	l, err := layer.New(t.Context(), layer.Options{
		URL: url, Options: channellayer.Options{Logger: slog.New(slog.NewTextHandler(t.Output(), nil))},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := l.Shutdown(ctx); err != nil {
			t.Error("shutdown:", err)
		}
	})
	return l
}

var key = seal.NewKey()

func open(t testing.TB, url string, o redis.Options) *redis.Window {
	t.Helper()
	o.Server, o.Epoch, o.Seal = connect(t, url), "epoch", key
	return redis.New(o)
}

func TestASingleServerKeepsTheContract(t *testing.T) {
	s := redistest.Start(t)
	windowtest.Run(t, func(t *testing.T) window.Window {
		s.Wipe()
		return open(t, s.URL(), redis.Options{})
	})
}

func TestAClusterKeepsTheContract(t *testing.T) {
	nodes := redistest.StartCluster(t, 3)
	windowtest.Run(t, func(t *testing.T) window.Window {
		for _, n := range nodes {
			n.Wipe()
		}
		return open(t, redistest.ClusterURL(nodes), redis.Options{})
	})
}

func entries(first, last chat.Seq, size int) []window.Entry {
	list := make([]window.Entry, 0, last-first+1)
	for seq := first; seq <= last; seq++ {
		list = append(list, window.Entry{Seq: seq, JSON: fmt.Appendf(nil, `{"seq":%d,"text":%q}`, seq, strings.Repeat("x", size))})
	}
	return list
}

func add(t testing.TB, w window.Window, room chat.RoomID, list []window.Entry) {
	t.Helper()
	if _, err := w.Append(t.Context(), room, list); err != nil {
		t.Fatal(err)
	}
}

func missed(t *testing.T, w window.Window, room chat.RoomID, after, to chat.Seq) bool {
	t.Helper()
	_, err := w.Range(t.Context(), room, after, to, to)
	if err != nil && !errors.Is(err, window.ErrMiss) {
		t.Fatal(err)
	}
	return err != nil
}

// onlyKey is the name of the only stream.
func onlyKey(t *testing.T, s *redistest.Server) string {
	t.Helper()
	reply := s.Do("KEYS", "pl:{*}:w:*")
	keys, err := reply.AsStrSlice()
	if err != nil || len(keys) != 1 {
		t.Fatalf("the streams are %q, %v", keys, err)
	}
	return keys[0]
}

func TestTheWindowIsBoundedAndExpires(t *testing.T) {
	s := redistest.Start(t)
	w := open(t, s.URL(), redis.Options{Events: 200})
	add(t, w, 7, entries(1, 1500, 100))
	name := onlyKey(t, s)
	length := s.Do("XLEN", name)
	if n, _ := length.AsInt64(); n < 200 || n > 300 {
		t.Errorf("the stream has %d entries", n)
	}
	life := s.Do("TTL", name)
	if n, _ := life.AsInt64(); n < 3500 || n > 3600 {
		t.Errorf("the stream lives for %d s", n)
	}
	if missed(t, w, 7, 1300, 1500) {
		t.Error("the newest 200 are not all there")
	}
}

func TestLongEventsGoThrough(t *testing.T) {
	s := redistest.Start(t)
	w := open(t, s.URL(), redis.Options{})
	list := entries(1, 40, 100<<10)
	add(t, w, 7, list)
	got, err := w.Range(t.Context(), 7, 0, 40, 40)
	if err != nil || len(got) != 40 || string(got[39].JSON) != string(list[39].JSON) {
		t.Fatalf("got %d events, %v", len(got), err)
	}
}

// tampering is what somebody who can write to Redis may do to a stream with
// the events 1 to 10, and that must not be believed.
var tampering = map[string]func(s *redistest.Server, name string){
	"ReplacingAnEvent": func(s *redistest.Server, name string) {
		s.Do("XTRIM", name, "MAXLEN", "=", "0")
		s.Do("DEL", name)
		for i := 1; i <= 10; i++ {
			s.Do("XADD", name, strconv.Itoa(i)+"-0", "e", strings.Repeat("m", seal.Size)+`{"seq":1,"text":"lies"}`)
		}
	},
	"AppendingWithoutMark": func(s *redistest.Server, name string) { s.Do("XADD", name, "11-0", "e", "{}") },
	"AppendingNothing":     func(s *redistest.Server, name string) { s.Do("XADD", name, "11-0", "f", "{}") },
	"AppendingInBetween":   func(s *redistest.Server, name string) { s.Do("XADD", name, "10-1", "e", "{}") },
	"RepeatingAnEventUnderAnotherNumber": func(s *redistest.Server, name string) {
		reply := s.Do("XRANGE", name, "3-0", "3-0")
		found, _ := reply.AsXRange()
		s.Do("XADD", name, "11-0", "e", found[0].FieldValues["e"])
	},
	"TakingAnEventAway": func(s *redistest.Server, name string) { s.Do("XDEL", name, "5-0") },
}

func TestWhatOthersWroteIsNeverShown(t *testing.T) {
	s := redistest.Start(t)
	w := open(t, s.URL(), redis.Options{})
	for name, tamper := range tampering {
		t.Run(name, func(t *testing.T) {
			s.Wipe()
			add(t, w, 7, entries(1, 10, 10))
			before := w.Stats().Forged
			tamper(s, onlyKey(t, s))
			if got, err := w.Range(t.Context(), 7, 0, 10, 10); !errors.Is(err, window.ErrMiss) {
				t.Fatalf("got %v, %v", got, err)
			}
			if w.Stats().Forged != before+1 {
				t.Error("it was not counted")
			}
			add(t, w, 7, entries(11, 12, 10))
			if missed(t, w, 7, 10, 12) {
				t.Error("the window does not come back")
			}
		})
	}
}

func TestAStreamThatCannotBeExtendedIsReplaced(t *testing.T) {
	s := redistest.Start(t)
	w := open(t, s.URL(), redis.Options{})
	add(t, w, 7, entries(1, 1, 1))
	name := onlyKey(t, s)
	s.Do("SET", name, "something else")
	if _, err := w.Append(t.Context(), 7, entries(2, 2, 1)); !errors.Is(err, window.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	add(t, w, 7, entries(3, 4, 1))
	if missed(t, w, 7, 2, 4) {
		t.Error("the window does not come back")
	}
}

func TestRoomsAndHistoriesDoNotMix(t *testing.T) {
	s := redistest.Start(t)
	server := connect(t, s.URL())
	old := redis.New(redis.Options{Server: server, Epoch: "old", Seal: key})
	w := redis.New(redis.Options{Server: server, Epoch: "new", Seal: key})
	add(t, old, 7, entries(1, 10, 1))
	add(t, w, 8, entries(1, 10, 1))
	if !missed(t, w, 7, 0, 10) || missed(t, w, 8, 0, 10) {
		t.Error("the window of another history is seen")
	}
}

func TestAnotherKeySeesNothing(t *testing.T) {
	s := redistest.Start(t)
	server := connect(t, s.URL())
	one := redis.New(redis.Options{Server: server, Epoch: "e", Seal: key})
	two := redis.New(redis.Options{Server: server, Epoch: "e", Seal: seal.NewKey()})
	add(t, one, 7, entries(1, 10, 1))
	if !missed(t, two, 7, 0, 10) || two.Stats().Forged != 1 {
		t.Error("entries with another mark are believed")
	}
}

func TestNoCallWaitsLongForAServerThatHangs(t *testing.T) {
	s := redistest.Start(t)
	w := open(t, s.URL(), redis.Options{})
	add(t, w, 7, entries(1, 10, 1))
	s.Freeze()
	for i := range 10 {
		start := time.Now()
		if _, err := w.Append(t.Context(), 7, entries(11, 11, 1)); !errors.Is(err, window.ErrUnavailable) {
			t.Fatalf("call %d: %v", i, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("call %d took %v", i, took)
		}
	}
	s.Thaw()
	eventually(t, "an append", func() bool {
		_, err := w.Append(t.Context(), 7, entries(11, 11, 1))
		return err == nil
	})
	if missed(t, w, 7, 0, 11) {
		t.Error("what was there before is gone")
	}
	if w.Stats().Failures == 0 {
		t.Error("the failures were not counted")
	}
}

func TestAServerThatComesBackEmptyIsFilledAgain(t *testing.T) {
	s := redistest.Start(t)
	w := open(t, s.URL(), redis.Options{})
	add(t, w, 7, entries(1, 10, 1))
	s.Kill()
	if _, err := w.Range(t.Context(), 7, 0, 10, 10); !errors.Is(err, window.ErrUnavailable) {
		t.Fatalf("with the server killed: %v", err)
	}
	s.RestartEmpty()
	eventually(t, "an append", func() bool {
		_, err := w.Append(t.Context(), 7, entries(11, 12, 1))
		return err == nil
	})
	if missed(t, w, 7, 10, 12) || !missed(t, w, 7, 9, 12) {
		t.Error("the window is not what was appended since")
	}
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !so() {
		if time.Now().After(deadline) {
			t.Fatal("did not happen: ", what)
		}
		<-ticker.C
	}
}

func TestRoomsAreSpreadOverTheSlotsOfACluster(t *testing.T) {
	l, err := layer.New(t.Context(), layer.Options{URL: "redis://127.0.0.1:1", Options: channellayer.Options{Logger: slog.New(slog.DiscardHandler)}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Shutdown(context.Background()) }()
	tags := map[string]int{}
	for room := range 6400 {
		name := l.Key("w", "epoch:"+strconv.Itoa(room))
		tags[name[:strings.IndexByte(name, '}')]]++
	}
	for tag, n := range tags {
		if len(tags) != 64 || n < 50 || n > 200 {
			t.Fatalf("%d tags, %s of them with %d rooms", len(tags), tag, n)
		}
	}
}

var _ redis.Server = (*layer.Layer)(nil)

// BenchmarkAppend measures events appended one by one to many rooms at once,
// and what they take in Redis.
func BenchmarkAppend(b *testing.B) {
	s := redistest.Start(b)
	for _, batch := range []int{1, 16} {
		b.Run(strconv.Itoa(batch)+"AtOnce", func(b *testing.B) {
			s.Wipe()
			w := open(b, s.URL(), redis.Options{})
			var next int64
			b.SetParallelism(32)
			b.ReportAllocs()
			rooms := make(chan chat.RoomID, 1024)
			for range cap(rooms) {
				next++
				rooms <- chat.RoomID(next)
			}
			b.RunParallel(func(pb *testing.PB) {
				room, seq := <-rooms, chat.Seq(0)
				for pb.Next() {
					add(b, w, room, entries(seq+1, seq+chat.Seq(batch), 180))
					seq += chat.Seq(batch)
				}
			})
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkMemory(b *testing.B) {
	s := redistest.Start(b)
	w := open(b, s.URL(), redis.Options{})
	for b.Loop() {
		s.Wipe()
		add(b, w, 7, entries(1, 1000, 172)) // 200 bytes
	}
	keys := s.Do("KEYS", "pl:*:w:*")
	names, _ := keys.AsStrSlice()
	reply := s.Do("MEMORY", "USAGE", names[0])
	n, _ := reply.AsInt64()
	b.ReportMetric(float64(n), "bytes/1000events")
}
