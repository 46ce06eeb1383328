package local

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

func exchange(t *testing.T, o channellayer.Options) *Exchange {
	t.Helper()
	o, err := o.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	x, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Shutdown() })
	return x
}

func open(t *testing.T, x *Exchange) string {
	t.Helper()
	name, err := x.NewChannel("")
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func number(n int64) channellayer.Message { return channellayer.NewMessage(channellayer.Int("n", n)) }

func TestChannelsThatNobodyReadsAnyMoreAreClearedAway(t *testing.T) {
	now := time.Now()
	x := exchange(t, channellayer.Options{MaxChannels: 100, Now: func() time.Time { return now }})
	for i := range 100 {
		if err := x.Send(fmt.Sprint("q", i), number(1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Send("one-more", number(1)); !errors.Is(err, channellayer.ErrTooMany) {
		t.Fatalf("got %v", err)
	}
	now = now.Add(2 * time.Minute)
	if err := x.Send("one-more", number(1)); err != nil {
		t.Fatal(err)
	}
	if s := x.Stats(); s.Channels != 1 || s.Drops[channellayer.DropExpired] != 100 {
		t.Errorf("%d channels, %d expired", s.Channels, s.Drops[channellayer.DropExpired])
	}
}

func TestTheNumbersOfChannelsPrefixesAndGroupsAreBounded(t *testing.T) {
	x := exchange(t, channellayer.Options{MaxChannels: 100, MaxGroups: 2})
	own := open(t, x)
	for i := range 3 {
		_, err := x.Join(fmt.Sprint("g", i), own)
		if (err != nil) != (i == 2) || i == 2 && !errors.Is(err, channellayer.ErrTooMany) {
			t.Errorf("group %d: %v", i, err)
		}
	}
	var err error
	for i := 0; err == nil; i++ {
		if _, err = x.NewChannel(fmt.Sprint("p", i)); i > 1000 {
			t.Fatal("no bound")
		}
	}
	if !errors.Is(err, channellayer.ErrTooMany) || len(x.parts) != maxParts {
		t.Errorf("%d prefixes, %v", len(x.parts), err)
	}
}

func TestUnreadBytesAreBoundedAndASharedMessageCountsOnce(t *testing.T) {
	x := exchange(t, channellayer.Options{CapacityBytes: 1000})
	large := channellayer.NewMessage(channellayer.Bytes("b", make([]byte, 600)))
	one, two := open(t, x), open(t, x)
	for _, name := range []string{one, two} {
		if _, err := x.Join("g", name); err != nil {
			t.Fatal(err)
		}
	}
	x.GroupSend("g", large)
	if err := x.Send(one, large); !errors.Is(err, channellayer.ErrFull) {
		t.Fatalf("got %v", err)
	}
	if s := x.Stats(); s.Waiting != 2 || s.Drops[channellayer.DropFull] != 1 {
		t.Errorf("%d waiting, %v", s.Waiting, s.Drops)
	}
}

// Whatever happens at once, each message is received, waits or is counted as
// dropped, exactly once.
func TestEveryMessageIsAccountedFor(t *testing.T) {
	x := exchange(t, channellayer.Options{Capacity: 50})
	ctx, cancel := context.WithCancel(t.Context())
	var taken atomic.Int64
	var names sync.Map
	var all, readers sync.WaitGroup
	for worker := range 4 {
		for range 3 {
			name := open(t, x)
			names.Store(name, true)
			readers.Go(func() {
				for {
					if _, _, err := x.Receive(ctx, name); err != nil {
						return
					}
					taken.Add(1)
				}
			})
		}
		all.Go(func() {
			for i := range 2000 {
				names.Range(func(name, _ any) bool {
					switch (i + worker) % 4 {
					case 0:
						_, _ = x.Join("g", name.(string))
					case 1:
						_ = x.Send(name.(string), number(int64(i)))
					case 2:
						x.Leave("g", name.(string))
					default:
						if worker == 0 && i == 1500 {
							x.Close(name.(string))
						}
					}
					return i%7 > 0
				})
				x.GroupSend("g", number(int64(i)))
			}
		})
	}
	all.Wait()
	cancel()
	readers.Wait()
	s := x.Stats()
	drops := s.Drops[channellayer.DropClosed]
	if got := s.Received + uint64(s.Waiting) + drops; got != s.Queued || int64(s.Received) != taken.Load() {
		t.Errorf("queued %d; received %d (%d seen), waiting %d, dropped %d", s.Queued, s.Received, taken.Load(), s.Waiting, drops)
	}
}
