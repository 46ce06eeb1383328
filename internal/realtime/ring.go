package realtime

import (
	"cmp"
	"sort"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
)

// How much of a room's log a ring keeps, unless told otherwise. Readers that
// shards serve may hold it back up to ringSlack times as much; then they are
// left behind.
const (
	ringEvents = 1024
	ringBytes  = 1 << 20
	ringSlack  = 8
	minChunk   = 1 << 10
	maxChunk   = 64 << 10
)

// ring holds a room's newest events as finished frames, back to back in
// chunks that are only ever appended to, so that any suffix is one or few
// slices which all connections share. An offset counts bytes since the room
// became active here. It is guarded by the lock of its room.
type ring struct {
	keep   int // events; 0 stands for ringEvents
	chunks []chunk
	starts []int64  // offsets of the frames first to head
	first  chat.Seq // the oldest frame, head+1 when there is none
	floor  chat.Seq // the oldest frame that may be replayed: older ones may hold deleted text
	head   chat.Seq
	erased chat.Seq // the newest event that may have deleted some text
	end    int64    // offset behind the newest frame
	sealed bool     // the next frame starts a chunk of its own
	veils  []veil   // the frames that not everybody may see, oldest first: mostly none
}

type chunk struct {
	start int64
	first chat.Seq
	buf   []byte // whole frames
}

// reset empties the ring; the next event is head+1.
func (r *ring) reset(head chat.Seq) {
	*r = ring{keep: r.keep, first: head + 1, floor: head + 1, head: head, erased: head, end: r.end}
}

// append adds the event head+1 and returns its JSON inside the ring.
func (r *ring) append(json []byte) []byte {
	size := headerSize(len(json)) + len(json)
	c := r.chunkFor(size)
	c.buf = appendFrame(c.buf, json)
	r.starts = append(r.starts, r.end)
	r.head++
	r.end += int64(size)
	return c.buf[len(c.buf)-len(json) : len(c.buf) : len(c.buf)]
}

// chunkFor gives a chunk with room for size bytes.
func (r *ring) chunkFor(size int) *chunk {
	next := minChunk
	if n := len(r.chunks); n > 0 {
		last := &r.chunks[n-1]
		if !r.sealed && cap(last.buf)-len(last.buf) >= size {
			return last
		}
		next = min(2*cap(last.buf), maxChunk)
	}
	r.sealed = false
	r.chunks = append(r.chunks, chunk{start: r.end, first: r.head + 1, buf: make([]byte, 0, max(next, size))})
	return &r.chunks[len(r.chunks)-1]
}

// redact forbids the replay of all that is in the ring: the event appended
// next deletes some of it.
func (r *ring) redact() {
	r.floor = r.head + 1
	r.erased = r.head + 1
	r.sealed = true
}

// offset is where the frame seq starts, or will start if it is head+1.
func (r *ring) offset(seq chat.Seq) int64 {
	if seq > r.head {
		return r.end
	}
	return r.starts[seq-r.first]
}

// begin is the offset of the oldest frame.
func (r *ring) begin() int64 { return r.offset(r.first) }

// replays reports whether what follows on after can be read here.
func (r *ring) replays(after chat.Seq) bool {
	return after+1 >= r.floor && after+1 >= r.first && after <= r.head
}

// read gives the bytes from one offset up to another, at most to the end of
// a chunk, and the number of the last frame in them. Both offsets are those
// of frames, and from lies inside the ring.
func (r *ring) read(from, to int64) ([]byte, chat.Seq) {
	i := len(r.chunks) - 1
	for r.chunks[i].start > from {
		i--
	}
	c := &r.chunks[i]
	if stop := c.start + int64(len(c.buf)); to >= stop {
		return c.buf[from-c.start : len(c.buf) : len(c.buf)], r.lastOf(i)
	}
	return c.buf[from-c.start : to-c.start : to-c.start], r.before(to)
}

// lastOf is the number of the last frame of chunk i.
func (r *ring) lastOf(i int) chat.Seq {
	if i+1 < len(r.chunks) {
		return r.chunks[i+1].first - 1
	}
	return r.head
}

// before is the number of the frame that ends at offset.
func (r *ring) before(offset int64) chat.Seq {
	i := sort.Search(len(r.starts), func(i int) bool { return r.starts[i] >= offset })
	return r.first + chat.Seq(i) - 1
}

// trim drops what is beyond the bounds of the ring or below its floor, but
// keeps what lies behind slowest for its reader, within ringSlack.
func (r *ring) trim(slowest int64) {
	drop := 0
	for drop < len(r.starts) && r.old(drop, slowest) && planted.Bug != planted.RingEndless {
		drop++
	}
	if drop == 0 {
		return
	}
	r.starts = r.starts[drop:]
	r.first += chat.Seq(drop)
	r.unveil()
	begin, passed := r.begin(), 0
	for passed < len(r.chunks) && r.chunks[passed].start+int64(len(r.chunks[passed].buf)) <= begin {
		passed++
	}
	r.release(passed)
}

// release lets go of the first n chunks, at once and not when append copies.
func (r *ring) release(n int) {
	clear(r.chunks[:n])
	r.chunks = r.chunks[n:]
	if len(r.chunks) == 0 {
		r.chunks, r.starts = nil, nil
	}
}

// old reports whether frame first+i is to be dropped.
func (r *ring) old(i int, slowest int64) bool {
	events, bytes := len(r.starts)-i, r.end-r.starts[i]
	keep := cmp.Or(r.keep, ringEvents)
	if events > ringSlack*keep || bytes > ringSlack*ringBytes {
		return true
	}
	if r.starts[i] >= slowest {
		return false
	}
	return r.first+chat.Seq(i) < r.floor || events > keep || bytes > ringBytes
}
