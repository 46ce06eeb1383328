// Package planted names the bugs that can be built in on purpose, to see that
// the checks catch them: `make test-planted`. Each breaks one rule of delivery,
// at the place where the rule stands. It owns the names and the choice of one,
// nothing else.
//
// Ordinary builds have none: there Bug is a constant, and the compiler leaves
// out what depends on another. A program built with the tag "planted" has the
// one that the variable PLANTED_BUG names. A new bug gets a name here, a
// line in All, and one condition where it does its harm.
package planted

// Name is a bug.
type Name string

// The bugs. All says what each does.
const (
	None Name = ""

	// In the hub and the window.
	HolesSkipped   Name = "holes_skipped"
	HintsMixed     Name = "hints_mixed"
	SweepOff       Name = "sweep_off"
	StaleHead      Name = "stale_head"
	ResumeLate     Name = "resume_late"
	ResumeEarly    Name = "resume_early"
	EpochIgnored   Name = "epoch_ignored"
	LeaveIgnored   Name = "leave_ignored"
	ListTrusted    Name = "list_trusted"
	LaggardAhead   Name = "laggard_ahead"
	GhostRoom      Name = "ghost_room"
	JoinsForgotten Name = "joins_forgotten"
	SessionsKept   Name = "sessions_kept"
	TextInRing     Name = "text_in_ring"
	TextOnItsWay   Name = "text_on_its_way"
	TextInWindow   Name = "text_in_window"
	WindowHole     Name = "window_hole"
	SlowBlocks     Name = "slow_blocks"
	RingEndless    Name = "ring_endless"
	BufferReused   Name = "buffer_reused"
	PartDropped    Name = "part_dropped"
	LeavingLast    Name = "leaving_last"
	TurnMissed     Name = "turn_missed"
	VeilLifted     Name = "veil_lifted"
	SkipLeftOut    Name = "skip_left_out"

	// In the store.
	AnswerFirst   Name = "answer_first"
	KeysForgotten Name = "keys_forgotten"
	NumberBurnt   Name = "number_burnt"
	RightsKept    Name = "rights_kept"
)

// Check is what must catch a bug.
type Check string

// The checks.
const (
	Simulation Check = "simulation" // internal/simulate: what hubs do is to be seen there
	Prove      Check = "prove"      // parley prove: what the store does needs real databases and processes
)

// Planting is what a bug does, and what must catch it.
type Planting struct {
	Name Name
	Does string
	By   Check
}

// All are the bugs, in the order of their names above.
func All() []Planting {
	return []Planting{
		{HolesSkipped, "a hub goes on with what comes, though something is missing before it", Simulation},
		{HintsMixed, "events go together in one hint, though others are between them", Simulation},
		{SweepOff, "heads are never compared with the database", Simulation},
		{StaleHead, "a resume does not wait until the hub has what was committed", Simulation},
		{ResumeLate, "a resume begins one event too late", Simulation},
		{ResumeEarly, "a resume begins one event too early", Simulation},
		{EpochIgnored, "a cursor of another history is taken for one of this", Simulation},
		{LeaveIgnored, "who has left goes on hearing", Simulation},
		{ListTrusted, "a resume's list of rooms is not looked at again", Simulation},
		{LaggardAhead, "who catches up gets what the shard has not passed", Simulation},
		{GhostRoom, "people are seated in a room that was let go", Simulation},
		{JoinsForgotten, "people's rooms are never compared with their seats", Simulation},
		{SessionsKept, "nobody asks again whether sessions live", Simulation},
		{TextInRing, "rings replay deleted text", Simulation},
		{TextOnItsWay, "who comes back is shown what was deleted before and is yet to be served", Simulation},
		{TextInWindow, "windows keep deleted text", Simulation},
		{WindowHole, "a window takes what does not follow on its newest", Simulation},
		{SlowBlocks, "who does not read holds up the others of the shard", Simulation},
		{RingEndless, "rings forget nothing", Simulation},
		{BufferReused, "a buffer is used again while a socket still waits for what is in it", Simulation},
		{PartDropped, "who sits down while the last one leaves is cut off from the room", Simulation},
		{LeavingLast, "who catches up hears of a new joining before the leaving", Simulation},
		{TurnMissed, "a node goes on as before when the database has another history", Simulation},
		{VeilLifted, "an event that is for some is told to everybody", Simulation},
		{SkipLeftOut, "who may not see an event gets nothing in its place", Simulation},
		{AnswerFirst, "senders are answered before the commit", Prove},
		{KeysForgotten, "a message that is sent again becomes another one", Prove},
		{NumberBurnt, "a message that is sent again uses up another number", Prove},
		{RightsKept, "who has left may go on writing", Prove},
	}
}
