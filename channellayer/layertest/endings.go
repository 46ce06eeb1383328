package layertest

import (
	"context"
	"testing"

	"github.com/parley-chat/parley/channellayer"
)

func endings() []testCase {
	return []testCase{
		{"ClosingAChannelEndsReceiveAndLeavesItsGroups", closingAChannelEndsReceiveAndLeavesItsGroups},
		{"UnreadMessagesOfAClosedChannelAreCounted", unreadMessagesOfAClosedChannelAreCounted},
		{"ClosingWhatIsNotOpenDoesNothing", closingWhatIsNotOpenDoesNothing},
		{"FlushIsRefusedUnlessAllowed", flushIsRefusedUnlessAllowed},
		{"FlushForgetsMessagesAndGroups", flushForgetsMessagesAndGroups},
		{"AfterShutdownEverythingIsClosed", afterShutdownEverythingIsClosed},
		{"ReceiveEndsWithItsContext", receiveEndsWithItsContext},
	}
}

func closingAChannelEndsReceiveAndLeavesItsGroups(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own, stays := b.channel(b.A), b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "room", own))
	b.ok(b.A.GroupAdd(b.ctx, "room", stays))
	ended := make(chan error)
	go func() {
		_, _, err := b.A.Receive(b.ctx, own)
		ended <- err
	}()
	b.ok(b.A.Close(b.ctx, own))
	b.is(<-ended, channellayer.ErrNoChannel)
	b.ok(b.B.GroupSend(b.ctx, "room", numbered(1)))
	b.gets(b.A, stays, 1)
	if n := b.A.Stats().Dropped(); n != 0 {
		t.Fatalf("%d drops counted: the closed channel was still in the group", n)
	}
}

func unreadMessagesOfAClosedChannelAreCounted(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	b.ok(b.A.Send(b.ctx, own, numbered(1)))
	b.ok(b.A.Send(b.ctx, own, numbered(2)))
	b.until("both are in the mailbox", func() bool { return b.A.Stats().Waiting == 2 })
	b.ok(b.A.Close(b.ctx, own))
	b.drops(channellayer.DropClosed, 2)
}

func closingWhatIsNotOpenDoesNothing(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	b.ok(b.A.Close(b.ctx, own))
	b.ok(b.A.Close(b.ctx, own))
}

func flushIsRefusedUnlessAllowed(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	b.is(b.A.Flush(b.ctx), channellayer.ErrRefused)
}

func flushForgetsMessagesAndGroups(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{AllowFlush: true})
	b.needs(channellayer.Flushing)
	own := b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "room", own))
	b.ok(b.A.Send(b.ctx, own, numbered(1)))
	if b.A.Traits().Extensions&channellayer.NormalChannels != 0 {
		b.ok(b.A.Send(b.ctx, "queue", numbered(1)))
	}
	b.until("the message is in the mailbox", func() bool { return b.A.Stats().Queued >= 1 })
	b.ok(b.A.Flush(b.ctx))
	b.ok(b.A.GroupSend(b.ctx, "room", numbered(2)))
	b.empty(b.A, own)
	if b.A.Traits().Extensions&channellayer.NormalChannels != 0 {
		b.empty(b.A, "queue")
	}
}

func afterShutdownEverythingIsClosed(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{AllowFlush: true})
	own := b.channel(b.A)
	ended := make(chan error)
	go func() {
		_, _, err := b.A.Receive(b.ctx, own)
		ended <- err
	}()
	b.ok(b.A.Shutdown(b.ctx))
	b.is(<-ended, channellayer.ErrClosed)
	b.ok(b.A.Shutdown(b.ctx))
	_, err := b.A.NewChannel(b.ctx, "")
	b.is(err, channellayer.ErrClosed)
	_, _, err = b.A.Receive(b.ctx, own)
	b.is(err, channellayer.ErrClosed)
	b.is(b.A.Send(b.ctx, own, numbered(1)), channellayer.ErrClosed)
	b.is(b.A.Close(b.ctx, own), channellayer.ErrClosed)
	b.is(b.A.GroupAdd(b.ctx, "room", own), channellayer.ErrClosed)
	b.is(b.A.GroupDiscard(b.ctx, "room", own), channellayer.ErrClosed)
	b.is(b.A.GroupSend(b.ctx, "room", numbered(1)), channellayer.ErrClosed)
	b.is(b.A.Flush(b.ctx), channellayer.ErrClosed)
}

func receiveEndsWithItsContext(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	_, _, err := b.A.Receive(ctx, own)
	b.is(err, context.Canceled)
}
