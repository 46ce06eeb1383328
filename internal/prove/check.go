package prove

import (
	"fmt"
	"iter"
	"time"
)

// evidence is everything that is known about a run.
type evidence struct {
	epoch     string
	earliest  int64 // what the clocks of nodes may have said, in milliseconds since 1970
	latest    int64
	histories []testimony
	final     final
}

// testimony is one history, and whose it is.
type testimony struct {
	name    string
	user    int64
	file    string
	records iter.Seq2[Record, error]
}

// ref is an event as it was first told.
type ref struct {
	kind   string
	user   int64
	target int64
	key    string
	text   string
	emoji  string
	hash   string
	made   int64 // milliseconds since 1970; of messages
	teller *testimony
}

// roomLog is the log of a room, put together from everybody's histories.
type roomLog struct {
	id      int64
	refs    []ref  // by number; the first is empty
	skipped []bool // by number: somebody was told that it is nothing
	spans   []span
	page    map[int64]*stored // by number
	final   *finalRoom
}

// span is a run of numbers that were delivered to somebody without a hole.
type span struct {
	teller   *testimony
	from, to int64
	granted  int64 // where the room was when the connection was told its place
}

// act is something that somebody wanted.
type act struct {
	Record         // the asking
	end     int64  // microseconds; when the last word was heard
	result  string // replyOK, replyRefused, or empty: never decided
	reply   Record // the last word
	unknown int    // attempts of which nobody knows what became
	event   int64  // the number of the event that it made, if that is known
	by      *testimony
}

// checker compares histories with each other and with the end.
type checker struct {
	findings
	evidence
	logs map[int64]*roomLog
	acts []*act
}

// check reads all histories, once, and tells every way in which a promise is
// broken. An error means that a history could not be read.
func check(e evidence) (findings, []*act, error) {
	c := &checker{evidence: e, logs: map[int64]*roomLog{}}
	for i := range e.final.rooms {
		f := &e.final.rooms[i]
		log := c.log(f.id)
		log.final, log.page = f, map[int64]*stored{}
		for j := range f.messages {
			log.page[f.messages[j].seq] = &f.messages[j]
		}
	}
	for i := range e.histories {
		s := newStream(c, &c.histories[i])
		for r, err := range s.teller.records {
			if err != nil {
				return c.findings, nil, fmt.Errorf("prove: %s: %w", s.teller.file, err)
			}
			s.take(r)
		}
		s.hangUp()
		c.acts = append(c.acts, s.acts...)
	}
	for i := range e.final.rooms {
		c.checkRoom(c.log(e.final.rooms[i].id))
	}
	return c.findings, c.acts, nil
}

func (c *checker) log(room int64) *roomLog {
	log := c.logs[room]
	if log == nil {
		log = &roomLog{id: room, refs: make([]ref, 1), skipped: make([]bool, 1)}
		c.logs[room] = log
	}
	return log
}

// grow makes room for a number.
func (l *roomLog) grow(seq int64) {
	for int64(len(l.refs)) <= seq {
		l.refs, l.skipped = append(l.refs, ref{}), append(l.skipped, false)
	}
}

// tell adds a finding about a room that a record of somebody's shows.
func (c *checker) tell(t *testimony, r Record, kind, format string, values ...any) {
	c.add(Finding{
		Kind: kind, Room: r.Room, Seq: r.Seq, Who: t.name, At: float64(r.At) / 1e6,
		What: fmt.Sprintf(format, values...), File: t.file,
	})
}

// broken adds a finding about a room in which all histories agree.
func (c *checker) broken(log *roomLog, seq int64, kind, format string, values ...any) {
	c.add(Finding{Kind: kind, Room: log.id, Seq: seq, What: fmt.Sprintf(format, values...)})
}

func (c *checker) checkRoom(log *roomLog) {
	log.grow(log.final.head)
	f := c.fold(log)
	c.checkNumbers(log, f)
	c.checkMoments(log)
	c.checkSkipped(log, f)
	c.checkPages(log, f)
	c.checkMembers(log, f)
	c.checkSpans(log, f)
	c.checkActs(log, f)
}

// checkNumbers: the numbers are 1 to the head, each with an event, or with
// one that is gone.
func (c *checker) checkNumbers(log *roomLog, f *folded) {
	if log.final.epoch != c.epoch {
		c.broken(log, 0, kindAltered, "the history has another name: %q, and was %q", log.final.epoch, c.epoch)
	}
	for seq := int64(1); seq < int64(len(log.refs)); seq++ {
		heard := log.refs[seq].kind != ""
		switch {
		case seq > log.final.head && heard:
			c.broken(log, seq, kindLost, "delivered as %s, but the room ends at %d", log.refs[seq].kind, log.final.head)
		case seq <= log.final.head && !heard && !log.skipped[seq]:
			c.broken(log, seq, kindGapped, "nobody ever heard of it")
		}
	}
}

// checkMoments: no message is older than the one before it, whatever the
// clocks say, and none is of a time that no clock has shown.
func (c *checker) checkMoments(log *roomLog) {
	newest := c.earliest
	for seq, one := range log.refs {
		switch {
		case one.kind != "message.created":
			continue
		case one.made < newest:
			c.broken(log, int64(seq), kindReordered, "made at %v, before the message before it, or before the run", moment(one.made))
		case one.made > c.latest:
			c.broken(log, int64(seq), kindAltered, "made at %v, which no clock has shown", moment(one.made))
		}
		newest = max(newest, one.made)
	}
}

func moment(made int64) string { return time.UnixMilli(made).UTC().Format(time.RFC3339Nano) }

// checkSkipped: what is told to be nothing is what a deletion took away.
func (c *checker) checkSkipped(log *roomLog, f *folded) {
	unseen := 0
	for seq := int64(1); seq <= log.final.head; seq++ {
		if !log.skipped[seq] {
			continue
		}
		one := log.refs[seq]
		switch m := log.page[seq]; {
		case one.kind == "" && (m == nil || !m.deleted):
			unseen++
		case one.kind == "", one.kind == "message.created" && m != nil && m.deleted:
		case one.kind == "message.edited" && f.messages[one.target].isDeleted():
		default:
			c.broken(log, seq, kindGapped, "somebody was told that it is nothing, but it is %s", one.kind)
		}
	}
	if unseen > c.editsOfDeleted(log, f) {
		c.broken(log, 0, kindGapped, "%d numbers are told to be nothing, and cannot be edits of deleted messages", unseen)
	}
}

// editsOfDeleted bounds how many edits may be gone that nobody heard of.
func (c *checker) editsOfDeleted(log *roomLog, f *folded) (n int) {
	for _, a := range c.acts {
		if a.Room == log.id && a.Op == opEdit && f.messages[a.Seq].isDeleted() {
			n += 1 + a.unknown
		}
	}
	return n
}
