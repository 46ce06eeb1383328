package channelsredis_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/channelsredis"
	"github.com/parley-chat/parley/channellayer/memory"
	"github.com/parley-chat/parley/channellayer/redis"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

// benchMembers is the size of the group, all on one node.
const benchMembers = 100

// figures are the outcome of one backend.
type figures struct {
	perSecond  float64
	cpuPerSend time.Duration // of the sending and the receiving process, without Redis
}

// BenchmarkGroupSend compares the backends, and Python's on the same Redis:
// sends to a group of 100 channels on one node, each with a reader of its own,
// counted when all have received. Four sends are under way at a time.
//
//	go test ./channellayer/channelsredis -run '^$' -bench GroupSend -benchtime 2000x
func BenchmarkGroupSend(b *testing.B) {
	s := redistest.Start(b)
	var ours, python figures
	b.Run("memory", func(b *testing.B) { benchGo(b, openMemory(b), nil) })
	b.Run("redis", func(b *testing.B) { ours = benchGo(b, openRedis(b, s), openRedis(b, s)) })
	b.Run("redis-same-process", func(b *testing.B) { benchGo(b, openRedis(b, s), nil) })
	b.Run("core", func(b *testing.B) { benchGo(b, openCore(b, s), openCore(b, s)) })
	b.Run("pubsub", func(b *testing.B) { benchGo(b, openPubSub(b, s), openPubSub(b, s)) })
	b.Run("python-core", func(b *testing.B) { python = benchPython(b, "core", s) })
	b.Run("python-pubsub", func(b *testing.B) { benchPython(b, "pubsub", s) })
	if ours.perSecond > 0 && python.perSecond > 0 {
		fmt.Printf("redis: %.0f times the group sends per second of Python's core layer, 1/%.0f of the processor time\n",
			ours.perSecond/python.perSecond, float64(python.cpuPerSend)/float64(ours.cpuPerSend))
		if ours.perSecond < 20*python.perSecond {
			b.Errorf("fewer than 20 times Python's %.0f sends per second: %.0f", python.perSecond, ours.perSecond)
		}
	}
}

func (f figures) report(b *testing.B) figures {
	b.ReportMetric(f.perSecond, "sends/s")
	b.ReportMetric(float64(f.cpuPerSend.Nanoseconds())/1e3, "cpu-µs/send")
	b.ReportMetric(0, "ns/op")
	return f
}

// inFlight is how many sends are under way at once.
const inFlight = 4

// benchGo sends on one layer to channels of another, or of the same.
func benchGo(b *testing.B, receiver, sender channellayer.Layer) figures {
	if sender == nil {
		sender = receiver
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var missing [inFlight]sync.WaitGroup // members that have not received it, by sender
	var readers sync.WaitGroup
	for range benchMembers {
		channel, err := receiver.NewChannel(ctx, "")
		fatal(b, err)
		fatal(b, receiver.GroupAdd(ctx, "bench", channel))
		readers.Go(func() {
			for {
				_, m, err := receiver.Receive(ctx, channel)
				if err != nil {
					return
				}
				worker, _ := m.Int("seq")
				missing[worker].Done()
			}
		})
	}
	send := func(worker int, m channellayer.Message) {
		missing[worker].Add(benchMembers)
		if err := sender.GroupSend(ctx, "bench", m); err != nil {
			b.Error(err)
		}
		missing[worker].Wait()
	}
	send(0, benchMessage(0))
	var next atomic.Int64
	used, start := processorTime(), time.Now()
	var workers sync.WaitGroup
	for worker := range inFlight {
		workers.Go(func() {
			for m := benchMessage(worker); next.Add(1) <= int64(b.N); {
				send(worker, m)
			}
		})
	}
	workers.Wait()
	took := time.Since(start)
	f := figures{float64(b.N) / took.Seconds(), (processorTime() - used) / time.Duration(b.N)}
	cancel()
	readers.Wait()
	return f.report(b)
}

func benchMessage(worker int) channellayer.Message {
	return channellayer.NewMessage(channellayer.Text("type", "hint"), channellayer.Int("seq", int64(worker)),
		channellayer.Bytes("event", make([]byte, 200)))
}

// benchPython has the peer do the same within its process.
func benchPython(b *testing.B, layer string, s *redistest.Server) figures {
	p := startPeer(b, layer, map[string]any{"hosts": hosts(s), "capacity": 10000, "prefix": "bench"})
	var result struct {
		PerSecond  float64 `json:"per_second"`
		CPUPerSend float64 `json:"cpu_per_send"`
	}
	p.must("benchmark", map[string]any{"members": benchMembers, "sends": 400, "in_flight": inFlight}, &result)
	return figures{result.PerSecond, time.Duration(result.CPUPerSend * float64(time.Second))}.report(b)
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func fatal(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func closing(b *testing.B, l channellayer.Layer, err error) channellayer.Layer {
	b.Helper()
	fatal(b, err)
	b.Cleanup(func() { _ = l.Shutdown(context.Background()) })
	return l
}

func openMemory(b *testing.B) channellayer.Layer {
	l, err := memory.New(channellayer.Options{})
	return closing(b, l, err)
}

func openRedis(b *testing.B, s *redistest.Server) channellayer.Layer {
	l, err := redis.New(b.Context(), redis.Options{URL: s.URL()})
	return closing(b, l, err)
}

func openCore(b *testing.B, s *redistest.Server) channellayer.Layer {
	l, err := channelsredis.NewCore(b.Context(), channelsredis.CoreOptions{URL: s.URL()})
	return closing(b, l, err)
}

func openPubSub(b *testing.B, s *redistest.Server) channellayer.Layer {
	l, err := channelsredis.NewPubSub(b.Context(), channelsredis.PubSubOptions{URLs: []string{s.URL()}})
	return closing(b, l, err)
}
