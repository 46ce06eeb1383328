package prove

import "slices"

// stream follows one history: what its owner heard, and what its owner did.
type stream struct {
	*checker
	teller *testimony
	rooms  map[int64]*position
	acts   []*act
	open   *act // what is asked and not decided
}

// position is how far one has heard a room.
type position struct {
	at      int64
	missing []int64 // numbers that were left out; a few
	span    span
}

// finalCodes are those of HTTP and of sockets by which a client learns that it
// did something wrong, or is not signed in any more.
var finalCodes = []string{"400", "401", "403", "1002", "1003", "1007", "1008", "1009", "4001", "4003"}

func newStream(c *checker, t *testimony) *stream {
	return &stream{checker: c, teller: t, rooms: map[int64]*position{}}
}

func (s *stream) take(r Record) {
	switch r.What {
	case recordAsk:
		s.open = &act{Record: r, by: s.teller}
		s.acts = append(s.acts, s.open)
	case recordReply:
		s.answer(r)
	case recordResumed:
		s.resumed(r)
	case recordEvent:
		s.advance(r, r.Seq, r.Seq)
		s.learn(r)
	case recordSkip:
		s.advance(r, r.From, r.Seq)
		s.learnNothing(r)
	case recordRemoved:
		s.leave(r.Room)
	case recordReload:
		s.tell(s.teller, r, kindAltered, "told to reload, though nothing was restored")
		s.place(r.Room, r.Seq, r.Seq)
	case recordEnded:
		s.hangUp()
		if slices.Contains(finalCodes, r.Code) {
			s.tell(s.teller, r, kindRefused, "the connection was ended or refused with %s, which ends a client's tries: %s", r.Code, r.Reason)
		}
	}
}

// hangUp forgets where the rooms are: the next connection says it.
func (s *stream) hangUp() {
	for room := range s.rooms {
		s.leave(room)
	}
}

func (s *stream) answer(r Record) {
	if s.open == nil {
		return
	}
	switch r.Reply {
	case replyUnknown:
		s.open.unknown++
	case replyOK, replyRefused:
		s.open.result, s.open.reply, s.open.end = r.Reply, r, r.At
		s.open = nil
	}
}

// resumed checks the answer to a resume and takes over where the rooms are.
func (s *stream) resumed(r Record) {
	s.hangUp()
	for room, at := range r.Answered {
		one := r
		one.Room, one.Seq = room, at.Seq
		from, named := r.Asked[room]
		switch {
		case at.Epoch != s.epoch:
			s.tell(s.teller, one, kindAltered, "the history has another name: %q, and was %q", at.Epoch, s.epoch)
		case named && from > at.Seq:
			s.tell(s.teller, one, kindLost, "the room ends at %d, though %d was delivered", at.Seq, from)
		case named && at.Reload && at.Seq-from <= replayed:
			s.tell(s.teller, one, kindGapped, "told to reload instead of hearing %d to %d", from+1, at.Seq)
		case !named && !at.Reload:
			s.tell(s.teller, one, kindGapped, "not told to load a room that was not named")
		}
		if !named || at.Reload {
			from = at.Seq
		}
		s.place(room, from, at.Seq)
	}
}

// place begins to hear a room behind a number.
func (s *stream) place(room, after, granted int64) {
	s.leave(room)
	s.rooms[room] = &position{at: after, span: span{teller: s.teller, from: after + 1, to: after, granted: granted}}
}

// leave ends what is heard of a room.
func (s *stream) leave(room int64) {
	if p := s.rooms[room]; p != nil {
		s.keep(room, p)
		delete(s.rooms, room)
	}
}

func (s *stream) keep(room int64, p *position) {
	if p.span.to >= p.span.from {
		log := s.log(room)
		log.spans = append(log.spans, p.span)
	}
}

// advance compares the numbers of a frame with those that are due.
func (s *stream) advance(r Record, from, to int64) {
	p := s.rooms[r.Room]
	if p == nil {
		if r.Op != "member.joined" || r.User != s.teller.user {
			s.tell(s.teller, r, kindExposed, "%s of a room that the person was not told to be in", r.Op)
		}
		s.place(r.Room, from-1, 0)
		p = s.rooms[r.Room]
	}
	switch due := p.at + 1; {
	case from == due:
		p.at, p.span.to = to, to
	case to < due && slices.Contains(p.missing, to):
		s.tell(s.teller, r, kindReordered, "delivered behind %d", p.at)
	case from < due:
		s.tell(s.teller, r, kindDoubled, "delivered again, behind %d", p.at)
	default:
		s.tell(s.teller, r, kindGapped, "delivered where %d was due", due)
		s.jump(r.Room, p, from, to)
	}
}

// jump goes on behind a hole.
func (s *stream) jump(room int64, p *position, from, to int64) {
	s.keep(room, p)
	const most = 1000 // missing numbers that are remembered
	for seq := p.at + 1; seq < from && len(p.missing) < most; seq++ {
		p.missing = append(p.missing, seq)
	}
	p.at, p.span.from, p.span.to = to, from, to
}

// learn takes an event into the room's log, or compares it with how it was
// told before.
func (s *stream) learn(r Record) {
	log := s.log(r.Room)
	if r.Seq < 1 || r.Seq > maxNumber {
		s.tell(s.teller, r, kindAltered, "no number that can be")
		return
	}
	log.grow(r.Seq)
	known := &log.refs[r.Seq]
	switch {
	case known.kind == "":
		*known = ref{r.Op, r.User, r.Target, r.Key, r.Text, r.Emoji, r.Hash, r.Made, s.teller}
	case known.hash != r.Hash:
		s.tell(s.teller, r, kindAltered, "%s %s, but %s heard %s %s", r.Op, r.Hash, known.teller.name, known.kind, known.hash)
	}
}

// maxNumber bounds the numbers that are believed.
const maxNumber = 1 << 30

func (s *stream) learnNothing(r Record) {
	if r.From < 1 || r.Seq > maxNumber {
		s.tell(s.teller, r, kindAltered, "numbers that cannot be")
		return
	}
	log := s.log(r.Room)
	log.grow(r.Seq)
	for seq := r.From; seq <= r.Seq; seq++ {
		log.skipped[seq] = true
	}
}
