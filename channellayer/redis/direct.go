package redis

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/channellayer"
)

// sendScript publishes unless the receiver has said that it is full.
// KEYS: full mark, pub/sub channel. ARGV: publishing command, payload.
// It returns -1 for full, else the number of subscribers.
var sendScript = rueidis.NewLuaScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return -1 end
return redis.call(ARGV[1], KEYS[2], ARGV[2])
`)

// sendDirect sends to a specific channel of another process.
func (l *Layer) sendDirect(ctx context.Context, process, channel string, m channellayer.Message) error {
	destination := l.names.of(kindProcess, process)
	full := l.names.tagged(process, kindFull, channellayer.NonLocal(channel))
	payload := encodeFrame(frameDirect, l.process, l.sent.next(destination), channel, m)
	var receivers int64
	err := l.bus.Command(ctx, func(ctx context.Context, client rueidis.Client) (err error) {
		receivers, err = sendScript.Exec(ctx, client, []string{full, destination}, []string{publishName(client), payload}).AsInt64()
		return err
	})
	switch {
	case err != nil:
		return l.failed(destination, err)
	case receivers < 0:
		l.sent.fail(destination)
		l.drop(channellayer.DropFull)
		return channellayer.ErrFull
	case receivers == 0:
		l.sent.fail(destination)
		l.drop(channellayer.DropNoReader)
	}
	return nil
}

func publishName(client rueidis.Client) string {
	if client.Mode() == rueidis.ClientModeCluster {
		return "SPUBLISH"
	}
	return "PUBLISH"
}

// A full mark lives for markFor and is renewed every markAgain, so that it does
// not outlive a process that dies.
const (
	markFor    = 2 * time.Second
	markAgain  = time.Second
	drainCheck = 20 * time.Millisecond
)

// pressure knows which non-local parts are marked as full.
type pressure struct {
	mu    sync.Mutex
	parts map[string]struct{} // guarded by mu
}

func (p *pressure) begin(part string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.parts[part]; ok {
		return false
	}
	if p.parts == nil {
		p.parts = make(map[string]struct{})
	}
	p.parts[part] = struct{}{}
	return true
}

func (p *pressure) end(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.parts, part)
}

// press marks a part as full until it has drained to half of its capacity. The
// goroutine it starts, at most one per part, ends then or with the layer.
func (l *Layer) press(part string) {
	if !l.pressed.begin(part) {
		return
	}
	l.ended.Go(func() {
		defer l.pressed.end(part)
		l.holdMark(part)
	})
}

func (l *Layer) holdMark(part string) {
	key := l.names.tagged(l.exchange.Process(), kindFull, part)
	tick := time.NewTicker(drainCheck)
	defer tick.Stop()
	var marked time.Time
	for !l.exchange.HasRoom(part) {
		if time.Since(marked) >= markAgain {
			l.mark(key, true)
			marked = time.Now()
		}
		select {
		case <-tick.C:
		case <-l.exchange.Done():
			return
		}
	}
	l.mark(key, false)
}

// mark sets or removes a full mark. If that fails, the mark expires by itself,
// or senders learn later that there is no room.
func (l *Layer) mark(key string, set bool) {
	_ = l.bus.Command(context.Background(), func(ctx context.Context, client rueidis.Client) error {
		if !set {
			return client.Do(ctx, client.B().Unlink().Key(key).Build()).Error()
		}
		life := strconv.FormatInt(markFor.Milliseconds(), 10)
		return client.Do(ctx, client.B().Arbitrary("SET").Keys(key).Args("1", "PX", life).Build()).Error()
	})
}
