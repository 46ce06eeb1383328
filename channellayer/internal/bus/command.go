package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
)

// Command runs fn, which issues commands on the client given and returns their
// error, under the deadline and the breaker. What comes back wraps
// ErrUnavailable if Redis could not be asked; an error reply of Redis is passed
// through.
func (b *Bus) Command(ctx context.Context, fn func(ctx context.Context, client rueidis.Client) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, Deadline, errDeadline)
	defer cancel()
	s := b.session.Load()
	if s == nil {
		return fmt.Errorf("%w: redis is not connected", channellayer.ErrUnavailable)
	}
	if !b.breaker.allow(time.Now()) {
		return fmt.Errorf("%w: redis has just missed its deadlines", channellayer.ErrUnavailable)
	}
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		b.breaker.done(time.Now(), false)
		return unavailable(ctx, ctx.Err())
	}
	err := fn(ctx, s.client)
	<-b.slots
	failed := isFailure(ctx, err)
	b.breaker.done(time.Now(), !failed)
	if failed {
		return unavailable(ctx, err)
	}
	return err
}

// Block runs fn, which issues one command that the server may hold back for
// wait, on a connection of its own. It is under the deadline, which is longer by
// wait, but neither under the breaker nor among the commands in flight. When ctx
// ends, the connection is closed and with it the wait.
func (b *Bus) Block(ctx context.Context, wait time.Duration, fn func(ctx context.Context, conn rueidis.DedicatedClient) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, wait+Deadline, errDeadline)
	defer cancel()
	s := b.session.Load()
	if s == nil {
		return fmt.Errorf("%w: redis is not connected", channellayer.ErrUnavailable)
	}
	conn, release := s.client.Dedicate()
	defer release()
	stop := context.AfterFunc(ctx, conn.Close)
	err := fn(ctx, conn)
	stop()
	if isFailure(ctx, err) {
		return unavailable(ctx, err)
	}
	return err
}

var errDeadline = fmt.Errorf("no answer within %v", Deadline)

// isFailure tells an unanswered command from an answered one. A reply that says
// that the server is loading or is no master any more is no answer either.
func isFailure(ctx context.Context, err error) bool {
	if err == nil || rueidis.IsRedisNil(err) {
		return false
	}
	if reply, ok := rueidis.IsRedisErr(err); ok {
		return reply.IsLoading() || reply.IsClusterDown() || reply.IsTryAgain() || isReadOnly(reply.Error())
	}
	return context.Cause(ctx) != context.Canceled
}

func isReadOnly(text string) bool { return len(text) >= 8 && text[:8] == "READONLY" }

// unavailable wraps what a command came to. If the caller's context has ended,
// that is the answer.
func unavailable(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause == context.Canceled || cause == context.DeadlineExceeded {
		return cause
	}
	return fmt.Errorf("%w: %v", channellayer.ErrUnavailable, err)
}

// Sharded tells whether the deployment is a cluster, on which messages are
// published to the shard of their channel only.
func (b *Bus) Sharded() bool {
	s := b.session.Load()
	return s != nil && s.sharded()
}

// Publish sends a payload to the subscribers of a channel and returns how many
// there are. On a cluster only those connected to the channel's shard count,
// which are all.
func (b *Bus) Publish(ctx context.Context, channel, payload string) (receivers int64, err error) {
	err = b.Command(ctx, func(ctx context.Context, client rueidis.Client) error {
		receivers, err = client.Do(ctx, publish(client, channel, payload)).AsInt64()
		return err
	})
	return receivers, err
}

func publish(client rueidis.Client, channel, payload string) rueidis.Completed {
	if client.Mode() == rueidis.ClientModeCluster {
		return client.B().Spublish().Channel(channel).Message(payload).Build()
	}
	return client.B().Publish().Channel(channel).Message(payload).Build()
}
