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
	s := &shard{hub: &Hub{}}
	r := &room{parts: make([]*part, 1)}
	old := r.partFor(s)
	s.tidy(old)
	r.passed = 3
	r.log.append([]byte("{}"))
	s.pass(old)
	if old.pos != 0 {
		t.Error("it goes on")
	}
}
