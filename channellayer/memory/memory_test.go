package memory_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/layertest"
	"github.com/parley-chat/parley/channellayer/memory"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	layertest.Run(t, func(t *testing.T, o channellayer.Options) layertest.Ends {
		start := time.Now()
		var age atomic.Int64
		o.Now = func() time.Time { return start.Add(time.Duration(age.Load())) }
		l, err := memory.New(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Shutdown(context.Background()) })
		return layertest.Ends{A: l, B: l, Age: func(d time.Duration) { age.Add(int64(d)) }}
	})
}

// BenchmarkGroupSend sends to a group of 100 channels and reads all of them.
func BenchmarkGroupSend(b *testing.B) {
	ctx := b.Context()
	l, err := memory.New(channellayer.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var part string
	for range 100 {
		ch, err := l.NewChannel(ctx, "")
		if err != nil {
			b.Fatal(err)
		}
		part = channellayer.NonLocal(ch)
		if err := l.GroupAdd(ctx, "room", ch); err != nil {
			b.Fatal(err)
		}
	}
	m := channellayer.NewMessage(channellayer.Text("type", "hint"), channellayer.Int("seq", 1), channellayer.Bytes("event", make([]byte, 200)))
	b.ReportAllocs()
	for b.Loop() {
		if err := l.GroupSend(ctx, "room", m); err != nil {
			b.Fatal(err)
		}
		for range 100 {
			if _, _, err := l.Receive(ctx, part); err != nil {
				b.Fatal(err)
			}
		}
	}
}
