// Package redis is the channel layer of several processes over Redis 6.2 or
// later: a single server, a master watched by sentinels, or (from Redis 7) a
// cluster with sharded pub/sub.
//
// # How it works
//
// Groups are pub/sub channels. A process subscribes to a group while one of its
// channels is in it, and for half a minute longer; GroupSend delivers to the
// members of its own process directly and publishes once for all others,
// however many there are. There are no membership keys, so nothing can go
// stale: a process that dies is unsubscribed by its connection's end.
//
// Specific channels share one pub/sub channel per process, subscribed from the
// start. Send publishes to it, in a small script that first looks whether the
// receiving process has said that it is full. That message is short-lived, so
// ErrFull is exact within a process and follows within a round trip between
// processes; what overflows before is dropped and counted by the receiver.
//
// Normal channels are Redis lists with a capacity, kept by scripts. A reader
// takes one message at a time; readers that wait are woken over pub/sub. A list
// that nobody touches for twice the expiry disappears, and its messages, all
// long expired, are then not counted.
//
// # Losses
//
// Pub/sub forgets what it cannot deliver at once: everything that is published
// while a subscriber is away. Every process numbers what it sends to each
// group and process, so receivers count the gaps (DropLost), at the latest a
// few seconds after a sender has fallen silent. Options.OnState tells a program
// when the bus comes and goes, so that it can look up what it may have missed.
//
// # Connections
//
// One subscriber and one pipelined command connection per master; a further one
// is opened for nothing. Commands have a deadline of a second, and after a few
// missed ones fail at once. A subscription that hears nothing for two seconds is
// probed by a message of its own; if that does not come back within two more,
// it is dropped and dialled anew.
//
// # Names in Redis
//
// All begin with "pl:" (or "pl:<namespace>:"), followed by a tag in braces that
// spreads them over the slots of a cluster:
//
//	pl:{tag}:g:<group>      pub/sub: messages to a group
//	pl:{tag}:p:<process>    pub/sub: messages to channels of a process
//	pl:{tag}:n:<channel>    pub/sub: there is something in a normal channel
//	pl:{tag}:probe:<process> pub/sub: probes
//	pl:{tag}:q:<channel>    list: messages of a normal channel
//	pl:{tag}:full:<part>    string: this non-local part is full
//
// Pub/sub does not know database numbers. Deployments that share a server need
// different namespaces.
package redis
