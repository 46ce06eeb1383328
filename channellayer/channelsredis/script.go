package channelsredis

import (
	"crypto/sha1"
	"encoding/hex"

	"github.com/redis/rueidis"
)

// All scripts name their one key, and take the time from the server: scores are
// seconds with a fraction, as Python writes them, but of one clock.
const serverTime = `
local t = redis.call('TIME')
local now = t[1] .. '.' .. string.format('%06d', t[2])
`

// addScript puts a member into a channel. KEYS: channel. ARGV: member, capacity,
// expiry in seconds. It returns whether there was room, and how many expired
// members were removed.
const addText = serverTime + `
local expired = redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, t[1] - ARGV[3])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return {0, expired} end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {1, expired}
`

var addScript = rueidis.NewLuaScript(addText)

// addSHA names addScript in a pipeline of many.
var addSHA = func() string {
	sum := sha1.Sum([]byte(addText))
	return hex.EncodeToString(sum[:])
}()

// joinScript puts a member into a group. KEYS: group. ARGV: channel, group
// expiry in seconds.
var joinScript = rueidis.NewLuaScript(serverTime + `
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
`)

// membersScript returns the members of a group, without those that have not
// been renewed. KEYS: group. ARGV: group expiry in seconds.
var membersScript = rueidis.NewLuaScript(serverTime + `
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, t[1] - ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)
`)

// closeScript removes a channel and returns how many messages were in it.
var closeScript = rueidis.NewLuaScript(`
local n = redis.call('ZCARD', KEYS[1])
redis.call('UNLINK', KEYS[1])
return n
`)
