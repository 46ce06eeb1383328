package storetest

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var lives = []promise{
	{"everything is there after a restart", restart},
	{"a history that is gone gets another name", renamed},
	{"closing finishes what is queued", closeDrains},
	{"after closing everything is refused as unavailable", closed},
}

func restart(w *world) {
	seq := w.say(w.bob, w.hall, "kept")
	w.do(w.ann, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	epoch, log, page, view := w.Epoch(), w.log(w.hall), w.page(w.bob, w.hall), w.view(w.ann, w.hall)
	w.reopen()
	same(w, "epoch", w.Epoch(), epoch)
	same(w, "log", w.log(w.hall), log)
	same(w, "page", w.page(w.bob, w.hall), page)
	same(w, "view", w.view(w.ann, w.hall), view)
	same(w, "next number", w.say(w.bob, w.hall, "more"), seq+2)
}

func renamed(w *world) {
	first := w.Epoch()
	for _, gone := range []string{"", "another"} {
		w.must(w.RenewEpoch(w.Context(), gone))
		same(w, "epoch", w.Epoch(), first)
	}
	w.must(w.RenewEpoch(w.Context(), first))
	second := w.Epoch()
	if second == first || second == "" {
		w.Fatalf("the epoch is %q after %q", second, first)
	}
	w.must(w.RenewEpoch(w.Context(), first)) // somebody was faster
	same(w, "epoch", w.Epoch(), second)
	w.reopen()
	same(w, "epoch after a restart", w.Epoch(), second)
	seq := w.say(w.bob, w.hall, "more")
	if told := w.heard.of(w.hall)[seq-1].Epoch; told != "" && told != second {
		w.Fatalf("the listener is told of epoch %q in %q", told, second)
	}
}

func closeDrains(w *world) {
	const n = 500
	done := make(chan error, n)
	for i := range n {
		w.Append(store.Append{
			Actor: w.bob.ID, Room: w.hall, Change: draft(fmt.Sprint("key ", i), "a word"),
			Done: func(_ store.Appended, err error) { done <- err },
		})
	}
	w.must(w.Close())
	w.must(w.Close())
	for range n {
		w.must(<-done)
	}
	w.start()
	same(w, "head", w.head(w.hall), n+2)
}

func closed(w *world) {
	w.must(w.Close())
	_, err := store.AppendWait(w.Context(), w, w.bob.ID, w.hall, draft("k", "too late"))
	w.is(err, chat.ErrUnavailable)
	w.is(w.TouchSessions(w.Context(), []chat.SessionID{1}, time.Time{}), chat.ErrUnavailable)
	_, err = w.User(w.Context(), w.bob.ID)
	w.is(err, chat.ErrUnavailable)
	w.is(w.Ping(w.Context()), chat.ErrUnavailable)
	w.start()
}
