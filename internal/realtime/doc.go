// Package realtime is who is connected to this node, and what they get to
// hear. It owns the sockets, the newest events of the rooms that somebody
// here is in, and the ways in and out between them. It decides nothing about
// chat: what is allowed, stored and numbered is asked of the interface Chat,
// and who is signed in, and from which origin, is settled before Accept.
//
// # An event's way
//
// Events come in by Hub.Committed, from this node's committer, or as hints
// over the channel layer, from other nodes; both are offered to the room
// (room.go, part.go). The next one is appended to the room's ring (ring.go) as a
// finished WebSocket frame, once for everybody. One from further on waits for
// those before it, which are fetched after a moment from the window or the
// database (repair.go). A hint is only a hint: heads are compared with the
// database every few seconds, so hints may be lost, doubled or late.
//
// Outside of the committer a few outboxes (outbox.go) bring the events to the
// window and, as hints (hint.go), to the other nodes. What nodes tell each
// other is marked (seal.go): a message that no node of ours has made is at
// most a reason to compare a head.
//
// # Shards
//
// Each connection belongs to one shard (shard.go, pass.go), a goroutine that alone
// writes to it and alone knows its seats. Of each room a shard has a part:
// the members that are its own, and one position in the ring for all of them.
// A pass takes the bytes from there to the end and gives the same slice to
// every member with one write that does not wait. While a pass runs, events
// gather for the next, so batches grow with the load; in large rooms they also
// do so after it, for as long as it took, up to Timing.Gather.
//
// A connection that keeps up therefore has no buffer, no timer and no writing
// goroutine. Nor has it one that reads, but while something comes in: it is
// parked (park.go, park_linux.go), and one goroutine waits for all that are.
// Where that cannot be, on other systems than Linux or with a socket that does
// not show its descriptor, a reader is blocked on a frame's header (reader.go,
// inbound.go).
//
// # Laggards
//
// A socket that does not take everything at once, or a resume from further
// back than the ring goes, makes the connection a laggard (laggard.go, cursor.go): a
// goroutine with a cursor for each room writes, waiting for the socket, what
// is missing, from the ring, else the window, else the database. When nothing
// is missing the shard takes the connection back at exactly the position of
// its parts: no event is left out or repeated. No progress for ten seconds,
// or more than 10,000 events behind in a room, ends the connection with 4008.
//
// # Joining and leaving
//
// A join or a leave puts a mark into the room's log, just before the event
// that says so, or just after it. A pass stops at marks and seats or unseats
// the person's connections there, so batching never shows anybody an event
// from before their join or after their leave. A connection about to resume
// reads its list of rooms while marks go by; they are kept with it, and if
// one contradicts the list the list is read again (seat.go, resume.go). Who
// resumes sits down at the position that the part has reached, with what they
// have missed until there; the rest comes with the next pass, and no pass is made
// for them unless they are ahead or something lies on the way. News
// of a join through another node may be lost, so people's rooms are compared
// with their seats every minute (absent.go).
//
// # Presence
//
// Who is connected is asked of the shards for the rooms that somebody watches
// (presence.go), and of the other nodes, whose answers hold for a while
// (elsewhere.go). While the layer is down people of other nodes therefore
// vanish from the lists.
//
// # Locks
//
// Hub.mu guards the map of active rooms, room.mu one room's log, shard.mu a
// shard's inbox, and people, presence, each outbox and counters have one.
// Under room.mu and presence.mu only that of people is taken, under the
// others none. No lock is held while writing to a socket or asking the
// database, the window or the layer.
//
// # Another history
//
// The epoch names one history of the database. When it is another one, by a
// restore or the promotion of a standby, the hub turns (epoch.go): rooms,
// window, hints and what waits in outboxes belong to an era, and nothing gets
// from one into the next. Everybody is told to reload, and sits where they are
// in the new history. A hub or a window that is ahead of the database is how
// a loss is noticed that the store did not see.
//
// # Events that not everybody may see
//
// An event may name who sees it. All others get a skip with its number: from
// the ring (veil.go), from the window and from the database alike.
//
// # What is not here
//
// Writes that do not wait need a system with Unix descriptors.
package realtime
