package realtime

import (
	"slices"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/planted"
	"github.com/parley-chat/parley/internal/window"
	"github.com/parley-chat/parley/internal/wire"
)

// veil is over a frame of a ring that only some may see: all others get a skip
// in its place, so that their numbers have no hole either. Rooms without such
// events, which are nearly all, pay for it with one look at an empty list in
// each pass.
type veil struct {
	seq        chat.Seq
	start, end int64 // offsets of the frame
	only       []chat.UserID
	skip       []byte // the frame for all others
}

// hidesFrom reports whether the person gets the skip. A veil that is not there
// hides nothing.
func (v *veil) hidesFrom(user chat.UserID) bool {
	return v != nil && !slices.Contains(v.only, user) && planted.Bug != planted.VeilLifted
}

// veil hides the newest frame, which starts at start, from all but some.
func (r *ring) veil(room chat.RoomID, start int64, only []chat.UserID) {
	skip := appendFrame(nil, wire.AppendSkip(nil, room, r.head, r.head))
	r.veils = append(r.veils, veil{seq: r.head, start: start, end: r.end, only: only, skip: skip})
}

// unveil forgets the veils of frames that were dropped.
func (r *ring) unveil() {
	for len(r.veils) > 0 && r.veils[0].seq < r.first {
		r.veils = r.veils[1:]
	}
}

// veilFrom says how far one may read from an offset without a change of who
// may see it: a veiled frame, for which v is given, is read alone.
func (r *ring) veilFrom(from, to int64) (v *veil, stop int64) {
	for i := range r.veils {
		switch veiled := r.veils[i]; {
		case veiled.start == from:
			return &veiled, min(to, veiled.end)
		case veiled.start > from:
			return nil, min(to, veiled.start)
		}
	}
	return nil, to
}

// serveVeiled writes a frame to those who may see it, and a skip to all others.
func (s *shard) serveVeiled(p *part, piece span) {
	members := p.members
	for _, hidden := range []bool{false, true} {
		if hidden && planted.Bug == planted.SkipLeftOut {
			break
		}
		p.members = nil
		for _, c := range members {
			if piece.veil.hidesFrom(c.user()) == hidden {
				p.members = append(p.members, c)
			}
		}
		s.serve(p, piece)
		piece.bytes = piece.veil.skip
	}
	p.members = members
}

// shownTo is what a person gets of an entry: its event, or a skip.
func shownTo(user chat.UserID, room chat.RoomID, e window.Entry) []byte {
	only := wire.AudienceOf(e.JSON)
	if len(only) == 0 || slices.Contains(only, user) {
		return e.JSON
	}
	return wire.AppendSkip(nil, room, e.Seq, e.Seq)
}
