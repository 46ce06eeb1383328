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

// How a call of the script treats what is there.
const (
	keepOlder = "keep"
	dropOlder = "drop"
)

// appendScript extends a run. KEYS: the stream. ARGV: what to do with older
// entries, number of events to keep, life in seconds, number of the first
// entry, then the entries. It returns whether there was no hole, and the
// newest number.
var appendScript = rueidis.NewLuaScript(`
local key, first, given = KEYS[1], tonumber(ARGV[4]), #ARGV - 4
local function id(seq) return string.format('%.0f-0', seq) end
local newest = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
local top = newest and tonumber(string.match(newest[1], '^%d+'))
if top and first > top + 1 then
  if ARGV[1] == 'keep' then return {0, top} end
  top = nil
end
if not top then
  redis.call('DEL', key)
  top = first - 1
end
for seq = top + 1, first + given - 1 do
  redis.call('XADD', key, 'MAXLEN', '~', ARGV[2], id(seq), 'e', ARGV[seq - first + 5])
end
if ARGV[1] == 'drop' then redis.call('XTRIM', key, 'MINID', id(first)) end
redis.call('EXPIRE', key, ARGV[3])
return {1, math.max(top, first + given - 1)}
`)

// Append adds entries; see window.Window. With an error some of them may have
// been added.
func (w *Window) Append(ctx context.Context, room chat.RoomID, entries []window.Entry) (top chat.Seq, err error) {
	return w.extend(ctx, room, entries, keepOlder)
}

// Restart replaces what is old; see window.Window. With an error some of the
// entries may have been added.
func (w *Window) Restart(ctx context.Context, room chat.RoomID, entries []window.Entry) (top chat.Seq, err error) {
	return w.extend(ctx, room, entries, dropOlder)
}

func (w *Window) extend(ctx context.Context, room chat.RoomID, entries []window.Entry, older string) (top chat.Seq, err error) {
	for len(entries) > 0 {
		n := chunk(entries)
		if top, err = w.extendBy(ctx, room, entries[:n], older); err != nil {
			return top, err
		}
		entries, older = entries[n:], keepOlder
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

// extendBy makes one call of the script.
func (w *Window) extendBy(ctx context.Context, room chat.RoomID, entries []window.Entry, older string) (top chat.Seq, err error) {
	key := w.key(room)
	args := make([]string, 0, 4+len(entries))
	args = append(args, older, w.events, w.life, strconv.FormatInt(int64(entries[0].Seq), 10))
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
