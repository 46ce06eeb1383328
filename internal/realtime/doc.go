// Package realtime is who is connected to this node, and what they get to
// hear. It accepts sockets, resumes them where they were, and hands every
// event of a room, in order and once, to its members' connections; besides
// that it carries presence and typing, which are never stored.
//
// An event is encoded and framed once and appended to its room's ring. A
// connection is a position in that ring, not a queue: shards write to it what
// is new since, and one that is too slow is closed and resumes.
//
// It stores nothing and decides nothing about rights: the log is read through
// interfaces that it declares, and what a client asks for is done by a use
// case that it is given.
package realtime
