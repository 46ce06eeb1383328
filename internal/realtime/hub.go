package realtime

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/desk"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/window"
	"github.com/parley-chat/parley/internal/wire"
)

// Chat is what the hub asks of the use cases. All methods may be called from
// any goroutine.
type Chat interface {
	// Epoch names the history of the database.
	Epoch() string
	// RenewEpoch looks at once whether the history has another name. If it is
	// still called gone, it gets a new one.
	RenewEpoch(ctx context.Context, gone string) error
	// Joined gives the rooms that a person is in, with their heads in the
	// same snapshot.
	Joined(ctx context.Context, user chat.UserID) ([]chat.RoomHead, error)
	// JoinedEach gives the same for several people; nothing for those who
	// are in no room.
	JoinedEach(ctx context.Context, users []chat.UserID) (map[chat.UserID][]chat.RoomHead, error)
	// Events gives the events of a room in (after, after+limit], fewer only
	// at the end of the log.
	Events(ctx context.Context, room chat.RoomID, after chat.Seq, limit int) ([]chat.Event, error)
	// Heads gives the heads of those of the rooms that exist.
	Heads(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]chat.Seq, error)
	// Post queues a message and returns at once; posts by one caller to one
	// room keep their order. Done is called exactly once and does not block.
	Post(p chat.Principal, room chat.RoomID, d chat.Draft, done func(m chat.Message, err error))
	// MarkRead moves the person's read mark forward.
	MarkRead(ctx context.Context, p chat.Principal, room chat.RoomID, seq chat.Seq) error
	// CanRead is nil if the person may read the room.
	CanRead(ctx context.Context, p chat.Principal, room chat.RoomID) error
	// CanWrite is nil if the person may post in the room.
	CanWrite(ctx context.Context, p chat.Principal, room chat.RoomID) error
	// LiveSessions tells which of the sessions still sign somebody in.
	LiveSessions(ctx context.Context, ids []chat.SessionID) (map[chat.SessionID]bool, error)
}

// Limits bound the connections; 0 means no limit.
type Limits struct {
	Connections int // of the whole node
	PerUser     int
}

// Options are what a Hub needs. Chat, Layer and Window must be set.
type Options struct {
	Chat   Chat
	Layer  channellayer.Layer
	Window window.Window
	Seal   seal.Key     // marks what nodes tell each other; the same on all of them
	Logger *slog.Logger // default: nothing is logged
	Now    func() time.Time
	Random func() float64 // in [0, 1), for jitter
	Limits Limits
	Told   wire.Limits // what hello tells clients
	Shards int         // default: one for each processor that Go uses
	Ring   int         // newest events of a room that are kept ready: 1,024
	Timing Timing      // zero fields mean the defaults
	// SingleNode: there is no other node, so nothing is sent over the layer.
	SingleNode bool
}

// Hub is the connections of one node and what they get to hear. Its methods
// may be called from any goroutine.
type Hub struct {
	chat   Chat
	layer  channellayer.Layer
	seal   seal.Key
	log    *slog.Logger
	now    func() time.Time
	random func() float64
	limits Limits
	told   wire.Limits
	timing Timing
	ring   int
	single bool

	channel  string // our mailbox on the layer
	shards   []*shard
	parking  *parking  // see parkingLot
	parkOnce sync.Once // guards parking
	people   people
	presence presence
	outboxes []outbox      // by what the deliveries are for, see Hub.post
	nudge    chan struct{} // has one when the sweep should not wait
	readers  chan struct{} // one slot for each reader of the database
	desk     *desk.Desk[caller, whereabouts]
	stats    counters
	next     atomic.Uint32 // spreads connections over shards
	draining atomic.Bool
	scratch  []byte // the committer's own

	ctx     context.Context // ends with Close
	end     context.CancelFunc
	stopped sync.RWMutex // held for reading while a goroutine is started
	running sync.WaitGroup

	turned   chan struct{} // has one when the epoch may be another
	renewing atomic.Bool   // see askEpoch
	weighing atomic.Bool   // see weigh

	mu     sync.RWMutex
	era    atomic.Pointer[era]   // the present one; written under mu
	rooms  map[chat.RoomID]*room // guarded by mu; those of the present era
	births atomic.Int64          // rooms that became active so far; written under mu
}

// maxReaders is how many may read the database for replays and repairs at a
// time.
const maxReaders = 4

// New starts a hub; Close ends it. The error is the layer's.
func New(o Options) (*Hub, error) {
	o = o.withDefaults()
	h := &Hub{
		chat: o.Chat, layer: o.Layer, seal: o.Seal, log: o.Logger, now: o.Now, random: o.Random,
		limits: o.Limits, told: o.Told, timing: o.Timing, ring: o.Ring, single: o.SingleNode,
		people:  people{conns: map[chat.UserID]crowd{}},
		readers: make(chan struct{}, maxReaders),
		rooms:   map[chat.RoomID]*room{},
		nudge:   make(chan struct{}, 1),
		turned:  make(chan struct{}, 1),
	}
	h.ctx, h.end = context.WithCancel(context.Background())
	h.desk = newDesk(h)
	h.era.Store(&era{hub: h, epoch: o.Chat.Epoch(), window: o.Window})
	h.presence.init(h)
	h.outboxes = newOutboxes(o.SingleNode)
	for i := range o.Shards {
		h.shards = append(h.shards, newShard(h, i))
	}
	if err := h.listen(); err != nil {
		return nil, err
	}
	for _, s := range h.shards {
		h.goes(s.run)
	}
	for i := range h.outboxes {
		h.goes(func() { h.publish(&h.outboxes[i]) })
	}
	h.goes(h.sweep)
	h.goes(h.checkSessions)
	h.goes(h.presence.run)
	h.goes(h.tidy)
	h.goes(h.checkSeats)
	h.goes(h.watchEpoch)
	return h, nil
}

func (o Options) withDefaults() Options {
	o.Timing = o.Timing.withDefaults()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Shards == 0 {
		o.Shards = min(runtime.NumCPU(), runtime.GOMAXPROCS(0)) // a spare place is for those who read and commit
	}
	return o
}

// Close cuts all connections and ends the hub's goroutines. Drain first, to
// part in peace. What the committer says afterwards is not heard.
func (h *Hub) Close() {
	h.draining.Store(true)
	h.stopped.Lock()
	h.end()
	h.stopped.Unlock()
	for _, c := range h.people.all() {
		c.cutOff()
	}
	h.running.Wait()
	h.closeParking()
}

// goes starts a goroutine that ends when the hub does, at the latest. After
// Close it starts none and returns false.
func (h *Hub) goes(f func()) bool {
	h.stopped.RLock()
	defer h.stopped.RUnlock()
	if h.ctx.Err() != nil {
		return false
	}
	h.running.Go(f)
	return true
}

// pause waits; it returns false as soon as the hub ends.
func (h *Hub) pause(d time.Duration) bool {
	if d <= 0 {
		return h.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-h.ctx.Done():
		return false
	}
}

// jittered is between three and five quarters of d.
func (h *Hub) jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.75 + h.random()/2))
}

// Committed takes what was committed, room by room in order. It is called
// by the committer, one call at a time, and is quick: it encodes, appends to
// the rings of the rooms that have somebody here, and wakes their shards.
// What is of another history than the present one is passed over.
func (h *Hub) Committed(events []chat.Event) {
	era, now := h.era.Load(), h.chat.Epoch()
	for i := range events {
		if cmp.Or(events[i].Epoch, now) == era.epoch {
			h.committed(era, &events[i])
		}
	}
}

func (h *Hub) committed(era *era, e *chat.Event) {
	r := h.room(e.Room)
	if r != nil && r.era != era {
		return
	}
	if r == nil && e.Kind == chat.MemberJoined && h.people.here(e.Subject.ID) {
		r = h.openAt(era, e.Room, e.Seq-1)
	}
	if r == nil && e.Kind == chat.RoomChanged {
		h.goes(func() { h.presence.recheck(e.Room) }) // nobody here is in it, but some may watch
	}
	if r == nil && h.single && e.Kind != chat.MessageDeleted {
		return
	}
	h.scratch = wire.AppendEvent(h.scratch[:0], era.epoch, *e)
	var inside []byte
	if r != nil {
		inside = r.offer(e.Seq, h.scratch)
	}
	if inside == nil {
		inside = append([]byte(nil), h.scratch...)
	}
	h.post(delivery{era: era, room: e.Room, entry: window.Entry{Seq: e.Seq, JSON: inside}, joined: joinerOf(e)})
}

func joinerOf(e *chat.Event) chat.UserID {
	if e.Kind == chat.MemberJoined {
		return e.Subject.ID
	}
	return 0
}
