// Package channellayer is the contract by which the parts of a program, and
// the processes of a service, send each other messages: what Django Channels
// calls a channel layer.
//
// A channel is a mailbox with a name. A group is a named set of channels. A
// message is a small map from text keys to typed values. Whoever knows the
// name of a channel may send to it, and whoever knows the name of a group may
// send to all of its channels, in this process and in others:
//
//	ch, _ := layer.NewChannel(ctx, "")
//	_ = layer.GroupAdd(ctx, "room.7", ch)
//	_ = layer.GroupSend(ctx, "room.7", channellayer.NewMessage(
//		channellayer.Text("type", "chat.message"),
//		channellayer.Text("text", "hello"),
//	))
//	_, msg, _ := layer.Receive(ctx, ch)
//
// This package owns the contract: the interface [Layer], the messages, names,
// errors, limits and counters. It sends nothing itself. The backends are
//
//   - channellayer/memory: one process;
//   - channellayer/redis: several processes over Redis, Sentinel or Cluster;
//   - channellayer/channelsredis: speaks the formats of Python's
//     channels_redis, so that Go and Django share channels and groups.
//
// Package channellayer/layertest holds the suite that every backend passes.
//
// # What is promised
//
// At most once. No message is handed out twice, and no message is handed to
// two readers of one channel. A message can be lost: a layer is for hints,
// presence and signals, and whatever must not be lost needs a number and a
// place to read it again.
//
// Losses are counted. Every message that a backend drops is counted once, with
// its reason, in [Stats].
//
// Order. Messages from one sender to one name (a channel, or a group) reach
// one reader in the order in which they were sent. No clock is involved.
//
// Nothing waits without limit. Every call that can wait takes a context and
// has a deadline of its own; a backend that has lost its bus answers
// [ErrUnavailable].
//
// Messages are immutable. All local receivers of a group message share one
// [Message], which costs nothing per receiver and which nobody can alter.
//
// # Channels
//
// A specific channel, made by [Layer.NewChannel], belongs to one process and
// is read there only. Its name has an exclamation mark. The part up to and
// including it, the non-local part, is common to all channels of that process
// with the same prefix, so Receive on that part takes the next message of any
// of them:
//
//	name, msg, err := layer.Receive(ctx, channellayer.NonLocal(ch))
//
// A normal channel has no exclamation mark and needs no making. Any process may
// read it, and each message goes to exactly one reader, as in a work queue.
//
// Specific channels exist until [Layer.Close] or Shutdown. Messages to a
// channel that does not exist are dropped and counted, never kept.
//
// # Limits
//
// Names are 1 to 99 ASCII letters, digits, hyphens, underscores and full
// stops. A message is 1 MiB at most. A non-local part holds a number of
// messages that nobody has read yet ([Options.Capacity]): beyond it Send
// returns [ErrFull], and GroupSend passes over that channel and counts it.
// Messages expire after a minute, both while they wait for a place and while
// they wait for a reader.
//
// Membership in a group is a lease: a backend renews the leases of its own
// channels for as long as the process lives, so a living channel never ages
// out and those of a dead process vanish.
package channellayer
