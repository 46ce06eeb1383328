package prove

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
)

// story is a run written by hand: two people in one private room, who say
// five things, one of which is edited, one deleted, and one liked; one of the
// two leaves and comes back.
type story struct {
	ada, bo, outsider []Record
	final             final
}

const (
	adaID      = 1
	boID       = 2
	outsiderID = 3
	place1     = 7 // the room
)

var everyday = []Record{
	event("member.joined", 1, adaID),
	event("member.joined", 2, boID),
	said(3, adaID, "a-1", "one"),
	said(4, boID, "b-1", "two"),
	{What: recordEvent, Op: "message.edited", Room: place1, Seq: 5, Target: 3, User: adaID, Key: "a-1", Text: "uno", Hash: "edited"},
	said(6, adaID, "a-2", "three"),
	{What: recordEvent, Op: "message.deleted", Room: place1, Seq: 7, Target: 6, Hash: "deleted"},
	{What: recordEvent, Op: "reaction.added", Room: place1, Seq: 8, Target: 4, User: adaID, Emoji: "🎉", Hash: "liked"},
	event("member.left", 9, boID),
	said(10, adaID, "a-3", "four"),
	event("member.joined", 11, boID),
	said(12, adaID, "a-4", "five"),
}

func event(op string, seq, user int64) Record {
	return Record{What: recordEvent, Op: op, Room: place1, Seq: seq, User: user, Hash: op}
}

func said(seq, user int64, key, text string) Record {
	return Record{What: recordEvent, Op: "message.created", Room: place1, Seq: seq, Target: seq, User: user, Key: key, Text: text, Hash: text, Made: 1000 * seq}
}

func resumed(asked, head int64) Record {
	return Record{
		What: recordResumed, Asked: map[int64]int64{place1: asked},
		Answered: map[int64]Place{place1: {Seq: head, Epoch: "e"}},
	}
}

// does writes down an act and its answer, one after the other in time.
func does(n int64, op string, ask, reply Record) []Record {
	ask.What, ask.Act, ask.Op, ask.Room, ask.At = recordAsk, n, op, place1, 100*n
	reply.What, reply.Act, reply.At = recordReply, n, 100*n+50
	if reply.Reply == "" {
		reply.Reply = replyOK
	}
	return []Record{ask, reply}
}

func soundStory() *story {
	ada := slices.Concat([]Record{resumed(0, 2)}, everyday,
		does(1, opSend, Record{Key: "a-1", Text: "one"}, Record{Seq: 3}),
		does(3, opEdit, Record{Seq: 3, Text: "uno"}, Record{Seq: 3}),
		does(4, opSend, Record{Key: "a-2", Text: "three"}, Record{Seq: 6}),
		does(5, opDelete, Record{Seq: 6}, Record{}),
		does(6, opReact, Record{Seq: 4, Emoji: "🎉"}, Record{}),
		does(8, opSend, Record{Key: "a-3", Text: "four"}, Record{Seq: 10}),
		does(10, opSend, Record{Key: "a-4", Text: "five"}, Record{Seq: 12}),
		does(11, opRead, Record{Seq: 12}, Record{}),
		does(12, opLook, Record{Seq: 12}, Record{Seq: 12, Key: "a-4"}),
		does(13, opAgain, Record{Seq: 3, Key: "a-1"}, Record{Seq: 3}))
	bo := slices.Concat([]Record{resumed(0, 2)}, everyday[:9],
		[]Record{{What: recordRemoved, Room: place1}}, everyday[10:],
		does(2, opSend, Record{Key: "b-1", Text: "two"}, Record{Seq: 4}),
		does(7, opLeave, Record{}, Record{}), does(9, opJoin, Record{}, Record{}))
	return &story{
		ada: ada, bo: bo,
		outsider: does(1, opPeek, Record{}, Record{Reply: replyRefused, Code: "not_found"}),
		final: final{
			reads: map[int64]map[int64]int64{adaID: {place1: 12}},
			rooms: []finalRoom{{
				id: place1, private: true, head: 12, epoch: "e", members: []int64{adaID, boID},
				messages: []stored{
					{seq: 3, user: adaID, key: "a-1", text: "uno", made: 3000, edited: true},
					{seq: 4, user: boID, key: "b-1", text: "two", made: 4000, reactions: map[string]reaction{"🎉": {1, []int64{adaID}}}},
					{seq: 6, user: adaID, key: "a-2", text: digest(""), made: 6000, deleted: true},
					{seq: 10, user: adaID, key: "a-3", text: "four", made: 10000},
					{seq: 12, user: adaID, key: "a-4", text: "five", made: 12000},
				},
			}},
		},
	}
}

func (s *story) check(t *testing.T) findings {
	t.Helper()
	tell := func(name string, user int64, records []Record) testimony {
		return testimony{name: name, user: user, file: name, records: each(records)}
	}
	found, _, err := check(evidence{epoch: "e", earliest: 1000, latest: 60_000, final: s.final, histories: []testimony{
		tell("ada", adaID, s.ada), tell("bo", boID, s.bo), tell("outsider", outsiderID, s.outsider),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func each(records []Record) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// find gives the place of the record with this number among those of a kind.
func find(t *testing.T, records []Record, what string, seq int64) int {
	t.Helper()
	at := slices.IndexFunc(records, func(r Record) bool { return r.What == what && r.Seq == seq })
	if at < 0 {
		t.Fatalf("no %s %d", what, seq)
	}
	return at
}

// made gives a message another time wherever it is told.
func (s *story) made(t *testing.T, seq, at int64) {
	t.Helper()
	for _, records := range [][]Record{s.ada, s.bo} {
		records[find(t, records, recordEvent, seq)].Made = at
	}
	for i := range s.final.rooms[0].messages {
		if m := &s.final.rooms[0].messages[i]; m.seq == seq {
			m.made = at
		}
	}
}

// without leaves an event out of a history.
func without(t *testing.T, records []Record, seq int64) []Record {
	t.Helper()
	at := find(t, records, recordEvent, seq)
	return slices.Concat(records[:at], records[at+1:])
}

func TestNothingIsFoundWhereNothingIsWrong(t *testing.T) {
	if found := soundStory().check(t); len(found.listed) > 0 {
		t.Errorf("found %v", found.listed)
	}
}

// damages are stories in which one thing is wrong, by what must be found.
var damages = []struct {
	name, kind string
	do         func(*testing.T, *story)
}{
	{"an acknowledged message is in no page", kindLost, func(_ *testing.T, s *story) {
		m := s.final.rooms[0].messages
		s.final.rooms[0].messages = slices.Concat(m[:3], m[4:])
	}},
	{"the last message is gone everywhere", kindLost, func(t *testing.T, s *story) {
		s.ada, s.bo = without(t, s.ada, 12), without(t, s.bo, 12)
		s.final.rooms[0].messages, s.final.rooms[0].head = s.final.rooms[0].messages[:4], 11
	}},
	{"the room ends before what was delivered", kindLost, func(_ *testing.T, s *story) {
		s.final.rooms[0].head = 11
	}},
	{"a resume ends before what was delivered", kindLost, func(_ *testing.T, s *story) {
		s.ada = append(s.ada, resumed(12, 11))
	}},
	{"the number of an acknowledged message is another's", kindLost, func(_ *testing.T, s *story) {
		s.final.rooms[0].messages[1].user = adaID
	}},
	{"an acknowledged edit made no event", kindLost, func(_ *testing.T, s *story) {
		s.ada = append(s.ada, does(20, opEdit, Record{Seq: 10, Text: "quattro"}, Record{Seq: 10})...)
	}},
	{"an acknowledged deletion made no event", kindLost, func(_ *testing.T, s *story) {
		s.ada = append(s.ada, does(20, opDelete, Record{Seq: 10}, Record{})...)
	}},
	{"an acknowledged reaction made no event", kindLost, func(_ *testing.T, s *story) {
		s.bo = append(s.bo, does(20, opReact, Record{Seq: 10, Emoji: "🚀"}, Record{})...)
	}},
	{"an acknowledged joining made no event", kindLost, func(_ *testing.T, s *story) {
		s.outsider = append(s.outsider, does(20, opJoin, Record{}, Record{})...)
	}},
	{"a member is not listed", kindLost, func(_ *testing.T, s *story) { s.final.rooms[0].members = []int64{adaID} }},
	{"a read mark went back", kindLost, func(_ *testing.T, s *story) { s.final.reads[adaID][place1] = 4 }},
	{"a message is stored twice", kindDoubled, func(_ *testing.T, s *story) {
		twice := s.final.rooms[0].messages[4]
		twice.seq = 13
		s.final.rooms[0].messages, s.final.rooms[0].head = append(s.final.rooms[0].messages, twice), 13
	}},
	{"a message is two events", kindDoubled, func(_ *testing.T, s *story) {
		s.ada, s.final.rooms[0].head = append(s.ada, said(13, adaID, "a-4", "five")), 13
	}},
	{"an event is delivered twice", kindDoubled, func(t *testing.T, s *story) {
		at := find(t, s.bo, recordEvent, 4)
		s.bo = slices.Insert(s.bo, at, s.bo[at])
	}},
	{"a resume repeats an event", kindDoubled, func(_ *testing.T, s *story) {
		s.ada = append(s.ada, resumed(12, 12), everyday[11])
	}},
	{"an edit is two events", kindDoubled, func(_ *testing.T, s *story) {
		again := everyday[4]
		again.Seq = 13
		s.ada, s.final.rooms[0].head = append(s.ada, again), 13
	}},
	{"a reaction is two events", kindDoubled, func(_ *testing.T, s *story) {
		again := everyday[7]
		again.Seq = 13
		s.ada, s.final.rooms[0].head = append(s.ada, again), 13
	}},
	{"two events are delivered in the wrong order", kindReordered, func(t *testing.T, s *story) {
		at := find(t, s.bo, recordEvent, 4)
		s.bo[at], s.bo[at+1] = s.bo[at+1], s.bo[at]
	}},
	{"what was asked for later has the smaller number", kindReordered, func(_ *testing.T, s *story) {
		s.bo = append(s.bo, does(30, opSend, Record{Key: "b-1", Text: "two"}, Record{Seq: 4})...)
	}},
	{"a page is not in order", kindReordered, func(_ *testing.T, s *story) {
		m := s.final.rooms[0].messages
		m[0], m[1] = m[1], m[0]
	}},
	{"a message is older than the one before it", kindReordered, func(t *testing.T, s *story) { s.made(t, 12, 9999) }},
	{"a message is of a time that no clock has shown", kindAltered, func(t *testing.T, s *story) { s.made(t, 12, 60_001) }},
	{"the page has another time", kindAltered, func(_ *testing.T, s *story) { s.final.rooms[0].messages[4].made = 12_001 }},
	{"an event is left out for one person", kindGapped, func(t *testing.T, s *story) { s.bo = without(t, s.bo, 4) }},
	{"a resume leaves out an event", kindGapped, func(t *testing.T, s *story) {
		at := find(t, s.bo, recordEvent, 4)
		s.bo[at] = resumed(3, 8)
	}},
	{"a number is given to nobody", kindGapped, func(t *testing.T, s *story) {
		s.ada, s.bo = without(t, s.ada, 8), without(t, s.bo, 8)
	}},
	{"a needless reload leaves events out", kindGapped, func(_ *testing.T, s *story) {
		s.bo = append(s.bo, Record{
			What: recordResumed, Asked: map[int64]int64{place1: 9},
			Answered: map[int64]Place{place1: {Seq: 12, Epoch: "e", Reload: true}},
		})
	}},
	{"an event that stands is told to be nothing", kindGapped, func(t *testing.T, s *story) {
		s.bo[find(t, s.bo, recordEvent, 4)] = Record{What: recordSkip, Room: place1, From: 4, Seq: 4}
	}},
	{"one person hears another text", kindAltered, func(t *testing.T, s *story) {
		at := find(t, s.bo, recordEvent, 3)
		s.bo[at].Text, s.bo[at].Hash = "won", "won"
	}},
	{"everybody hears another text than was sent", kindAltered, func(t *testing.T, s *story) {
		for _, records := range [][]Record{s.ada, s.bo} {
			at := find(t, records, recordEvent, 12)
			records[at].Text, records[at].Hash = "fife", "fife"
		}
		s.final.rooms[0].messages[4].text = "fife"
	}},
	{"the page has another text", kindAltered, func(_ *testing.T, s *story) { s.final.rooms[0].messages[0].text = "one" }},
	{"the page has no reaction", kindAltered, func(_ *testing.T, s *story) { s.final.rooms[0].messages[1].reactions = nil }},
	{"the page has a deleted message", kindAltered, func(_ *testing.T, s *story) { s.final.rooms[0].messages[2].deleted = false }},
	{"the history has another name", kindAltered, func(_ *testing.T, s *story) { s.final.rooms[0].epoch = "f" }},
	{"a key that is used again gives another number", kindAltered, func(_ *testing.T, s *story) {
		s.ada = append(s.ada, does(20, opAgain, Record{Seq: 3, Key: "a-1"}, Record{Seq: 13})...)
	}},
	{"an outsider hears an event", kindExposed, func(_ *testing.T, s *story) { s.outsider = append(s.outsider, everyday[2]) }},
	{"an outsider is told to be in the room", kindExposed, func(_ *testing.T, s *story) {
		s.outsider = append(s.outsider, resumed(2, 2), everyday[2])
	}},
	{"who left goes on hearing", kindExposed, func(t *testing.T, s *story) {
		at := slices.IndexFunc(s.bo, func(r Record) bool { return r.What == recordRemoved })
		s.bo[at] = everyday[9]
	}},
	{"an outsider reads", kindExposed, func(_ *testing.T, s *story) { s.outsider = does(1, opPeek, Record{}, Record{}) }},
	{"an outsider posts", kindExposed, func(_ *testing.T, s *story) {
		s.outsider = append(s.outsider, does(2, opTrespass, Record{Key: "x-1", Text: "ha"}, Record{Reply: replyRefused})...)
		s.ada, s.final.rooms[0].head = append(s.ada, said(13, outsiderID, "x-1", "ha")), 13
	}},
	{"a deleted text is still there", kindExposed, func(_ *testing.T, s *story) { s.final.rooms[0].messages[2].text = "three" }},
	{"a message that nobody sent", kindInvented, func(_ *testing.T, s *story) {
		s.ada, s.final.rooms[0].head = append(s.ada, said(13, boID, "b-2", "six")), 13
		s.final.rooms[0].messages = append(s.final.rooms[0].messages, stored{seq: 13, user: boID, key: "b-2", text: "six"})
	}},
	{"a member whom nobody let in", kindInvented, func(_ *testing.T, s *story) {
		s.final.rooms[0].members = append(s.final.rooms[0].members, outsiderID)
	}},
	{"a message is refused for no reason", kindRefused, func(_ *testing.T, s *story) {
		s.ada = append(s.ada, does(20, opSend, Record{Key: "a-9", Text: "nine"}, Record{Reply: replyRefused, Code: "not_member"})...)
	}},
	{"a session ends", kindRefused, func(_ *testing.T, s *story) {
		s.ada = append(s.ada, Record{What: recordEnded, Code: "4001"})
	}},
	{"one's own message is not there yet", kindStale, func(_ *testing.T, s *story) {
		s.ada = append(s.ada, does(20, opLook, Record{Seq: 12}, Record{Reply: replyRefused, Code: "not_found"})...)
	}},
}

func TestEachKindOfHarmIsFound(t *testing.T) {
	proved := map[string]bool{}
	for _, d := range damages {
		t.Run(strings.ReplaceAll(d.name, " ", "_"), func(t *testing.T) {
			s := soundStory()
			d.do(t, s)
			found := s.check(t)
			if found.counts[d.kind] == 0 {
				t.Errorf("no %s in %v", d.kind, found.listed)
			}
		})
		proved[d.kind] = true
	}
	for _, kind := range Kinds {
		if !proved[kind] && kind != kindStuck { // that is no matter of histories
			t.Errorf("no story has something %s", kind)
		}
	}
}

func TestWhatNobodyKnowsIsHeldAgainstNobody(t *testing.T) {
	unknown := func(n int64, op string, ask Record) []Record {
		return does(n, op, ask, Record{Reply: replyUnknown})
	}
	for name, do := range map[string]func(*story){
		"a message without an answer that is not there": func(s *story) {
			s.bo = append(s.bo, unknown(20, opSend, Record{Key: "b-9", Text: "nine"})...)
		},
		"a message without an answer that is there": func(s *story) {
			s.bo = append(s.bo, unknown(20, opSend, Record{Key: "b-9", Text: "nine"})...)
			s.ada, s.final.rooms[0].head = append(s.ada, said(13, boID, "b-9", "nine")), 13
			s.final.rooms[0].messages = append(s.final.rooms[0].messages, stored{seq: 13, made: 13000, user: boID, key: "b-9", text: "nine"})
		},
		"a reaction without an answer": func(s *story) {
			s.bo = append(s.bo, unknown(20, opReact, Record{Seq: 10, Emoji: "🚀"})...)
		},
		"a creation that nobody heard before it was deleted": func(s *story) {
			for _, records := range [][]Record{s.ada, s.bo} {
				at := slices.IndexFunc(records, func(r Record) bool { return r.What == recordEvent && r.Seq == 6 })
				records[at] = Record{What: recordSkip, Room: place1, From: 6, Seq: 6}
			}
		},
		"what an outsider tried in vain is done late, once they are in": func(s *story) {
			s.bo = slices.Concat(does(0, opTrespass, Record{Key: "b-0", Text: "zero"}, Record{Reply: replyUnknown}), s.bo)
			s.ada, s.final.rooms[0].head = append(s.ada, said(13, boID, "b-0", "zero")), 13
			s.final.rooms[0].messages = append(s.final.rooms[0].messages, stored{seq: 13, made: 13000, user: boID, key: "b-0", text: "zero"})
		},
		"who comes back hears what was said meanwhile": func(s *story) {
			at := slices.IndexFunc(s.bo, func(r Record) bool { return r.What == recordRemoved })
			s.bo = slices.Concat(s.bo[:at], []Record{{What: recordEnded}, resumed(9, 12)}, everyday[9:], s.bo[at+3:])
		},
	} {
		s := soundStory()
		do(s)
		if found := s.check(t); len(found.listed) > 0 {
			t.Errorf("%s: found %v", name, found.listed)
		}
	}
}

func TestAFindingSaysWhereTheEvidenceLies(t *testing.T) {
	s := soundStory()
	s.bo = without(t, s.bo, 4)
	found := s.check(t)
	if len(found.listed) == 0 {
		t.Fatal("nothing found")
	}
	line := fmt.Sprint(found.listed[0])
	for _, part := range []string{kindGapped, "room 7", "number 5", "bo"} {
		if !strings.Contains(line, part) {
			t.Errorf("%q does not tell %q", line, part)
		}
	}
}
