package simulate

import (
	"crypto/sha256"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// said adds a message to a log as if it had been committed.
func (l *ledger) said(seq chat.Seq, user chat.UserID, key string) {
	by := chat.UserRef{ID: user}
	m := chat.Message{Room: 1, Seq: seq, Key: key, User: by, Text: key}
	l.add("epoch-1", chat.Event{Room: 1, Seq: seq, Kind: chat.MessageCreated, Actor: by, Message: m}, [sha256.Size]byte{})
}

func TestTheJudgeSeesWhatIsWrongWithALog(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*world, *ledger)
		want  Promise
	}{
		"nothing":                {func(*world, *ledger) {}, ""},
		"a hole":                 {func(_ *world, l *ledger) { l.said(4, 1, "key-1-3") }, Dense},
		"a key twice":            {func(_ *world, l *ledger) { l.said(3, 1, "key-1-2") }, Answer},
		"words out of order":     {func(_ *world, l *ledger) { l.said(3, 1, "key-1-9"); l.said(4, 1, "key-1-5") }, Order},
		"an answer without row":  {func(w *world, _ *ledger) { w.people[0].acked = []ack{{"epoch-1", 1, 3, "key-1-3"}} }, Answer},
		"an answer of other row": {func(w *world, _ *ledger) { w.people[0].acked = []ack{{"epoch-1", 1, 2, "key-1-1"}} }, Answer},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(1)
			l := w.book.now().rooms[1]
			l.said(1, 1, "key-1-1")
			l.said(2, 1, "key-1-2")
			c.spoil(w, l)
			w.judge()
			found := w.findings.all()
			if len(found) == 0 && c.want != "" || len(found) > 0 && found[0].Promise != c.want {
				t.Errorf("found %v, want %q", found, c.want)
			}
		})
	}
}
