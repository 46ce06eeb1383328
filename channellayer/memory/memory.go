// Package memory is the channel layer of one process: channels and groups
// without a bus. A message to any number of local channels is stored once.
package memory

import (
	"context"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/local"
)

// Layer implements channellayer.Layer within one process. No call waits for
// anything but Receive.
type Layer struct {
	options  channellayer.Options
	exchange *local.Exchange
}

var _ channellayer.Layer = (*Layer)(nil)

// New returns an empty layer. It has no goroutines; a layer that is no longer
// used need not be shut down.
func New(o channellayer.Options) (*Layer, error) {
	o, err := o.WithDefaults()
	if err != nil {
		return nil, err
	}
	exchange, err := local.New(o)
	if err != nil {
		return nil, err
	}
	return &Layer{options: o, exchange: exchange}, nil
}

// NewChannel makes a channel; see channellayer.Layer.
func (l *Layer) NewChannel(_ context.Context, prefix string) (string, error) {
	return l.exchange.NewChannel(prefix)
}

// Send puts a message into a channel; see channellayer.Layer.
func (l *Layer) Send(_ context.Context, channel string, m channellayer.Message) error {
	if err := channellayer.CheckChannel(channel); err != nil {
		return err
	}
	if err := l.options.CheckMessage(m); err != nil {
		return err
	}
	if err := l.exchange.Send(channel, m); err != nil {
		return err
	}
	l.exchange.Counters.Sent.Add(1)
	return nil
}

// Receive waits for a message; see channellayer.Layer.
func (l *Layer) Receive(ctx context.Context, channel string) (string, channellayer.Message, error) {
	if err := channellayer.CheckReceivable(channel); err != nil {
		return "", channellayer.Message{}, err
	}
	return l.exchange.Receive(ctx, channel)
}

// Close ends a channel; see channellayer.Layer.
func (l *Layer) Close(_ context.Context, channel string) error {
	if err := channellayer.CheckChannel(channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	if channellayer.IsSpecific(channel) {
		l.exchange.Close(channel)
	}
	return nil
}

// GroupAdd makes a channel a member; see channellayer.Layer. Normal channels
// can be members too.
func (l *Layer) GroupAdd(_ context.Context, group, channel string) error {
	if err := checkPair(group, channel); err != nil {
		return err
	}
	_, err := l.exchange.Join(group, channel)
	return err
}

// GroupDiscard ends a membership; see channellayer.Layer.
func (l *Layer) GroupDiscard(_ context.Context, group, channel string) error {
	if err := checkPair(group, channel); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	l.exchange.Leave(group, channel)
	return nil
}

// GroupSend puts a message into all channels of a group; see channellayer.Layer.
func (l *Layer) GroupSend(_ context.Context, group string, m channellayer.Message) error {
	if err := channellayer.CheckGroup(group); err != nil {
		return err
	}
	if err := l.options.CheckMessage(m); err != nil {
		return err
	}
	if l.closed() {
		return channellayer.ErrClosed
	}
	l.exchange.GroupSend(group, m)
	l.exchange.Counters.GroupSent.Add(1)
	return nil
}

// Flush forgets all messages and memberships; see channellayer.Layer.
func (l *Layer) Flush(context.Context) error {
	if l.closed() {
		return channellayer.ErrClosed
	}
	if !l.options.AllowFlush {
		return channellayer.ErrRefused
	}
	l.exchange.Clear()
	return nil
}

// Shutdown closes all channels; see channellayer.Layer.
func (l *Layer) Shutdown(context.Context) error {
	l.exchange.Shutdown()
	return nil
}

// Traits describes the layer; see channellayer.Layer.
func (l *Layer) Traits() channellayer.Traits {
	return l.options.Traits("memory", channellayer.Groups|channellayer.Flushing|channellayer.NormalChannels|
		channellayer.AnyMember|channellayer.ReportsFull)
}

// Stats returns the counters; see channellayer.Layer.
func (l *Layer) Stats() channellayer.Stats { return l.exchange.Stats() }

func (l *Layer) closed() bool {
	select {
	case <-l.exchange.Done():
		return true
	default:
		return false
	}
}

func checkPair(group, channel string) error {
	if err := channellayer.CheckGroup(group); err != nil {
		return err
	}
	return channellayer.CheckChannel(channel)
}
