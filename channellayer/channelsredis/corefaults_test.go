package channelsredis_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/channelsredis"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

// reaches sends to a group until a message arrives.
func reaches(t *testing.T, from channellayer.Layer, group string, to channellayer.Layer, channel string) {
	t.Helper()
	start := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	arrived := make(chan struct{})
	go func() {
		if _, _, err := to.Receive(ctx, channel); err == nil {
			close(arrived)
		}
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		_ = from.GroupSend(ctx, group, hello(1))
		select {
		case <-arrived:
			t.Logf("in touch again after %v", time.Since(start).Round(time.Millisecond))
			return
		case <-tick.C:
		case <-deadline:
			t.Fatal("the group does not reach its member any more")
		}
	}
}

func TestMembershipsComeBackWhenRedisHasLostThem(t *testing.T) {
	for name, fault := range map[string]func(s *redistest.Server){
		"wiped":         func(s *redistest.Server) { s.Wipe() },
		"restarted":     func(s *redistest.Server) { s.RestartEmpty() },
		"cut":           func(s *redistest.Server) { s.Cut() },
		"stopped":       func(s *redistest.Server) { s.Freeze(); wait(5 * time.Second); s.Thaw() },
		"killed, later": func(s *redistest.Server) { s.Kill(); wait(2 * time.Second); s.RestartEmpty() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			a, b := core(t, channelsredis.CoreOptions{URL: s.URL()}), core(t, channelsredis.CoreOptions{URL: s.URL()})
			ours := newChannel(t, a)
			must(t, a.GroupAdd(t.Context(), "room", ours))
			must(t, b.GroupSend(t.Context(), "room", hello(0)))
			goGets(t, a, ours, 0)
			fault(s)
			reaches(t, b, "room", a, ours)
		})
	}
}

func TestAGroupJoinedWhileRedisIsAwayIsJoinedLater(t *testing.T) {
	s := redistest.Start(t)
	a, b := core(t, channelsredis.CoreOptions{URL: s.URL()}), core(t, channelsredis.CoreOptions{URL: s.URL()})
	s.Kill()
	ours := newChannel(t, a)
	if err := a.GroupAdd(t.Context(), "room", ours); !errors.Is(err, channellayer.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	if err := a.GroupSend(t.Context(), "room", hello(1)); !errors.Is(err, channellayer.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	goGets(t, a, ours, 1) // members here have got it
	s.RestartEmpty()
	reaches(t, b, "room", a, ours)
}

func TestShutdownLeavesNothingInRedis(t *testing.T) {
	s := redistest.Start(t)
	a := core(t, channelsredis.CoreOptions{URL: s.URL()})
	b := core(t, channelsredis.CoreOptions{URL: s.URL()})
	ours := newChannel(t, a)
	must(t, a.GroupAdd(t.Context(), "room", ours))
	for n := range 3 {
		must(t, b.Send(t.Context(), ours, hello(n)))
	}
	must(t, a.Shutdown(t.Context()))
	must(t, b.Shutdown(t.Context()))
	reply := s.Do("KEYS", "*")
	keys, err := reply.AsStrSlice()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		reply := s.Do("TTL", key)
		if ttl, _ := reply.AsInt64(); ttl < 0 {
			t.Errorf("%s has no end", key)
		}
		if key[:3] != "pl:" {
			t.Errorf("%s is left", key)
		}
	}
}
