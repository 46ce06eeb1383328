package prove

import (
	"maps"
	"slices"
)

// folded is a room as its log says that it is.
type folded struct {
	messages map[int64]*message
	stays    map[int64][]stay // by person, in order
	sent     map[origin]int64 // by who sent what, the number
	edits    map[version][]int64
	deletes  map[int64][]int64   // by message, the numbers of the events
	turns    map[opinion][]int64 // by who reacted with what to what, the numbers; added and removed in turn
	members  map[int64]bool
}

// message is one as its events say that it is.
type message struct {
	user      int64
	key       string
	text      string
	made      int64
	unheard   bool // nobody heard its creation
	edited    bool
	deleted   bool
	reactions map[string][]int64 // emoji: people, in the order in which they came
}

func (m *message) isDeleted() bool { return m != nil && m.deleted }

// stay is a time in a room: from joining to leaving; 0: until the end.
type stay struct{ from, to int64 }

type (
	origin struct {
		user int64
		key  string
	}
	version struct {
		target int64
		text   string
	}
	opinion struct {
		user, target int64
		emoji        string
	}
)

// fold carries out the events of a log in order.
func (c *checker) fold(log *roomLog) *folded {
	f := &folded{
		messages: map[int64]*message{}, stays: map[int64][]stay{}, sent: map[origin]int64{}, edits: map[version][]int64{},
		deletes: map[int64][]int64{}, turns: map[opinion][]int64{}, members: map[int64]bool{},
	}
	for seq := int64(1); seq <= log.final.head; seq++ {
		one := log.refs[seq]
		switch one.kind {
		case "message.created":
			c.foldCreated(log, f, seq, one)
		case "message.edited":
			m := f.message(one.target)
			m.text, m.edited = one.text, true
			f.edits[version{one.target, one.text}] = append(f.edits[version{one.target, one.text}], seq)
		case "message.deleted":
			m := f.message(one.target)
			m.deleted, m.reactions = true, map[string][]int64{}
			f.deletes[one.target] = append(f.deletes[one.target], seq)
		case "reaction.added", "reaction.removed":
			c.foldReaction(log, f, seq, one)
		case "member.joined", "member.left":
			c.foldMember(log, f, seq, one)
		}
	}
	return f
}

// message gives one that may not have been heard of: its creation is gone.
func (f *folded) message(seq int64) *message {
	m := f.messages[seq]
	if m == nil {
		m = &message{unheard: true, reactions: map[string][]int64{}}
		f.messages[seq] = m
	}
	return m
}

func (c *checker) foldCreated(log *roomLog, f *folded, seq int64, one ref) {
	from := origin{one.user, one.key}
	if first, twice := f.sent[from]; twice {
		c.broken(log, seq, kindDoubled, "person %d's message %q is %d, too", one.user, one.key, first)
	}
	f.sent[from] = seq
	if one.target != seq {
		c.broken(log, seq, kindAltered, "tells of message %d", one.target)
	}
	f.messages[seq] = &message{user: one.user, key: one.key, text: one.text, made: one.made, reactions: map[string][]int64{}}
}

func (c *checker) foldReaction(log *roomLog, f *folded, seq int64, one ref) {
	m, who := f.message(one.target), opinion{one.user, one.target, one.emoji}
	f.turns[who] = append(f.turns[who], seq)
	people := m.reactions[one.emoji]
	at := slices.Index(people, one.user)
	switch added := one.kind == "reaction.added"; {
	case m.deleted:
		c.broken(log, seq, kindReordered, "%s behind the deletion of message %d", one.kind, one.target)
	case added == (at >= 0):
		c.broken(log, seq, kindDoubled, "%s %s by person %d once more", one.kind, one.emoji, one.user)
	case added:
		m.reactions[one.emoji] = append(people, one.user)
	case len(people) == 1:
		delete(m.reactions, one.emoji)
	default:
		m.reactions[one.emoji] = slices.Delete(people, at, at+1)
	}
}

func (c *checker) foldMember(log *roomLog, f *folded, seq int64, one ref) {
	joined := one.kind == "member.joined"
	if f.members[one.user] == joined {
		c.broken(log, seq, kindDoubled, "%s of person %d once more", one.kind, one.user)
		return
	}
	f.members[one.user] = joined
	if joined {
		f.stays[one.user] = append(f.stays[one.user], stay{from: seq})
		return
	}
	f.stays[one.user][len(f.stays[one.user])-1].to = seq
}

// checkPages: the pages tell what the events made.
func (c *checker) checkPages(log *roomLog, f *folded) {
	last, sent := int64(0), map[origin]int64{}
	for i := range log.final.messages {
		m := &log.final.messages[i]
		if m.seq <= last {
			c.broken(log, m.seq, kindReordered, "a page has it behind %d", last)
		}
		last = m.seq
		from := origin{m.user, m.key}
		if first, twice := sent[from]; twice {
			c.broken(log, m.seq, kindDoubled, "person %d's message %q is stored as %d, too", m.user, m.key, first)
		}
		sent[from] = m.seq
		c.checkMessage(log, m, f.messages[m.seq])
	}
	for seq := range f.messages {
		if log.page[seq] == nil {
			c.broken(log, seq, kindLost, "a message that was delivered is in no page")
		}
	}
}

func (c *checker) checkMessage(log *roomLog, m *stored, told *message) {
	switch {
	case told == nil && m.deleted: // nobody heard of it before it was gone
	case told == nil:
		c.broken(log, m.seq, kindInvented, "a page has a message that no event made")
	case told.deleted != m.deleted:
		c.broken(log, m.seq, kindAltered, "deleted: %v in the page, %v by the events", m.deleted, told.deleted)
	case !told.unheard && (told.user != m.user || told.key != m.key):
		c.broken(log, m.seq, kindAltered, "person %d's %q in the page, person %d's %q by the events", m.user, m.key, told.user, told.key)
	case !told.unheard && told.made != m.made:
		c.broken(log, m.seq, kindAltered, "made at %v in the page, at %v by the event", moment(m.made), moment(told.made))
	case m.deleted:
		if m.text != digest("") || len(m.reactions) > 0 {
			c.broken(log, m.seq, kindExposed, "deleted, but its text or reactions are still in the page")
		}
	case told.unheard:
		c.broken(log, m.seq, kindGapped, "nobody ever heard its creation")
	case told.text != m.text || told.edited != m.edited:
		c.broken(log, m.seq, kindAltered, "text %s in the page, %s by the events", m.text, told.text)
	default:
		c.checkReactions(log, m, told)
	}
}

// pageReactors is how many people a page names beside a reaction.
const pageReactors = 8

func (c *checker) checkReactions(log *roomLog, m *stored, told *message) {
	for _, emoji := range slices.Sorted(maps.Keys(told.reactions)) {
		people, got := told.reactions[emoji], m.reactions[emoji]
		first := slices.Sorted(slices.Values(people[:min(len(people), pageReactors)]))
		if got.count != len(people) || !slices.Equal(got.users, first) {
			c.broken(log, m.seq, kindAltered, "%s by %d people %v in the page, by %v by the events", emoji, got.count, got.users, people)
		}
	}
	for emoji := range m.reactions {
		if told.reactions[emoji] == nil {
			c.broken(log, m.seq, kindInvented, "%s in the page, by no event", emoji)
		}
	}
}
