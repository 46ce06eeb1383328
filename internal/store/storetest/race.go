package storetest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store"
)

var races = []promise{
	{"sixteen writers get dense numbers in the order in which each sent", sixteenWriters},
	{"racing copies of one key make one message", racingKeys},
	{"refused changes use no number", refusedUseNoNumber},
	{"the listener hears of an event before its sender is answered", heardBeforeDone},
	{"answers come in the order of the commits", answersInOrder},
}

// race runs f(0) to f(n-1) at once and gives their errors.
func race(n int, f func(int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// count tells how many of errs are want, nil for success.
func count(errs []error, want error) int {
	n := 0
	for _, err := range errs {
		if err == nil && want == nil || want != nil && errors.Is(err, want) {
			n++
		}
	}
	return n
}

const (
	writers       = 16
	sendsOfWriter = 500
)

func sixteenWriters(w *world) {
	halls := []chat.RoomID{w.hall, w.newRoom("north", false).ID, w.newRoom("south", false).ID}
	people := make([]chat.User, writers)
	for i := range people {
		people[i] = w.newUser(fmt.Sprint("writer", i), chat.RoleMember)
		for _, room := range halls {
			w.do(people[i], room, chat.AddMember{User: people[i].ID})
		}
	}
	sent := race(writers, func(i int) error { return w.sendMany(people[i], halls) })
	same(w, "done", count(sent, nil), writers)
	total := 0
	for _, room := range halls {
		total += w.inOrder(room)
	}
	same(w, "messages", total, writers*sendsOfWriter)
}

// sendMany pipelines numbered messages to the rooms in turn.
func (w *world) sendMany(by chat.User, halls []chat.RoomID) error {
	results := make(chan error, sendsOfWriter)
	slots := make(chan struct{}, 32)
	for n := range sendsOfWriter {
		slots <- struct{}{}
		w.Append(store.Append{
			Actor: by.ID, Room: halls[n%len(halls)], Change: draft(fmt.Sprint("key ", n), fmt.Sprintf("%06d", n)),
			Done: func(_ store.Appended, err error) { <-slots; results <- err },
		})
	}
	var errs []error
	for range sendsOfWriter {
		errs = append(errs, <-results)
	}
	return errors.Join(errs...)
}

// inOrder checks that each person's texts ascend in a room, and counts them.
func (w *world) inOrder(room chat.RoomID) int {
	w.Helper()
	last, n := map[chat.UserID]string{}, 0
	for _, ev := range w.log(room) {
		if ev.Kind != chat.MessageCreated {
			continue
		}
		if ev.Message.Text <= last[ev.Actor.ID] {
			w.Fatalf("room %d: %s said %s after %s", room, ev.Actor.Username, ev.Message.Text, last[ev.Actor.ID])
		}
		last[ev.Actor.ID] = ev.Message.Text
		n++
	}
	return n
}

func racingKeys(w *world) {
	before := w.head(w.hall)
	var mu sync.Mutex
	seqs, repeated := map[chat.Seq]bool{}, 0
	errs := race(40, func(i int) error {
		done, err := store.AppendWait(w.Context(), w, w.bob.ID, w.hall, draft(fmt.Sprint("key ", i%4), "the same"))
		mu.Lock()
		defer mu.Unlock()
		seqs[done.Message.Seq] = true
		if done.Repeated {
			repeated++
		}
		return err
	})
	same(w, "succeeded", count(errs, nil), 40)
	same(w, "messages", len(seqs), 4)
	same(w, "repeated", repeated, 36)
	same(w, "head", w.head(w.hall), before+4)
}

func refusedUseNoNumber(w *world) {
	before := w.head(w.hall)
	errs := race(60, func(i int) error {
		actor := []chat.User{w.bob, w.cid}[i%2]
		_, err := store.AppendWait(w.Context(), w, actor.ID, w.hall, draft(fmt.Sprint("key ", i), "a word"))
		return err
	})
	same(w, "posted", count(errs, nil), 30)
	same(w, "refused", count(errs, chat.ErrNotMember), 30)
	same(w, "head", w.head(w.hall), before+30)
}

func heardBeforeDone(w *world) {
	errs := race(writers, func(i int) error {
		done, err := store.AppendWait(w.Context(), w, w.bob.ID, w.hall, draft(fmt.Sprint("key ", i), "a word"))
		if heard := w.heard.of(w.hall); err == nil && len(heard) < int(done.Event.Seq) {
			err = fmt.Errorf("event %d was answered when %d were heard", done.Event.Seq, len(heard))
		}
		return err
	})
	w.must(errors.Join(errs...))
}

func answersInOrder(w *world) {
	const n = 300
	answered := make(chan chat.Seq, n)
	for i := range n {
		w.Append(store.Append{
			Actor: w.bob.ID, Room: w.hall, Change: draft(fmt.Sprint("key ", i), "a word"),
			Done: func(done store.Appended, _ error) { answered <- done.Event.Seq },
		})
	}
	before := chat.Seq(0)
	for range n {
		seq := <-answered
		if seq <= before {
			w.Fatalf("event %d was answered after %d", seq, before)
		}
		before = seq
	}
}
