package realtime

import "testing"

// Somebody leaves, which has the part tidied twice: at once and by a command.
// In between somebody else sits down in a new part.
func TestAPartThatWasDroppedDoesNotTakeItsSuccessorAlong(t *testing.T) {
	s := &shard{}
	r := &room{parts: make([]*part, 1)}
	old := r.partFor(s)
	s.tidy(old)
	if r.partOf(s) != nil {
		t.Fatal("a part without members stays")
	}
	successor := r.partFor(s)
	successor.members = []*conn{{shard: s}}
	s.tidy(old)
	if r.partOf(s) != successor {
		t.Fatal("the members of the new part are cut off from the room")
	}
}

// A shard may have a part on its list that it has advanced and dropped since.
// The marks that came and went meanwhile are none of its business.
func TestAPartThatWasDroppedIsPassedOver(t *testing.T) {
	h := &Hub{}
	now := &era{hub: h}
	h.era.Store(now)
	s := &shard{hub: h}
	r := &room{era: now, parts: make([]*part, 1)}
	old := r.partFor(s)
	s.tidy(old)
	r.passed = 3
	r.log.append([]byte("{}"))
	s.pass(old)
	if old.pos != 0 {
		t.Error("it goes on")
	}
}

// The database's history has become another one, and somebody's leaving is on
// the shard's way: they are not unseated any more, as all are about to be.
func TestNothingIsServedOfAHistoryThatIsGone(t *testing.T) {
	h := &Hub{}
	h.era.Store(&era{hub: h})
	s := &shard{hub: h}
	r := &room{era: &era{hub: h}, parts: make([]*part, 1)}
	p := r.partFor(s)
	r.log.append([]byte("{}"))
	s.advance(p)
	if p.pos != 0 {
		t.Error("it goes on")
	}
}
