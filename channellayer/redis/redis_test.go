package redis_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/layertest"
	"github.com/parley-chat/parley/channellayer/redis"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

const patience = 15 * time.Second

// pair makes two layers of a namespace of their own.
func pair(t *testing.T, url string, o channellayer.Options) layertest.Ends {
	start := time.Now()
	var age atomic.Int64
	if o.Expiry != 0 { // normal channels live by the server's clock
		o.Now = func() time.Time { return start.Add(time.Since(start) + time.Duration(age.Load())) }
	}
	return layertest.Ends{
		A: open(t, url, o), B: open(t, url, o),
		Age: func(d time.Duration) { age.Add(int64(d)) },
	}
}

func open(t *testing.T, url string, o channellayer.Options) *redis.Layer {
	t.Helper()
	o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	l, err := redis.New(t.Context(), redis.Options{URL: url, Options: o, Namespace: "test"})
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

func TestASingleServerKeepsTheContract(t *testing.T) {
	s := redistest.Start(t)
	layertest.Run(t, func(t *testing.T, o channellayer.Options) layertest.Ends {
		s.Wipe()
		return pair(t, s.URL(), o)
	})
}

func TestAClusterKeepsTheContract(t *testing.T) {
	nodes := redistest.StartCluster(t, 3)
	layertest.Run(t, func(t *testing.T, o channellayer.Options) layertest.Ends {
		for _, n := range nodes {
			n.Wipe()
		}
		return pair(t, redistest.ClusterURL(nodes), o)
	})
}
