package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var logs = []promise{
	{"events are read in pieces without a hole", eventPieces},
	{"heads are told of rooms that exist", heads},
	{"every kind of event is replayed as it was told", everyKind},
	{"an ended context stops waiting, not the change", endedContext},
	{"settings are kept by name", settings},
	{"of several who keep a setting one is heard", keptSetting},
}

func eventPieces(w *world) {
	for n := range 20 {
		w.say(w.bob, w.hall, fmt.Sprint("text ", n))
	}
	all := w.log(w.hall)
	same(w, "events", len(all), 22)
	for after := chat.Seq(0); after < 22; after++ {
		piece, err := w.Events(w.Context(), w.hall, after, 7)
		w.must(err)
		same(w, "piece", piece, all[after:min(22, after+7)])
	}
	for _, after := range []chat.Seq{22, 23, 1 << 50} {
		piece, err := w.Events(w.Context(), w.hall, after, 7)
		w.must(err)
		same(w, "beyond the head", len(piece), 0)
	}
	_, err := w.Events(w.Context(), 999, 0, 7)
	w.is(err, chat.ErrNotFound)
}

func heads(w *world) {
	other := w.newRoom("other", true).ID
	got, err := w.Heads(w.Context(), []chat.RoomID{w.hall, other, 999})
	w.must(err)
	same(w, "heads", got, map[chat.RoomID]chat.Seq{w.hall: 2, other: 1})
	got, err = w.Heads(w.Context(), nil)
	w.must(err)
	same(w, "of nothing", len(got), 0)
}

// everyKind relies on the comparison that follows every test.
func everyKind(w *world) {
	seq := w.say(w.bob, w.hall, "hello @ann")
	w.do(w.cid, w.hall, chat.AddMember{User: w.cid.ID})
	w.do(w.cid, w.hall, chat.AddReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.bob, w.hall, chat.EditMessage{Seq: seq, Text: "hello all"})
	w.do(w.cid, w.hall, chat.RemoveReaction{Seq: seq, Emoji: "🎈"})
	w.do(w.ann, w.hall, chat.RemoveMember{User: w.cid.ID})
	w.do(w.ann, w.hall, chat.ChangeRoom{RoomChanges: chat.RoomChanges{Name: ref("x"), Private: ref(true), Topic: ref("")}})
	w.do(w.ann, w.hall, chat.DeleteMessage{Seq: w.say(w.bob, w.hall, "oops")})
	seen := map[chat.EventKind]bool{}
	for _, ev := range w.log(w.hall) {
		seen[ev.Kind] = true
	}
	same(w, "kinds", len(seen), 8)
}

func endedContext(w *world) {
	ctx, cancel := context.WithCancel(w.Context())
	cancel()
	_, err := store.AppendWait(ctx, w, w.bob.ID, w.hall, draft("k", "said anyway"))
	if err != nil && !errors.Is(err, context.Canceled) {
		w.Fatal(err)
	}
	same(w, "repeated", w.do(w.bob, w.hall, draft("k", "said anyway")).Repeated, true)
	_, err = w.Page(ctx, store.Visit{Viewer: w.bob.ID, Room: w.hall}, chat.PageQuery{Limit: 1})
	w.is(err, context.Canceled)
	w.must(w.Ping(w.Context()))
}

func settings(w *world) {
	_, err := w.Setting(w.Context(), store.SettingWorkspace)
	w.is(err, chat.ErrNotFound)
	w.must(w.SetSetting(w.Context(), store.SettingWorkspace, "Acme"))
	w.must(w.SetSetting(w.Context(), store.SettingWorkspace, "Acme Ltd"))
	w.reopen()
	name, err := w.Setting(w.Context(), store.SettingWorkspace)
	w.must(err)
	same(w, "name", name, "Acme Ltd")
}

func keptSetting(w *world) {
	const callers = 8
	kept := make(chan string, callers)
	for i := range callers {
		go func() {
			value, err := w.KeepSetting(w.Context(), store.SettingSeal, fmt.Sprint("key ", i))
			kept <- fmt.Sprint(value, err)
		}()
	}
	first := <-kept
	for range callers - 1 {
		same(w, "value", <-kept, first)
	}
	value, err := w.Setting(w.Context(), store.SettingSeal)
	same(w, "value", fmt.Sprint(value, err), first)
}
