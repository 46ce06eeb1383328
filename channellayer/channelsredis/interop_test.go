package channelsredis_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/channelsredis"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

func hosts(servers ...*redistest.Server) []any {
	list := make([]any, len(servers))
	for i, s := range servers {
		list[i] = s.URL()
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newChannel(t *testing.T, l channellayer.Layer) string {
	t.Helper()
	name, err := l.NewChannel(t.Context(), "")
	must(t, err)
	return name
}

func receive(t *testing.T, l channellayer.Layer, channel string) channellayer.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, m, err := l.Receive(ctx, channel)
	if err != nil {
		t.Fatalf("nothing on %s: %v", channel, err)
	}
	return m
}

func hello(n int) channellayer.Message {
	return channellayer.NewMessage(
		channellayer.Text("type", "chat.message"), channellayer.Text("text", "héllo"), channellayer.Int("n", int64(n)),
		channellayer.Bytes("raw", []byte{0, 0xff}), channellayer.Float("f", 1.5), channellayer.Null("none"),
		channellayer.List("list", channellayer.IntValue(1), channellayer.BoolValue(true)),
		channellayer.Map("map", channellayer.Text("a", "b")),
	)
}

// helloJSON is what hello is in the peer's JSON.
func helloJSON(n int) map[string]any {
	return map[string]any{
		"type": "chat.message", "text": "héllo", "n": float64(n), "raw": map[string]any{"$bytes": "00ff"}, "f": 1.5, "none": nil,
		"list": []any{float64(1), true}, "map": map[string]any{"a": "b"},
	}
}

// pythonGets checks that a channel of the peer has hello(n) next.
func pythonGets(t *testing.T, p *peer, channel string, n int) {
	t.Helper()
	var got map[string]any
	p.must("receive", map[string]any{"channel": channel, "timeout": patience.Seconds()}, &got)
	if fmt.Sprint(got) != fmt.Sprint(helloJSON(n)) {
		t.Fatalf("python got %v on %s, want %v", got, channel, helloJSON(n))
	}
}

// goGets checks that a channel has next what the peer calls helloJSON(n).
func goGets(t *testing.T, l channellayer.Layer, channel string, n int) {
	t.Helper()
	m := receive(t, l, channel)
	if m.Len() != hello(n).Len() {
		t.Fatalf("got %v", m.ToMap())
	}
	for key, want := range hello(n).All() {
		if got, _ := m.Value(key); !got.Equal(want) {
			t.Fatalf("%s is %v on %s, want %v", key, got, channel, want)
		}
	}
}

// talk has both sides send to each other's channels and to a group of all.
func talk(t *testing.T, l channellayer.Layer, p *peer, normal string) {
	ours, ourOther := newChannel(t, l), newChannel(t, l)
	theirs, theirOther := p.newChannel(), p.newChannel()
	for _, channel := range []string{theirs, theirOther} {
		p.must("group_add", map[string]any{"group": "room-1", "channel": channel}, nil)
	}
	must(t, l.GroupAdd(t.Context(), "room-1", ours))
	must(t, l.GroupAdd(t.Context(), "room-1", ourOther))
	if normal != "" {
		p.must("group_add", map[string]any{"group": "room-1", "channel": normal}, nil)
	}
	everybody := func(n int) {
		t.Helper()
		goGets(t, l, ours, n)
		goGets(t, l, ourOther, n)
		pythonGets(t, p, theirs, n)
		pythonGets(t, p, theirOther, n)
		if normal != "" {
			goGets(t, l, normal, n)
		}
	}
	must(t, l.GroupSend(t.Context(), "room-1", hello(1)))
	everybody(1)
	p.must("group_send", map[string]any{"group": "room-1", "message": helloJSON(2)}, nil)
	everybody(2)
	must(t, l.Send(t.Context(), theirs, hello(3)))
	pythonGets(t, p, theirs, 3)
	p.must("send", map[string]any{"channel": ours, "message": helloJSON(4)}, nil)
	goGets(t, l, ours, 4)
	p.must("group_discard", map[string]any{"group": "room-1", "channel": theirOther}, nil)
	must(t, l.GroupDiscard(t.Context(), "room-1", ourOther))
	p.must("group_send", map[string]any{"group": "room-1", "message": helloJSON(5)}, nil)
	goGets(t, l, ours, 5)
	pythonGets(t, p, theirs, 5)
	must(t, l.Send(t.Context(), ourOther, hello(6)))
	goGets(t, l, ourOther, 6)
}

func TestPythonAndGoShareChannelsAndGroupsInCoreFormat(t *testing.T) {
	s := redistest.Start(t)
	p := startPeer(t, "core", map[string]any{"hosts": hosts(s)})
	l := core(t, channelsredis.CoreOptions{URL: s.URL()})
	talk(t, l, p, "plain-channel")
	must(t, l.Send(t.Context(), "queue", hello(1)))
	pythonGets(t, p, "queue", 1)
	p.must("send", map[string]any{"channel": "queue", "message": helloJSON(2)}, nil)
	goGets(t, l, "queue", 2)
	if n := l.Stats().Dropped(); n != 0 {
		t.Errorf("%d drops: %v", n, l.Stats().Drops)
	}
}

func TestPythonAndGoShareThemEncryptedWithRotatedKeys(t *testing.T) {
	s := redistest.Start(t)
	p := startPeer(t, "core", map[string]any{"hosts": hosts(s), "prefix": "enc", "symmetric_encryption_keys": []string{"old", "new"}})
	l := core(t, channelsredis.CoreOptions{URL: s.URL(), Options: channelsredis.Options{Prefix: "enc", Keys: []string{"new", "old"}}})
	talk(t, l, p, "plain-channel")
	if n := l.Stats().Dropped(); n != 0 {
		t.Errorf("%d drops: %v", n, l.Stats().Drops)
	}
}

func TestWhatIsNotEncryptedIsRefusedWhenKeysAreSet(t *testing.T) {
	s := redistest.Start(t)
	p := startPeer(t, "core", map[string]any{"hosts": hosts(s)})
	l := core(t, channelsredis.CoreOptions{URL: s.URL(), Options: channelsredis.Options{Keys: []string{"key"}}})
	ours := newChannel(t, l)
	p.must("send", map[string]any{"channel": ours, "message": helloJSON(1)}, nil)
	await(t, "the plain message is counted", func() bool { return l.Stats().Drops[channellayer.DropMalformed] == 1 })
}

func TestAFullChannelIsFullForPythonAndGo(t *testing.T) {
	s := redistest.Start(t)
	p := startPeer(t, "core", map[string]any{"hosts": hosts(s), "capacity": 3})
	l := core(t, channelsredis.CoreOptions{URL: s.URL(), Options: channelsredis.Options{Options: channellayer.Options{Capacity: 3}}})
	theirs := p.newChannel()
	for n := range 3 {
		must(t, l.Send(t.Context(), theirs, hello(n)))
	}
	if err := l.Send(t.Context(), theirs, hello(3)); !errors.Is(err, channellayer.ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	p.must("group_add", map[string]any{"group": "room", "channel": theirs}, nil)
	must(t, l.GroupSend(t.Context(), "room", hello(9)))
	if n := l.Stats().Drops[channellayer.DropFull]; n != 2 {
		t.Errorf("%d drops counted as full, want 2", n)
	}
	for n := range 3 {
		p.must("send", map[string]any{"channel": "queue", "message": helloJSON(n)}, nil)
	}
	if raised := p.await(p.begin("send", map[string]any{"channel": "queue", "message": helloJSON(3)}), nil); raised != "ChannelFull" {
		t.Fatalf("python raised %q", raised)
	}
	for n := range 3 {
		pythonGets(t, p, theirs, n)
		goGets(t, l, "queue", n)
	}
	// Ours: as many wait here as there may be, then in Redis, then it is full.
	ours := newChannel(t, l)
	sent := 0
	for ; sent < 20; sent++ {
		if raised := p.await(p.begin("send", map[string]any{"channel": ours, "message": helloJSON(sent)}), nil); raised == "ChannelFull" {
			break
		}
	}
	if sent < 3 || sent > 7 {
		t.Errorf("python sent %d messages until our channel was full", sent)
	}
	for n := range sent {
		goGets(t, l, ours, n)
	}
}

func TestMessagesExpireBetweenPythonAndGo(t *testing.T) {
	s := redistest.Start(t)
	p := startPeer(t, "core", map[string]any{"hosts": hosts(s)})
	l := core(t, channelsredis.CoreOptions{URL: s.URL(), Options: channelsredis.Options{Options: channellayer.Options{Expiry: time.Second}}})
	theirs := p.newChannel()
	must(t, l.Send(t.Context(), theirs, hello(1)))
	p.must("send", map[string]any{"channel": "queue", "message": helloJSON(1)}, nil) // its own expiry is a minute
	wait(2100 * time.Millisecond)
	must(t, l.Send(t.Context(), theirs, hello(2)))
	pythonGets(t, p, theirs, 2)
	p.must("send", map[string]any{"channel": "queue", "message": helloJSON(2)}, nil)
	goGets(t, l, "queue", 2)
	if n := l.Stats().Drops[channellayer.DropExpired]; n != 1 {
		t.Errorf("%d drops counted as expired, want 1", n)
	}
}

func TestPythonAndGoShareThemInPubSubFormat(t *testing.T) {
	one, two := redistest.Start(t), redistest.Start(t)
	for name, servers := range map[string][]*redistest.Server{"one host": {one}, "two hosts": {one, two}} {
		t.Run(name, func(t *testing.T) {
			p := startPeer(t, "pubsub", map[string]any{"hosts": hosts(servers...)})
			urls := make([]string, len(servers))
			for i, s := range servers {
				urls[i] = s.URL()
			}
			talk(t, pubSub(t, channelsredis.PubSubOptions{URLs: urls}), p, "")
		})
	}
}

func TestTenThousandPublishedMessagesArriveBothWays(t *testing.T) {
	const many = 10_000
	s := redistest.Start(t)
	p := startPeer(t, "pubsub", map[string]any{"hosts": hosts(s)})
	l := pubSub(t, channelsredis.PubSubOptions{URLs: []string{s.URL()}})
	ours, theirs := newChannel(t, l), p.newChannel()
	p.must("group_add", map[string]any{"group": "to-python", "channel": theirs}, nil)
	must(t, l.GroupAdd(t.Context(), "to-go", ours))

	sending := p.begin("group_send_numbers", map[string]any{"group": "to-go", "count": many})
	for n := range int64(many) {
		if got, _ := receive(t, l, ours).Int("n"); got != n {
			t.Fatalf("got message %d, want %d", got, n)
		}
	}
	if raised := p.await(sending, nil); raised != "" {
		t.Fatal(raised)
	}
	receiving := p.begin("receive_numbers", map[string]any{"channel": theirs, "count": many, "timeout": 2 * patience.Seconds()})
	for n := range many {
		must(t, l.GroupSend(t.Context(), "to-python", channellayer.NewMessage(channellayer.Text("type", "test"), channellayer.Int("n", int64(n)))))
	}
	var got []int
	if raised := p.await(receiving, &got); raised != "" {
		t.Fatal(raised)
	}
	for n := range got {
		if got[n] != n {
			t.Fatalf("python got %d as message %d", got[n], n)
		}
	}
	if len(got) != many || l.Stats().Dropped() != 0 {
		t.Errorf("python got %d of %d; drops %v", len(got), many, l.Stats().Drops)
	}
}

func TestEncryptionInPubSubFormatNeedsConfirmation(t *testing.T) {
	o := channelsredis.PubSubOptions{URLs: []string{"redis://127.0.0.1:1"}, Options: channelsredis.Options{Keys: []string{"key"}}}
	if _, err := channelsredis.NewPubSub(t.Context(), o); !errors.Is(err, channellayer.ErrUnsupported) {
		t.Fatalf("got %v", err)
	}
}

func TestTheCoreFormatOnSeveralHostsIsRefused(t *testing.T) {
	_, err := channelsredis.NewCore(t.Context(), channelsredis.CoreOptions{URL: "redis://127.0.0.1:1,127.0.0.1:2"})
	if !errors.Is(err, channellayer.ErrUnsupported) {
		t.Fatalf("got %v", err)
	}
}

// await polls a condition.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("in vain waited until %s", what)
		}
	}
}
