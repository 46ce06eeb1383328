package prove

import (
	"cmp"
	"slices"
)

// checkMembers: who is in the room is who the events say.
func (c *checker) checkMembers(log *roomLog, f *folded) {
	listed := map[int64]bool{}
	for _, user := range log.final.members {
		listed[user] = true
		if !f.members[user] {
			c.broken(log, 0, kindInvented, "person %d is listed as a member, by no event", user)
		}
	}
	for user, in := range f.members {
		if in && !listed[user] {
			c.broken(log, 0, kindLost, "person %d joined, and is not listed as a member", user)
		}
	}
}

// checkSpans: nobody hears what is said while they are out, unless they are
// let in again, which opens the room's past to them.
func (c *checker) checkSpans(log *roomLog, f *folded) {
	for _, s := range log.spans {
		for seq := s.from; seq <= s.to; seq++ {
			if until, may := covers(f.stays[s.teller.user], seq, s.granted); may {
				seq = until
				continue
			}
			c.tell(s.teller, Record{Room: log.id, Seq: seq}, kindExposed, "delivered to somebody who was not in the room")
			break
		}
	}
}

// covers tells whether an event may be delivered, and up to which number that
// stays so. Granted is where the room was when the connection was told its
// place in it: what was before a joining that it knows of may be heard.
func covers(stays []stay, seq, granted int64) (until int64, may bool) {
	for _, one := range stays {
		switch {
		case seq >= one.from && (one.to == 0 || seq <= one.to):
			if one.to == 0 {
				return maxNumber, true
			}
			return one.to, true
		case seq < one.from && one.from <= granted:
			return one.from - 1, true
		}
	}
	return 0, false
}

// isIn tells whether somebody is a member when a number is given.
func isIn(stays []stay, seq int64) bool {
	return slices.ContainsFunc(stays, func(one stay) bool { return seq >= one.from && (one.to == 0 || seq <= one.to) })
}

// inRoom is one person in one room.
type inRoom struct {
	user, room int64
}

// checkActs: what was acknowledged is there, once, in its order.
func (c *checker) checkActs(log *roomLog, f *folded) {
	unsure, asked, mine := map[inRoom]bool{}, map[origin]*act{}, []*act{}
	for _, a := range c.acts {
		if a.Room != log.id {
			continue
		}
		mine = append(mine, a)
		if (a.Op == opJoin || a.Op == opLeave) && (a.unknown > 0 || a.result == "") {
			unsure[inRoom{a.by.user, a.Room}] = true
		}
		if a.Op == opSend || a.Op == opTrespass {
			asked[origin{a.by.user, a.Key}] = a
		}
	}
	for _, a := range mine {
		c.checkAct(log, f, a, unsure[inRoom{a.by.user, a.Room}])
	}
	c.checkSent(log, f, asked)
	c.checkOpinions(log, f, mine)
	c.checkWhereabouts(f, mine, unsure)
	c.checkTime(mine)
}

// checkAct judges one act by itself. Unsure: a joining or leaving of the same
// person may have happened late.
func (c *checker) checkAct(log *roomLog, f *folded, a *act, unsure bool) {
	switch {
	case a.Op == opPeek || a.Op == opTrespass:
		if a.result == replyOK && !unsure {
			c.tell(a.by, a.asTold(), kindExposed, "%s into a room that the person is not in was granted", a.Op)
		}
	case a.result == replyRefused:
		c.checkRefusal(f, a, unsure)
	case a.result != replyOK:
	case a.Op == opSend:
		c.checkSend(log, a)
	case a.Op == opEdit:
		c.checkEdit(f, a)
	case a.Op == opDelete:
		c.checkDelete(f, a)
	case a.Op == opRead:
		if marks, in := c.final.reads[a.by.user][a.Room]; in && marks < a.Seq {
			c.tell(a.by, a.asTold(), kindLost, "the read mark is at %d", marks)
		}
	case a.Op == opLook || a.Op == opAgain:
		if a.reply.Seq != a.Seq {
			c.tell(a.by, a.asTold(), kindAltered, "acknowledged as %d, and now said to be %d", a.Seq, a.reply.Seq)
		}
	}
}

// asTold is where in the history the act stands.
func (a *act) asTold() Record { return Record{Room: a.Room, Seq: max(a.Seq, a.reply.Seq), At: a.end} }

func (c *checker) checkRefusal(f *folded, a *act, unsure bool) {
	deleted := f.messages[a.Seq].isDeleted()
	switch {
	case unsure:
	case (a.Op == opReact || a.Op == opUnreact) && deleted:
	case a.Op == opEdit && deleted && a.unknown > 0:
	case a.Op == opLook:
		c.tell(a.by, a.asTold(), kindStale, "acknowledged, and not found: %s %s", a.reply.Code, a.reply.Reason)
	default:
		c.tell(a.by, a.asTold(), kindRefused, "%s was refused: %s %s", a.Op, a.reply.Code, a.reply.Reason)
	}
}

func (c *checker) checkSend(log *roomLog, a *act) {
	seq := a.reply.Seq
	a.event = seq
	m := log.page[seq]
	switch {
	case m == nil:
		c.tell(a.by, a.asTold(), kindLost, "message %q was acknowledged, and is not stored", a.Key)
	case m.user != a.by.user || m.key != a.Key:
		c.tell(a.by, a.asTold(), kindLost, "message %q was acknowledged, and the number is person %d's %q", a.Key, m.user, m.key)
	case !m.deleted && !m.edited && m.text != a.Text:
		c.tell(a.by, a.asTold(), kindAltered, "message %q was sent as %s, and is stored as %s", a.Key, a.Text, m.text)
	}
}

func (c *checker) checkEdit(f *folded, a *act) {
	made := f.edits[version{a.Seq, a.Text}]
	switch {
	case len(made) == 0 && !f.messages[a.Seq].isDeleted():
		c.tell(a.by, a.asTold(), kindLost, "an edit was acknowledged, and there is no event of it")
	case len(made) > 1+a.unknown:
		c.tell(a.by, a.asTold(), kindDoubled, "an edit became the events %v", made)
	case len(made) == 1 && a.unknown == 0:
		a.event = made[0]
	}
}

func (c *checker) checkDelete(f *folded, a *act) {
	made := f.deletes[a.Seq]
	switch {
	case len(made) == 0:
		c.tell(a.by, a.asTold(), kindLost, "a deletion was acknowledged, and there is no event of it")
	case len(made) > 1:
		c.tell(a.by, a.asTold(), kindDoubled, "a deletion became the events %v", made)
	case a.unknown == 0:
		a.event = made[0]
	}
}

// checkSent: what the log says was said was said by that person with those
// words, who may speak there.
func (c *checker) checkSent(log *roomLog, f *folded, asked map[origin]*act) {
	for from, seq := range f.sent {
		switch a := asked[from]; {
		case a == nil:
			c.broken(log, seq, kindInvented, "person %d never sent %q", from.user, from.key)
		case !isIn(f.stays[from.user], seq): // one that was tried in vain may be done late, when it is allowed
			c.broken(log, seq, kindExposed, "person %d is not in the room, and posted %q", from.user, from.key)
		case log.refs[seq].text != a.Text:
			c.broken(log, seq, kindAltered, "message %q was sent as %s, and delivered as %s", from.key, a.Text, log.refs[seq].text)
		}
	}
}

// checkOpinions: a reaction that was added or taken away is one event, if it
// changed anything.
func (c *checker) checkOpinions(log *roomLog, f *folded, acts []*act) {
	type tally struct {
		on      bool
		events  int
		unknown int
		last    *act
	}
	tallies := map[opinion]*tally{}
	for _, a := range acts {
		if a.Op != opReact && a.Op != opUnreact {
			continue
		}
		who := opinion{a.by.user, a.Seq, a.Emoji}
		t := tallies[who]
		if t == nil {
			t = &tally{}
			tallies[who] = t
		}
		t.unknown += a.unknown
		if a.result == "" {
			t.unknown++
		}
		if on := a.Op == opReact; a.result == replyOK && t.on != on {
			t.on, t.last = on, a
			t.events++
		}
	}
	for who, t := range tallies {
		if made := len(f.turns[who]); t.unknown == 0 && made < t.events {
			c.tell(t.last.by, t.last.asTold(), kindLost, "%d changes of %s were acknowledged, and %d became events", t.events, who.emoji, made)
		} else if made > t.events+2*t.unknown {
			c.broken(log, who.target, kindDoubled, "%d changes of %s by person %d became %d events", t.events, who.emoji, who.user, made)
		}
	}
	for who := range f.turns {
		if tallies[who] == nil {
			c.broken(log, who.target, kindInvented, "person %d never reacted with %s", who.user, who.emoji)
		}
	}
}

// checkWhereabouts: the last joining or leaving that was acknowledged is what
// counts.
func (c *checker) checkWhereabouts(f *folded, acts []*act, unsure map[inRoom]bool) {
	last := map[int64]*act{}
	for _, a := range acts {
		if (a.Op == opJoin || a.Op == opLeave) && a.result == replyOK {
			last[a.by.user] = a
		}
	}
	for user, a := range last {
		if in := a.Op == opJoin; !unsure[inRoom{user, a.Room}] && f.members[user] != in {
			c.tell(a.by, a.asTold(), kindLost, "%s was acknowledged last, and is not so by the events", a.Op)
		}
	}
}

// checkTime: what was asked for after something else was acknowledged has the
// greater number. So everybody's own order is kept, and that among people.
func (c *checker) checkTime(acts []*act) {
	var done []*act
	for _, a := range acts {
		if a.event > 0 {
			done = append(done, a)
		}
	}
	begun := slices.SortedFunc(slices.Values(done), func(a, b *act) int { return cmp.Compare(a.At, b.At) })
	ended := slices.SortedFunc(slices.Values(done), func(a, b *act) int { return cmp.Compare(a.end, b.end) })
	var newest *act
	for _, a := range begun {
		for len(ended) > 0 && ended[0].end < a.At {
			if newest == nil || ended[0].event > newest.event {
				newest = ended[0]
			}
			ended = ended[1:]
		}
		if newest != nil && a.event < newest.event {
			c.tell(a.by, a.asTold(), kindReordered, "asked for after %s's %d was acknowledged, and has the smaller number", newest.by.name, newest.event)
		}
	}
}
