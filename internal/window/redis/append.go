package redis

import (
	"context"
	"errors"
	"strconv"

	"github.com/redis/rueidis"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/window"
)

// What one call of the script takes at most; further entries go into further
// calls. Redis does nothing else while a script runs.
const (
	maxEntries = 64
	maxBytes   = 256 << 10 // and one entry more
)

// appendScript extends a run. KEYS: the stream. ARGV: number of events to
// keep, life in seconds, number of the first entry, then the entries. It
// returns whether there was no hole, and the newest number.
var appendScript = rueidis.NewLuaScript(`
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local seq = tonumber(ARGV[3])
local top = newest and tonumber(string.match(newest[1], '^%d+')) or seq - 1
if seq > top + 1 then return {0, top} end
local last = seq + #ARGV - 4
if last <= top then return {1, top} end
for i = top + 1, last do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], string.format('%.0f-0', i), 'e', ARGV[i - seq + 4])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {1, last}
`)

// forgetScript drops the front of a run. KEYS: the stream. ARGV: the first id
// that stays. An empty stream would remember its last id, so that goes too.
var forgetScript = rueidis.NewLuaScript(`
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[1])
if redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[1]) end
return 1
`)

// Append adds entries; see window.Window. With an error some of them may have
// been added.
func (w *Window) Append(ctx context.Context, room chat.RoomID, entries []window.Entry) (top chat.Seq, err error) {
	for len(entries) > 0 {
		n := chunk(entries)
		if top, err = w.appendChunk(ctx, room, entries[:n]); err != nil {
			return top, err
		}
		entries = entries[n:]
	}
	return top, nil
}

// chunk is how many of the entries one call takes.
func chunk(entries []window.Entry) (n int) {
	for size := 0; n < len(entries) && n < maxEntries && size < maxBytes; n++ {
		size += len(entries[n].JSON)
	}
	return n
}

func (w *Window) appendChunk(ctx context.Context, room chat.RoomID, entries []window.Entry) (top chat.Seq, err error) {
	key := w.key(room)
	args := make([]string, 0, 3+len(entries))
	args = append(args, w.events, w.life, strconv.FormatInt(int64(entries[0].Seq), 10))
	for _, e := range entries {
		args = append(args, w.sealed(room, e))
	}
	var reply []int64
	err = w.ask(ctx, func(ctx context.Context, client rueidis.Client) (err error) {
		reply, err = appendScript.Exec(ctx, client, []string{key}, args).AsIntSlice()
		return err
	})
	var refusal *rueidis.RedisError
	if errors.As(err, &refusal) {
		_ = w.Drop(ctx, room) // what cannot be extended is only in the way
	}
	switch {
	case err != nil:
		return 0, err
	case len(reply) != 2:
		return 0, errReply
	case reply[0] == 0:
		w.stats.holes.Add(1)
		return chat.Seq(reply[1]), window.ErrHole
	}
	w.stats.appended.Add(uint64(len(entries)))
	return chat.Seq(reply[1]), nil
}
