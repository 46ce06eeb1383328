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
