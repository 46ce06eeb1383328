package simulate

// Promise is what a finding says was broken. They are those that
// docs/simulation.md explains.
type Promise string

// The promises.
const (
	Dense      Promise = "dense"      // the numbers of a log are 1 to n
	Agreement  Promise = "agreement"  // a number has one content, wherever it is seen
	Durable    Promise = "durable"    // what anybody sees is committed
	Answer     Promise = "answer"     // a key has one row, and its answer names that row
	Prefix     Promise = "prefix"     // each connection gets the numbers that follow on its cursor, each once
	Cache      Promise = "cache"      // a window is a contiguous part of the log
	Resume     Promise = "resume"     // the answer to a resume is whole, or says reload
	Order      Promise = "order"      // a person's words stand in the order in which they were said
	Membership Promise = "membership" // nobody hears what is from outside of their time in the room
	Bounded    Promise = "bounded"    // a hub keeps what its bounds allow
	Progress   Promise = "progress"   // in the end everybody has everything
	Erased     Promise = "erased"     // deleted text is not told again
	Revoked    Promise = "revoked"    // no connection outlives its session, and none ends without a reason
	Protocol   Promise = "protocol"   // the server says what the protocol allows
)

// Promises are all of them, in the order of the documentation.
func Promises() []Promise {
	return []Promise{
		Dense, Agreement, Durable, Answer, Prefix, Cache, Resume, Order, Membership, Bounded, Progress, Erased, Revoked, Protocol,
	}
}
