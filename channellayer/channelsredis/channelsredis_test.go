package channelsredis_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/channelsredis"
	"github.com/parley-chat/parley/channellayer/layertest"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

const patience = 15 * time.Second

func ending(t *testing.T, l channellayer.Layer, err error) {
	t.Helper()
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
}

func core(t *testing.T, o channelsredis.CoreOptions) *channelsredis.Core {
	t.Helper()
	o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	l, err := channelsredis.NewCore(t.Context(), o)
	ending(t, l, err)
	return l
}

func pubSub(t *testing.T, o channelsredis.PubSubOptions) *channelsredis.PubSub {
	t.Helper()
	o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	l, err := channelsredis.NewPubSub(t.Context(), o)
	ending(t, l, err)
	return l
}

// wait is how a test lets messages age that live by the server's clock.
func wait(d time.Duration) { <-time.After(d) }

func TestTheCoreFormatKeepsTheContract(t *testing.T) {
	s := redistest.Start(t)
	layertest.Run(t, func(t *testing.T, o channellayer.Options) layertest.Ends {
		s.Wipe()
		c := channelsredis.CoreOptions{URL: s.URL(), Options: channelsredis.Options{Options: o}}
		return layertest.Ends{A: core(t, c), B: core(t, c), Age: wait}
	})
}

func TestTheEncryptedCoreFormatKeepsTheContract(t *testing.T) {
	s := redistest.Start(t)
	layertest.Run(t, func(t *testing.T, o channellayer.Options) layertest.Ends {
		s.Wipe()
		a := channelsredis.CoreOptions{URL: s.URL(), Options: channelsredis.Options{Options: o, Keys: []string{"old", "new"}}}
		b := a
		b.Keys = []string{"new", "old"}
		return layertest.Ends{A: core(t, a), B: core(t, b), Age: wait}
	})
}

func TestThePubSubFormatKeepsTheContract(t *testing.T) {
	one, two := redistest.Start(t), redistest.Start(t)
	layertest.Run(t, func(t *testing.T, o channellayer.Options) layertest.Ends {
		start := time.Now()
		var age atomic.Int64
		o.Now = func() time.Time { return start.Add(time.Since(start) + time.Duration(age.Load())) }
		c := channelsredis.PubSubOptions{
			URLs: []string{one.URL(), two.URL()}, PeersEncrypt: true,
			Options: channelsredis.Options{Options: o, Keys: []string{"key"}},
		}
		return layertest.Ends{A: pubSub(t, c), B: pubSub(t, c), Age: func(d time.Duration) { age.Add(int64(d)) }}
	})
}
