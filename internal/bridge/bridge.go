// Package bridge joins rooms of Parley to groups of a Django Channels
// application, over the Redis of that application: what is said in the room is
// sent to the group, and what is sent to the group is said in the room, by one
// bot that puts the claimed name in front.
//
// Both directions deliver at most once. While Redis is away, or somebody sends
// faster than the server allows, messages are dropped and counted; the chat
// itself never waits for the bridge.
//
// Of several nodes each sends what it has committed itself, so that every
// message is sent by one of them. One node at a time, the one that has the
// lease, listens to the groups.
//
// The package decides what crosses and in which form. Formats of Redis belong
// to channellayer/channelsredis, and what may be said to package service.
package bridge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/service"
)

// BotName is the user name of the bot, if it is free.
const BotName = "django"

// queueLength is how many messages may wait on their way to Django.
const queueLength = 1024

// roundEvery is how often rooms are looked up and the lease is renewed.
const roundEvery = 1500 * time.Millisecond

// Options say what is joined. Service, URLs, Mode, Rooms and Mark must
// be set.
type Options struct {
	Service *service.Service
	Logger  *slog.Logger     // default: nothing is logged
	Now     func() time.Time // default: time.Now

	URLs   []string // Redis as the application names it; several only in Mode PubSub
	Mode   Mode
	Prefix string   // default: "asgi"
	Keys   []string // of encryption, only in Mode Core; the first encrypts
	Rooms  []Room

	// Mark is in every message to Django. Messages that have it come from this
	// Parley, whichever node it was, and are not heard.
	Mark string

	// Shared says that other nodes may bridge the same rooms. Then there is a
	// lease on listening, in the application's Redis.
	Shared bool
}

// Room is a room and the group that it is joined to.
type Room struct {
	Slug  string
	Group string
}

// Bridge carries messages until it is closed. It is safe for concurrent use.
type Bridge struct {
	service *service.Service
	log     *slog.Logger
	now     func() time.Time
	layer   layer
	mark    string
	lease   *lease        // nil: nobody else listens
	links   []*link       // of the goroutine that keeps them
	bot     chat.User     // likewise; zero until there is one
	part    string        // likewise; of our channels, empty until there is one
	told    [drops]uint64 // likewise; drops that were logged

	routes atomic.Pointer[routes]
	out    chan outgoing
	wake   chan struct{} // holds one: do a round now
	counts counters

	ctx     context.Context // ends with Close
	end     context.CancelFunc
	running sync.WaitGroup
}

// routes are where messages go. They are replaced as a whole.
type routes struct {
	bot    chat.User
	groups map[chat.RoomID]Room   // of the rooms that exist
	rooms  map[string]chat.RoomID // by the channel that hears the room's group
}

// New starts a bridge; Close ends it. An error means that the options cannot
// be used. A Redis that does not answer and rooms that do not exist are none:
// they are waited for.
func New(ctx context.Context, o Options) (*Bridge, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	b := &Bridge{
		service: o.Service, log: o.Logger, now: o.Now, mark: o.Mark,
		out: make(chan outgoing, queueLength), wake: make(chan struct{}, 1),
	}
	for _, room := range o.Rooms {
		b.links = append(b.links, &link{Room: room})
	}
	b.routes.Store(&routes{})
	b.ctx, b.end = context.WithCancel(context.Background())
	if o.Shared {
		b.lease = newLease(leaseKey(b.mark), o.Now) // before the layer tells its state
	}
	var err error
	if b.layer, err = dial(ctx, o, b.stateChanged); err != nil {
		b.end()
		return nil, err
	}
	b.running.Go(b.keep)
	b.running.Go(b.send)
	return b, nil
}

// stateChanged is told when the connection to Redis comes and goes. What the
// lease says from before is not relied on any more.
func (b *Bridge) stateChanged(up bool) {
	b.log.Info("bridge to Django", "redis", up)
	if b.lease != nil {
		b.lease.doubt()
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Close leaves the groups, gives the lease back and ends everything, when ctx
// ends at the latest. What is committed afterwards is not sent.
func (b *Bridge) Close(ctx context.Context) error {
	b.end()
	b.running.Wait()
	for _, l := range b.links {
		b.leave(ctx, l)
	}
	var err error
	if b.lease != nil {
		err = b.lease.release(ctx, b.layer)
	}
	return errors.Join(err, b.layer.Shutdown(ctx))
}
