package channelsredis

import (
	"context"

	"github.com/redis/rueidis"
)

// Do calls fn with a client and returns its error, for programs that keep
// things of their own in the same Redis, under keys that begin with "pl:". It
// gives fn a deadline of a second and does not call it while Redis is away. The
// client must not be kept, nor used for commands that wait.
func (l *Core) Do(ctx context.Context, fn func(ctx context.Context, client rueidis.Client) error) error {
	return l.bus.Command(ctx, fn)
}

// Do is Core.Do on the first host.
func (l *PubSub) Do(ctx context.Context, fn func(ctx context.Context, client rueidis.Client) error) error {
	return l.hosts[0].Command(ctx, fn)
}
