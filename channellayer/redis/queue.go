package redis

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/msgpack"
)

// A normal channel is a list of entries: 13 digits, the time in milliseconds at
// which the entry expires by the server's clock, and the message.

// pushScript appends an entry if there is room, dropping expired ones only if
// there is not. KEYS: list, notice channel. ARGV: message, capacity, expiry in
// ms, publishing command. It returns whether it was taken, and how many expired.
var pushScript = rueidis.NewLuaScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local room = redis.call('LLEN', KEYS[1]) < tonumber(ARGV[2])
local expired = 0
while not room do
  local head = redis.call('LINDEX', KEYS[1], 0)
  if not head or tonumber(string.sub(head, 1, 13)) > now then break end
  redis.call('LPOP', KEYS[1])
  expired = expired + 1
  room = redis.call('LLEN', KEYS[1]) < tonumber(ARGV[2])
end
if not room then return {0, expired} end
redis.call('RPUSH', KEYS[1], string.format('%013.0f', now + ARGV[3]) .. ARGV[1])
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[3])
redis.call(ARGV[4], KEYS[2], '')
return {1, expired}
`)

// popScript takes the first entry that has not expired. KEYS: list. It returns
// the number of expired ones that it dropped and the message, or false.
var popScript = rueidis.NewLuaScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local expired = 0
while true do
  local head = redis.call('LPOP', KEYS[1])
  if not head then return {expired, false} end
  if tonumber(string.sub(head, 1, 13)) > now then return {expired, string.sub(head, 14)} end
  expired = expired + 1
end
`)

// push appends a message to a normal channel.
func (l *Layer) push(ctx context.Context, channel string, m channellayer.Message) error {
	keys := []string{l.names.of(kindQueue, channel), l.names.of(kindNotice, channel)}
	expiry := strconv.FormatInt(l.options.Expiry.Milliseconds(), 10)
	capacity := strconv.Itoa(l.options.CapacityOf(channel))
	body := string(msgpack.Append(make([]byte, 0, m.Size()), m))
	var reply []int64
	err := l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) (err error) {
		reply, err = pushScript.Exec(ctx, client, keys, []string{body, capacity, expiry, publishName(client)}).AsIntSlice()
		return err
	})
	if err == nil && len(reply) != 2 {
		err = errors.New("redis: unexpected answer to push")
	}
	if err != nil {
		l.drop(channellayer.DropUnavailable)
		return err
	}
	l.exchange.Counters.Drop(channellayer.DropExpired, int(reply[1]))
	if reply[0] == 0 {
		l.drop(channellayer.DropFull)
		return channellayer.ErrFull
	}
	return nil
}

// popped is what a look into a normal channel has brought.
type popped struct {
	message channellayer.Message
	found   bool
}

// pop takes the first message of a normal channel. What is malformed is counted
// and skipped.
func (l *Layer) pop(ctx context.Context, channel string) (popped, error) {
	for {
		var reply []rueidis.RedisMessage
		err := l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) (err error) {
			reply, err = popScript.Exec(ctx, client, []string{l.names.of(kindQueue, channel)}, nil).ToArray()
			return err
		})
		if err != nil || len(reply) != 2 {
			return popped{}, err
		}
		expired, _ := reply[0].AsInt64()
		l.exchange.Counters.Drop(channellayer.DropExpired, int(expired))
		body, err := reply[1].ToString()
		if err != nil {
			return popped{}, nil // nil reply: nothing there
		}
		m, err := msgpack.Decode(body)
		if err == nil {
			return popped{m, true}, nil
		}
		l.drop(channellayer.DropMalformed)
	}
}

// lookAgain is how long a reader relies on being woken.
const lookAgain = time.Second

// receiveNormal waits for a message of a normal channel.
func (l *Layer) receiveNormal(ctx context.Context, channel string) (channellayer.Message, error) {
	if l.closed() {
		return channellayer.Message{}, channellayer.ErrClosed
	}
	bell := l.bells.watch(channel)
	defer l.unwatch(channel)
	_ = l.bus.Subscribe(ctx, l.names.of(kindNotice, channel)) // without it we look every second
	timer := time.NewTimer(lookAgain)
	defer timer.Stop()
	for {
		p, err := l.look(ctx, channel)
		if err != nil || p.found {
			bell.ring() // there may be more, for another reader here
			return p.message, err
		}
		timer.Reset(lookAgain)
		select {
		case <-bell.token:
		case <-timer.C:
		case <-ctx.Done():
			return channellayer.Message{}, ctx.Err()
		case <-l.exchange.Done():
			return channellayer.Message{}, channellayer.ErrClosed
		}
	}
}

// look looks for a message, first among those that an abandoned look has left
// here. If ctx ends while Redis is being asked, what it answers is kept for the
// next reader, so that no message goes with a cancelled call.
func (l *Layer) look(ctx context.Context, channel string) (popped, error) {
	if m, ok := l.exchange.Take(channel); ok {
		return popped{m, true}, nil
	}
	if err := ctx.Err(); err != nil {
		return popped{}, err
	}
	answer := make(chan popped, 1)
	l.ended.Go(func() { // ends within the deadline of a command
		p, _ := l.pop(context.WithoutCancel(ctx), channel)
		answer <- p
	})
	select {
	case p := <-answer:
		if p.found {
			l.exchange.Counters.Received.Add(1)
		}
		return p, nil
	case <-ctx.Done():
		l.ended.Go(func() { l.keepForNext(channel, <-answer) })
		return popped{}, ctx.Err()
	}
}

func (l *Layer) keepForNext(channel string, p popped) {
	if !p.found {
		return
	}
	if l.exchange.Send(channel, p.message) != nil {
		l.drop(channellayer.DropClosed)
		return
	}
	l.bells.ring(channel)
}

// unwatch ends a reader's waiting; the subscription lingers for the next.
func (l *Layer) unwatch(channel string) {
	if l.bells.unwatch(channel) {
		l.idle.add(l.names.of(kindNotice, channel), l.options.Now())
	}
}

// bells wake the readers of normal channels in this process.
type bells struct {
	mu   sync.Mutex
	rows map[string]*bell // guarded by mu
}

type bell struct {
	token    chan struct{} // one token: there may be something
	watchers int           // guarded by bells.mu
}

func (b *bell) ring() {
	select {
	case b.token <- struct{}{}:
	default:
	}
}

func (b *bells) watch(channel string) *bell {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rows == nil {
		b.rows = make(map[string]*bell)
	}
	row := b.rows[channel]
	if row == nil {
		row = &bell{token: make(chan struct{}, 1)}
		b.rows[channel] = row
	}
	row.watchers++
	return row
}

// unwatch returns true if that was the last one.
func (b *bells) unwatch(channel string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	row := b.rows[channel]
	row.watchers--
	if row.watchers > 0 {
		return false
	}
	delete(b.rows, channel)
	return true
}

func (b *bells) watched(channel string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rows[channel] != nil
}

func (b *bells) ring(channel string) {
	b.mu.Lock()
	row := b.rows[channel]
	b.mu.Unlock()
	if row != nil {
		row.ring()
	}
}
