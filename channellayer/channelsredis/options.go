package channelsredis

import (
	"errors"
	"fmt"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/bus"
)

// Options are common to both formats. They have to agree with the settings of
// the Python side (CHANNEL_LAYERS … CONFIG).
type Options struct {
	channellayer.Options

	// Prefix is the "prefix" of the Python side. Default "asgi". There is no
	// separator after it, so neither of two prefixes on one Redis may begin
	// with the other. "pl:" is reserved.
	Prefix string

	// Keys are the "symmetric_encryption_keys": the first encrypts, all decrypt.
	Keys []string

	// OnState is called when the connection has come up and when it has gone
	// down, in order, by one goroutine.
	OnState func(up bool)
}

// Defaults of channels_redis.
const (
	DefaultPrefix   = "asgi"
	DefaultCapacity = 100
	randomBytes     = 12
)

const maxPrefix = 32

func (o *Options) setDefaults() error {
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if len(o.Prefix) > maxPrefix || channellayer.CheckGroup(o.Prefix) != nil {
		return fmt.Errorf("%w: prefix", channellayer.ErrBadName)
	}
	var err error
	o.Options, err = o.Options.WithDefaults()
	return err
}

// CoreOptions are the options of NewCore.
//
// Capacity, if set, bounds both what waits in Redis for a non-local part and
// what waits in this process. If it is not, 100 may wait in Redis, as with
// Python, and channellayer.DefaultCapacity in this process.
type CoreOptions struct {
	Options

	// URL is where Redis is: one server, or a master watched by sentinels. See
	// channellayer/redis.Options.
	URL string

	// RandomPrefix is the "random_prefix_length" of the Python side, which it
	// has from 4.2.1. Default 12.
	RandomPrefix int
}

func (o *CoreOptions) setDefaults() (inRedis channellayer.Options, err error) {
	if o.RandomPrefix == 0 {
		o.RandomPrefix = randomBytes
	}
	if o.RandomPrefix < 1 || o.RandomPrefix > 64 {
		return inRedis, errors.New("channelsredis: random prefix is not 1 to 64 bytes long")
	}
	option, err := bus.ParseURL(o.URL)
	if err != nil {
		return inRedis, err
	}
	if len(option.InitAddress) > 1 && option.Sentinel.MasterSet == "" {
		return inRedis, fmt.Errorf("%w: the core format on several hosts or a cluster", channellayer.ErrUnsupported)
	}
	own := o.Capacity
	if err := o.Options.setDefaults(); err != nil {
		return inRedis, err
	}
	inRedis = o.Options.Options
	if own == 0 {
		inRedis.Capacity = DefaultCapacity
	}
	return inRedis, nil
}

// PubSubOptions are the options of NewPubSub.
type PubSubOptions struct {
	Options

	// URLs are the hosts, in the order of the Python side's "hosts".
	URLs []string

	// PeersEncrypt confirms that all Python peers run channels_redis 4.2.1 or
	// later. Without it Keys are refused, because earlier ones accept keys and
	// send plain text all the same.
	PeersEncrypt bool
}

func (o *PubSubOptions) setDefaults() error {
	if len(o.URLs) == 0 {
		return errors.New("channelsredis: no host")
	}
	if len(o.Keys) > 0 && !o.PeersEncrypt {
		return fmt.Errorf("%w: encryption in pub/sub format with peers before channels_redis 4.2.1", channellayer.ErrUnsupported)
	}
	return o.Options.setDefaults()
}
