package storetest

import (
	"fmt"
	"math/rand/v2"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var pages = []promise{
	{"an empty room has an empty page", emptyPage},
	{"a page counts messages, with exact ends", pageEnds},
	{"a page around a message shares out its length", pageAround},
	{"paging both ways gives what the events add up to", pagingMatchesEvents},
}

func (w *world) ask(q chat.PageQuery) chat.Page {
	w.Helper()
	page, err := w.Page(w.Context(), store.Visit{Viewer: w.cid.ID, Room: w.hall}, q)
	w.must(err)
	return page
}

func emptyPage(w *world) {
	same(w, "page", len(w.ask(chat.PageQuery{Limit: 5}).Messages), 0)
	same(w, "head", w.ask(chat.PageQuery{Limit: 5}).Head, 2)
}

// outline is a page without the texts.
type outline struct {
	Seqs          []chat.Seq
	Before, After bool
}

func (w *world) outline(q chat.PageQuery) outline {
	w.Helper()
	page := w.ask(q)
	o := outline{Before: page.MoreBefore, After: page.MoreAfter}
	for _, m := range page.Messages {
		o.Seqs = append(o.Seqs, m.Seq)
	}
	return o
}

// pageEnds has messages 3, 4, 6, 7 and 9; 5 and 8 are reactions.
func pageEnds(w *world) {
	w.gaps()
	for _, c := range []struct {
		q    chat.PageQuery
		want outline
	}{
		{chat.PageQuery{Limit: 2}, outline{[]chat.Seq{7, 9}, true, false}},
		{chat.PageQuery{Limit: 5}, outline{[]chat.Seq{3, 4, 6, 7, 9}, false, false}},
		{chat.PageQuery{Before: 7, Limit: 2}, outline{[]chat.Seq{4, 6}, true, true}},
		{chat.PageQuery{Before: 7, Limit: 3}, outline{[]chat.Seq{3, 4, 6}, false, true}},
		{chat.PageQuery{Before: 3, Limit: 3}, outline{nil, false, true}},
		{chat.PageQuery{Before: 100, Limit: 1}, outline{[]chat.Seq{9}, true, false}},
		{chat.PageQuery{After: 4, Limit: 2}, outline{[]chat.Seq{6, 7}, true, true}},
		{chat.PageQuery{After: 4, Limit: 3}, outline{[]chat.Seq{6, 7, 9}, true, false}},
		{chat.PageQuery{After: 1, Limit: 1}, outline{[]chat.Seq{3}, false, true}},
		{chat.PageQuery{After: 9, Limit: 1}, outline{nil, true, false}},
	} {
		same(w, fmt.Sprintf("%+v", c.q), w.outline(c.q), c.want)
	}
}

func (w *world) gaps() {
	w.Helper()
	for i, text := range []string{"three", "four", "", "six", "seven", "", "nine"} {
		if text == "" {
			w.do(w.bob, w.hall, chat.AddReaction{Seq: chat.Seq(i + 2), Emoji: "🎈"})
			continue
		}
		same(w, "number", w.say(w.bob, w.hall, text), chat.Seq(i+3))
	}
}

func pageAround(w *world) {
	w.gaps()
	for _, c := range []struct {
		q    chat.PageQuery
		want outline
	}{
		{chat.PageQuery{Around: 6, Limit: 3}, outline{[]chat.Seq{4, 6, 7}, true, true}},
		{chat.PageQuery{Around: 6, Limit: 1}, outline{[]chat.Seq{6}, true, true}},
		{chat.PageQuery{Around: 5, Limit: 2}, outline{[]chat.Seq{4, 6}, true, true}},
		{chat.PageQuery{Around: 9, Limit: 4}, outline{[]chat.Seq{4, 6, 7, 9}, true, false}},
		{chat.PageQuery{Around: 1, Limit: 4}, outline{[]chat.Seq{3, 4, 6, 7}, false, true}},
		{chat.PageQuery{Around: 500, Limit: 2}, outline{[]chat.Seq{7, 9}, true, false}},
		{chat.PageQuery{Around: 6, Limit: 9}, outline{[]chat.Seq{3, 4, 6, 7, 9}, false, false}},
	} {
		same(w, fmt.Sprintf("%+v", c.q), w.outline(c.q), c.want)
	}
}

// pagingMatchesEvents makes random changes, folds the events that were heard
// into messages, and expects the same from pages of any length.
func pagingMatchesEvents(w *world) {
	seed := rand.Uint64()
	w.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w.do(w.cid, w.hall, chat.AddMember{User: w.cid.ID})
	for n := range 300 {
		w.anyChange(random, n)
	}
	want := fold(w.heard.of(w.hall))
	same(w, "forward", w.walk(random, true), want)
	same(w, "backward", w.walk(random, false), want)
}

// anyChange makes a random change; that it may be refused is part of it.
func (w *world) anyChange(random *rand.Rand, n int) {
	actor := []chat.User{w.ann, w.bob, w.cid}[random.IntN(3)]
	seq := chat.Seq(random.Int64N(min(int64(w.head(w.hall)), 30)) + 1)
	emoji := []string{"🎈", "🦉", "👋"}[random.IntN(3)]
	text := fmt.Sprint("text ", n)
	w.clock.add(1e7)
	change := []chat.Change{
		draft(text, text), draft(text, text), draft(text, text),
		chat.EditMessage{Seq: seq, Text: text},
		chat.DeleteMessage{Seq: seq},
		chat.AddReaction{Seq: seq, Emoji: emoji},
		chat.AddReaction{Seq: seq, Emoji: emoji},
		chat.RemoveReaction{Seq: seq, Emoji: emoji},
	}[random.IntN(8)]
	_, _ = store.AppendWait(w.Context(), w, actor.ID, w.hall, change)
}

// walk reads the room page by page, and gives the messages as all see them.
func (w *world) walk(random *rand.Rand, forward bool) []chat.Message {
	w.Helper()
	var all []chat.Message
	q := chat.PageQuery{After: 1}
	if !forward {
		q = chat.PageQuery{}
	}
	for {
		q.Limit = 1 + random.IntN(20)
		page := w.ask(q)
		for i, m := range page.Messages {
			for j := range m.Reactions {
				page.Messages[i].Reactions[j].Mine = false
			}
		}
		more := page.MoreAfter
		if forward {
			all = append(all, page.Messages...)
		} else {
			all, more = append(page.Messages, all...), page.MoreBefore
		}
		if !more {
			return all
		}
		if forward {
			q.After = all[len(all)-1].Seq
		} else {
			q.Before = all[0].Seq
		}
	}
}
