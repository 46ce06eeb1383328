package crashtest

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// message is one as a person sent, heard or finds it stored.
type message struct {
	Seq  int64
	User string
	Key  string
	Text string
	At   time.Time
}

// history is what happened in one room, from all sides.
type history struct {
	Head   int64                // the room's last number, as the server tells
	Stored []message            // as the pages give them
	Sent   map[string][]message // acknowledged, by sender, in the order of sending
	Heard  map[string][]message // by listener, in the order of hearing
}

// check compares all sides and tells every way in which a promise is broken.
func check(h history) []string {
	broken := checkDense("stored", h.Stored, h.Head)
	broken = append(broken, checkUnique(h.Stored)...)
	bySeq := map[int64]message{}
	for _, m := range h.Stored {
		bySeq[m.Seq] = m
	}
	acknowledged := 0
	for sender, sent := range h.Sent {
		broken = append(broken, checkSent(sender, sent, bySeq)...)
		acknowledged += len(sent)
	}
	if len(h.Stored) != acknowledged {
		broken = append(broken, fmt.Sprintf("%d stored, %d acknowledged", len(h.Stored), acknowledged))
	}
	for listener, heard := range h.Heard {
		broken = append(broken, checkDense("heard by "+listener, heard, h.Head)...)
		for _, m := range heard {
			if bySeq[m.Seq] != m {
				broken = append(broken, fmt.Sprintf("%s heard %v, stored is %v", listener, m, bySeq[m.Seq]))
			}
		}
	}
	slices.Sort(broken)
	return broken
}

// checkDense: the numbers are 1, 2, 3 … up to the head.
func checkDense(whose string, messages []message, head int64) []string {
	for i, m := range messages {
		if m.Seq != int64(i)+1 {
			return []string{fmt.Sprintf("%s: number %d stands where %d should", whose, m.Seq, i+1)}
		}
	}
	if int64(len(messages)) != head {
		return []string{fmt.Sprintf("%s: ends at %d, the head is %d", whose, len(messages), head)}
	}
	return nil
}

// checkUnique: no message is there twice.
func checkUnique(stored []message) []string {
	type origin struct{ user, key string }
	var broken []string
	first := map[origin]int64{}
	for _, m := range stored {
		if seq, twice := first[origin{m.User, m.Key}]; twice {
			broken = append(broken, fmt.Sprintf("doubled: %s's %s is %d and %d", m.User, m.Key, seq, m.Seq))
		}
		first[origin{m.User, m.Key}] = m.Seq
	}
	return broken
}

// checkSent: what was acknowledged is there, as it was and in its order.
func checkSent(sender string, sent []message, bySeq map[int64]message) []string {
	var broken []string
	last := int64(0)
	for _, m := range sent {
		if bySeq[m.Seq] != m {
			broken = append(broken, fmt.Sprintf("lost or altered: %s was told %v, stored is %v", sender, m, bySeq[m.Seq]))
		}
		if m.Seq <= last {
			broken = append(broken, fmt.Sprintf("reordered: %s's %s is %d, behind %d", sender, m.Key, m.Seq, last))
		}
		last = m.Seq
	}
	return broken
}

func TestTheCheckFindsEachKindOfDamage(t *testing.T) {
	a := message{Seq: 1, User: "ada", Key: "0", Text: "one"}
	b := message{Seq: 2, User: "bo", Key: "0", Text: "two"}
	c := message{Seq: 3, User: "ada", Key: "1", Text: "three"}
	with := func(m message, change func(*message)) message { change(&m); return m }
	sound := func() history {
		return history{
			Head: 3, Stored: []message{a, b, c},
			Sent:  map[string][]message{"ada": {a, c}, "bo": {b}},
			Heard: map[string][]message{"ada": {a, b, c}, "bo": {a, b, c}},
		}
	}
	if broken := check(sound()); len(broken) > 0 {
		t.Fatalf("nothing is wrong, but: %q", broken)
	}
	for name, damage := range map[string]func(*history){
		"lost":                  func(h *history) { h.Stored, h.Head = h.Stored[:2], 2 },
		"lost, number reused":   func(h *history) { h.Stored[1] = message{Seq: 2, User: "ada", Key: "9"} },
		"doubled":               func(h *history) { h.Stored, h.Head = append(h.Stored, with(a, setSeq(4))), 4 },
		"altered":               func(h *history) { h.Stored[0].Text = "won" },
		"altered time":          func(h *history) { h.Stored[0].At = time.Unix(1, 0) },
		"reordered":             func(h *history) { h.Sent["ada"] = []message{c, a} },
		"a number left out":     func(h *history) { h.Stored[2].Seq, h.Head = 4, 4 },
		"head beyond the end":   func(h *history) { h.Head = 4 },
		"a gap in what came":    func(h *history) { h.Heard["bo"] = []message{a, c} },
		"twice in what came":    func(h *history) { h.Heard["bo"] = []message{a, b, b, c} },
		"the end did not come":  func(h *history) { h.Heard["bo"] = []message{a, b} },
		"another text came":     func(h *history) { h.Heard["bo"] = []message{a, with(b, setText("to")), c} },
		"stored, never said so": func(h *history) { h.Sent["bo"] = nil },
	} {
		h := sound()
		damage(&h)
		if broken := check(h); len(broken) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}

func setSeq(seq int64) func(*message)    { return func(m *message) { m.Seq = seq } }
func setText(text string) func(*message) { return func(m *message) { m.Text = text } }
