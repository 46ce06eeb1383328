package layertest

import (
	"errors"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
)

func limits() []testCase {
	return []testCase{
		{"AFullChannelIsReportedAndCounted", aFullChannelIsReportedAndCounted},
		{"AFullChannelOfTheOtherProcessIsReported", aFullChannelOfTheOtherProcessIsReported},
		{"CapacityIsSharedByTheNonLocalPart", capacityIsSharedByTheNonLocalPart},
		{"GroupSendPassesOverFullChannels", groupSendPassesOverFullChannels},
		{"ANormalChannelHasACapacityToo", aNormalChannelHasACapacityToo},
		{"RulesSetCapacities", rulesSetCapacities},
		{"AMessageThatIsTooOldIsNotReceived", aMessageThatIsTooOldIsNotReceived},
		{"OldMessagesMakeRoomForNewOnes", oldMessagesMakeRoomForNewOnes},
	}
}

// fill sends until the layer says that the channel is full. It returns how many
// were taken.
func (b *bench) fill(l channellayer.Layer, channel string, atMost int) int {
	b.t.Helper()
	for n := range atMost {
		err := l.Send(b.ctx, channel, numbered(int64(n)))
		if errors.Is(err, channellayer.ErrFull) {
			return n
		}
		b.ok(err)
	}
	b.t.Fatalf("%d messages sent and the channel is not full", atMost)
	return 0
}

func aFullChannelIsReportedAndCounted(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 3})
	own := b.channel(b.A)
	if n := b.fill(b.A, own, 10); n != 3 {
		t.Fatalf("%d messages fit, want 3", n)
	}
	b.drops(channellayer.DropFull, 1)
	b.gets(b.A, own, 0, 1, 2)
	b.empty(b.A, own)
}

func aFullChannelOfTheOtherProcessIsReported(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 3})
	b.needs(channellayer.ReportsFull)
	own := b.channel(b.A)
	b.until("the channel is full", func() bool {
		return errors.Is(b.B.Send(b.ctx, own, numbered(1)), channellayer.ErrFull)
	})
	for range 3 {
		b.receive(b.A, own)
	}
	b.until("the channel takes messages again", func() bool { return b.B.Send(b.ctx, own, numbered(7)) == nil })
}

func capacityIsSharedByTheNonLocalPart(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 3})
	one, two := b.channel(b.A), b.channel(b.A)
	b.ok(b.A.Send(b.ctx, one, numbered(1)))
	b.ok(b.A.Send(b.ctx, one, numbered(2)))
	b.ok(b.A.Send(b.ctx, two, numbered(3)))
	b.is(b.A.Send(b.ctx, two, numbered(4)), channellayer.ErrFull)
	b.gets(b.A, one, 1)
	b.ok(b.A.Send(b.ctx, two, numbered(5)))
	b.gets(b.A, two, 3, 5)
}

func groupSendPassesOverFullChannels(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 2})
	fullOne := b.channel(b.A)
	free, err := b.A.NewChannel(b.ctx, "roomy")
	b.ok(err)
	b.ok(b.A.GroupAdd(b.ctx, "room", fullOne))
	b.ok(b.A.GroupAdd(b.ctx, "room", free))
	b.ok(b.A.Send(b.ctx, fullOne, numbered(1)))
	b.ok(b.A.Send(b.ctx, fullOne, numbered(2)))
	b.ok(b.A.GroupSend(b.ctx, "room", numbered(3)))
	b.gets(b.A, free, 3)
	b.drops(channellayer.DropFull, 1)
	b.gets(b.A, fullOne, 1, 2)
	b.empty(b.A, fullOne)
}

func aNormalChannelHasACapacityToo(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 3})
	b.needs(channellayer.NormalChannels)
	if n := b.fill(b.A, "queue", 10); n != 3 {
		t.Fatalf("%d messages fit, want 3", n)
	}
	b.is(b.B.Send(b.ctx, "queue", numbered(9)), channellayer.ErrFull)
	b.gets(b.B, "queue", 0)
	b.until("there is room again", func() bool { return b.B.Send(b.ctx, "queue", numbered(3)) == nil })
	b.gets(b.A, "queue", 1, 2, 3)
	b.drops(channellayer.DropFull, 2)
}

func rulesSetCapacities(t *testing.T, f Factory) {
	glob, err := channellayer.Glob("*narrow.*", 1)
	if err != nil {
		t.Fatal(err)
	}
	re, err := channellayer.Regexp(`.*middle\.[0-9a-f]+!`, 2)
	if err != nil {
		t.Fatal(err)
	}
	b := set(t, f, channellayer.Options{Capacity: 3, Rules: []channellayer.CapacityRule{glob, re}})
	for prefix, want := range map[string]int{"narrow": 1, "middle": 2, "wide": 3} {
		own, err := b.A.NewChannel(b.ctx, prefix)
		b.ok(err)
		if n := b.fill(b.A, own, 10); n != want {
			t.Errorf("%s holds %d messages, want %d", prefix, n, want)
		}
	}
}

func aMessageThatIsTooOldIsNotReceived(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Expiry: 2 * time.Second})
	own, other := b.channel(b.A), b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "room", other))
	b.ok(b.A.Send(b.ctx, own, numbered(1)))
	b.ok(b.A.GroupSend(b.ctx, "room", numbered(2)))
	b.until("both are in their mailboxes", func() bool { return b.A.Stats().Waiting == 2 })
	b.Age(2100 * time.Millisecond)
	b.ok(b.A.Send(b.ctx, own, numbered(3)))
	b.gets(b.A, own, 3)
	b.empty(b.A, other)
	b.drops(channellayer.DropExpired, 2)
}

func oldMessagesMakeRoomForNewOnes(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{Capacity: 2, Expiry: 2 * time.Second})
	own := b.channel(b.A)
	if n := b.fill(b.A, own, 10); n != 2 {
		t.Fatalf("%d messages fit, want 2", n)
	}
	b.Age(2100 * time.Millisecond)
	b.ok(b.A.Send(b.ctx, own, numbered(7)))
	b.gets(b.A, own, 7)
	b.drops(channellayer.DropExpired, 2)
}
