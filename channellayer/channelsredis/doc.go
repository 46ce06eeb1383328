// Package channelsredis is a channel layer that shares channels and groups with
// programs that use Python's channels_redis (4.x), so that a Django process and
// a Go process can sit in the same group. It speaks both of its formats:
//
//   - core (NewCore), of RedisChannelLayer: messages wait in Redis, with
//     capacity and expiry;
//   - pub/sub (NewPubSub), of RedisPubSubChannelLayer: nothing waits in Redis.
//
// Where only Go programs take part, use channellayer/redis: it loses less and
// costs less.
//
// # What is like Python's
//
// Names of keys and pub/sub channels, MessagePack bodies, encryption with
// rotating keys (Fernet), the capacity of 100 and the times of expiry.
//
// # What is different on purpose
//
// In core format the members that a group has in this process share one member
// in Redis, so what a group send costs depends on processes and not on sockets.
// A message for this process itself does not go through Redis. Group
// memberships of this process are renewed for as long as it lives, and put back
// when Redis has lost them. Scores are Redis's own time, so that a process with
// a wrong clock does no harm. Messages are taken out with plain pops: Python's
// in-flight lists, which hand messages out twice when several processes read one
// channel, are not used. One malformed message is counted and skipped.
//
// In pub/sub format a group message comes back to its sender's process through
// Redis, because nothing in the format tells who sent it. With Redis away,
// members in the same process get nothing either.
//
// # What is refused
//
// Core format on several hosts: Python looks for a message to a specific channel
// on another host than the one it was sent to. Encryption in pub/sub format,
// unless it is confirmed that the peers encrypt as well: channels_redis before
// 4.2.1 accepts the keys and sends plain text. The JSON serializer. Normal
// channels in pub/sub format, which has no queues.
//
// Whoever can write to that Redis can send any message to any channel; what a
// message claims about its sender proves nothing.
package channelsredis
