package bridge

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// leaseTime is how long a lease holds that is not renewed. It is renewed every
// roundEvery. A new holder waits for one more round, in which a former one
// that is alive has noticed; so the lease changes hands within leaseTime and
// two rounds.
const leaseTime = 6 * time.Second

func leaseKey(mark string) string { return "pl:bridge:" + mark }

// What leaseScript answers.
const (
	leaseOthers = 0
	leaseOurs   = 1
	leaseTaken  = 2 // it was nobody's and is ours now
)

// leaseScript takes or renews a lease. KEYS: the lease. ARGV: who asks, and
// the life in milliseconds.
var leaseScript = rueidis.NewLuaScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return holder and 1 or 2
`)

// releaseScript gives a lease back. KEYS: the lease. ARGV: who asks.
var releaseScript = rueidis.NewLuaScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

// lease is the right to listen, which one node has at a time. It is fenced by
// time: a node acts on it only until leaseTime after it last asked, by its own
// clock, and after its connection was interrupted only when it has asked again.
type lease struct {
	key string
	own string // who we are
	now func() time.Time

	mu     sync.Mutex
	until  time.Time // guarded by mu; zero: we do not have it
	doubts int       // guarded by mu; how often it was doubted
}

func newLease(key string, now func() time.Time) *lease {
	return &lease{key: key, own: rand.Text(), now: now}
}

// holds tells whether the lease is ours at this moment.
func (l *lease) holds() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now().Before(l.until)
}

// doubt ends the lease here until it is renewed.
func (l *lease) doubt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Time{}
	l.doubts++
}

// renew asks for the lease. Without an answer it goes on until its time.
func (l *lease) renew(ctx context.Context, s server) {
	l.mu.Lock()
	doubts := l.doubts
	l.mu.Unlock()
	asked := l.now()
	answer, err := l.ask(ctx, s)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil, doubts != l.doubts: // the next round asks again
	case answer == leaseOurs:
		l.until = asked.Add(leaseTime)
	default: // not ours, or not for long enough
		l.until = time.Time{}
	}
}

func (l *lease) ask(ctx context.Context, s server) (answer int64, err error) {
	err = s.Do(ctx, func(ctx context.Context, client rueidis.Client) (err error) {
		life := fmt.Sprint(leaseTime.Milliseconds())
		answer, err = leaseScript.Exec(ctx, client, []string{l.key}, []string{l.own, life}).AsInt64()
		return err
	})
	return answer, err
}

// release gives the lease back, so that another node need not wait.
func (l *lease) release(ctx context.Context, s server) error {
	l.doubt()
	return s.Do(ctx, func(ctx context.Context, client rueidis.Client) error {
		return releaseScript.Exec(ctx, client, []string{l.key}, []string{l.own}).Error()
	})
}
