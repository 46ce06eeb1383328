package layertest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

func channels() []testCase {
	return []testCase{
		{"AMessageReachesAChannelOfTheOtherProcess", aMessageReachesAChannelOfTheOtherProcess},
		{"OneSenderIsReadInOrder", oneSenderIsReadInOrder},
		{"ReceiveOnTheNonLocalPartReadsAllChannels", receiveOnTheNonLocalPartReadsAllChannels},
		{"ReceiveWaitsForAMessage", receiveWaitsForAMessage},
		{"ACancelledReceiveTakesNoMessage", aCancelledReceiveTakesNoMessage},
		{"ReceiveOnAChannelThatIsNotOpenHereFails", receiveOnAChannelThatIsNotOpenHereFails},
		{"SendingToAChannelThatNobodyHasIsCounted", sendingToAChannelThatNobodyHasIsCounted},
		{"EachMessageOfANormalChannelHasOneReader", eachMessageOfANormalChannelHasOneReader},
		{"ANormalChannelKeepsMessagesForALaterReader", aNormalChannelKeepsMessagesForALaterReader},
	}
}

func aMessageReachesAChannelOfTheOtherProcess(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	a, other := b.channel(b.A), b.channel(b.B)
	b.ok(b.A.Send(b.ctx, other, numbered(1)))
	b.ok(b.B.Send(b.ctx, a, numbered(2)))
	b.ok(b.A.Send(b.ctx, a, numbered(3)))
	b.gets(b.B, other, 1)
	_, one := b.receive(b.A, a)
	_, two := b.receive(b.A, a)
	if sum := number(one) + number(two); sum != 5 {
		t.Fatalf("got messages %d and %d, want 2 and 3", number(one), number(two))
	}
	b.empty(b.A, a)
}

func oneSenderIsReadInOrder(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 1000})
	own := b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "group", own))
	const n = 300
	for i := range int64(n) {
		b.ok(b.B.Send(b.ctx, own, numbered(i)))
	}
	for i := range int64(n) {
		b.gets(b.A, own, i)
	}
	for i := range int64(n) {
		b.ok(b.B.GroupSend(b.ctx, "group", numbered(i)))
	}
	for i := range int64(n) {
		b.gets(b.A, own, i)
	}
}

func receiveOnTheNonLocalPartReadsAllChannels(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	one, err := b.A.NewChannel(b.ctx, "pair")
	b.ok(err)
	two, err := b.A.NewChannel(b.ctx, "pair")
	b.ok(err)
	for i := range int64(6) {
		b.ok(b.B.Send(b.ctx, []string{one, two}[i%2], numbered(i)))
	}
	for i := range int64(6) {
		channel, m := b.receive(b.A, channellayer.NonLocal(one))
		if want := []string{one, two}[number(m)%2]; channel != want {
			t.Fatalf("message %d came for %s, want %s", i, channel, want)
		}
	}
	b.ok(b.B.Send(b.ctx, one, numbered(7)))
	b.ok(b.B.Send(b.ctx, two, numbered(8)))
	b.gets(b.A, two, 8)
	b.gets(b.A, channellayer.NonLocal(one), 7)
}

func receiveWaitsForAMessage(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	got := make(chan int64)
	go func() {
		_, m, _ := b.A.Receive(b.ctx, own)
		got <- number(m)
	}()
	b.ok(b.B.Send(b.ctx, own, numbered(5)))
	if n := <-got; n != 5 {
		t.Fatalf("got %d, want 5", n)
	}
}

func aCancelledReceiveTakesNoMessage(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 1000})
	own := b.channel(b.A)
	const n = 200
	var mu sync.Mutex
	seen := map[int64]int{}
	note := func(m channellayer.Message) {
		mu.Lock()
		defer mu.Unlock()
		seen[number(m)]++
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() { readImpatiently(b, own, stop, note) })
	}
	for i := range int64(n) {
		b.ok(b.B.Send(b.ctx, own, numbered(i)))
	}
	b.until("every message is read", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(seen) == n
	})
	close(stop)
	readers.Wait()
	for i, times := range seen {
		if times != 1 {
			t.Errorf("message %d was read %d times", i, times)
		}
	}
}

// readImpatiently receives with contexts that end after a moment.
func readImpatiently(b *bench, channel string, stop chan struct{}, note func(channellayer.Message)) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		ctx, cancel := context.WithTimeout(b.ctx, 100*time.Microsecond)
		_, m, err := b.A.Receive(ctx, channel)
		cancel()
		if err == nil {
			note(m)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			b.t.Error(err)
			return
		}
	}
}

func receiveOnAChannelThatIsNotOpenHereFails(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	b.channel(b.A)
	for _, name := range []string{"parley.00000000000000000000000000000000!1", "parley.0000!"} {
		_, _, err := b.A.Receive(b.ctx, name)
		b.is(err, channellayer.ErrNoChannel)
	}
}

func sendingToAChannelThatNobodyHasIsCounted(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.B)
	b.ok(b.A.Send(b.ctx, own+"nobody", numbered(1)))
	b.drops(channellayer.DropNoReader, 1)
	b.empty(b.B, own)
}

func eachMessageOfANormalChannelHasOneReader(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 1000})
	b.needs(channellayer.NormalChannels)
	const n = 100
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	got := make(chan int64, n)
	var readers sync.WaitGroup
	for _, l := range []channellayer.Layer{b.A, b.A, b.B, b.B} {
		readers.Go(func() {
			for {
				_, m, err := l.Receive(ctx, "jobs")
				if err != nil {
					return
				}
				got <- number(m)
			}
		})
	}
	for i := range int64(n) {
		b.ok(b.A.Send(b.ctx, "jobs", numbered(i)))
	}
	seen := map[int64]bool{}
	for range n {
		select {
		case i := <-got:
			if seen[i] {
				t.Fatalf("message %d was read twice", i)
			}
			seen[i] = true
		case <-time.After(patience):
			t.Fatalf("%d of %d messages were read", len(seen), n)
		}
	}
	cancel()
	readers.Wait()
	if len(got) > 0 {
		t.Fatal("more messages were read than sent")
	}
}

func aNormalChannelKeepsMessagesForALaterReader(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	b.needs(channellayer.NormalChannels)
	for i := range int64(3) {
		b.ok(b.A.Send(b.ctx, "later", numbered(i)))
	}
	b.gets(b.B, "later", 0, 1, 2)
}
