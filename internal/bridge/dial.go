package bridge

import (
	"context"
	"errors"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/channelsredis"
)

// Mode is the format that the application's channel layer uses.
type Mode string

// The modes, named after the modules of channels_redis.
const (
	Core   Mode = "core"   // channels_redis.core.RedisChannelLayer
	PubSub Mode = "pubsub" // channels_redis.pubsub.RedisPubSubChannelLayer
)

// server is how Redis is asked for things that are not the layer's.
type server interface {
	Do(ctx context.Context, fn func(ctx context.Context, client rueidis.Client) error) error
}

// layer is what both formats are.
type layer interface {
	channellayer.Layer
	server
}

// waitingBytes bounds what has come from Django and was not yet said.
const waitingBytes = 16 << 20

// dial connects in the form that the options ask for.
func dial(ctx context.Context, o Options, onState func(up bool)) (layer, error) {
	common := channelsredis.Options{
		Options: channellayer.Options{Logger: o.Logger, Now: o.Now, CapacityBytes: waitingBytes},
		Prefix:  o.Prefix, Keys: o.Keys, OnState: onState,
	}
	switch {
	case o.Mode == PubSub:
		return channelsredis.NewPubSub(ctx, channelsredis.PubSubOptions{Options: common, URLs: o.URLs})
	case o.Mode == Core && len(o.URLs) == 1:
		return channelsredis.NewCore(ctx, channelsredis.CoreOptions{Options: common, URL: o.URLs[0]})
	}
	return nil, errors.New("bridge: the core format needs exactly one address")
}
