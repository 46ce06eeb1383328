// Package windowtest is the suite that every implementation of window.Window
// passes.
package windowtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/window"
)

// Run checks the windows that open gives: each call must give an empty one
// that keeps at least 100 events of each of a few rooms.
func Run(t *testing.T, open func(t *testing.T) window.Window) {
	for name, test := range map[string]func(*testing.T, window.Window){
		"WhatIsAppendedCanBeRead":                   whatIsAppendedCanBeRead,
		"AnEmptyWindowTakesAnyEntry":                anEmptyWindowTakesAnyEntry,
		"EntriesThatAreInsideArePassedOver":         entriesThatAreInsideArePassedOver,
		"AHoleIsRefusedAndTheTopIsTold":             aHoleIsRefusedAndTheTopIsTold,
		"ARangeThatIsNotWhollyInsideIsAMiss":        aRangeThatIsNotWhollyInsideIsAMiss,
		"AnEmptyRangeInsideIsNoMiss":                anEmptyRangeInsideIsNoMiss,
		"WhatIsForgottenIsGoneAndTheRestGoesOn":     whatIsForgottenIsGone,
		"ForgettingEverythingLeavesAnEmptyWindow":   forgettingEverything,
		"ADroppedRoomIsEmptyAndOthersStay":          aDroppedRoomIsEmpty,
		"RacingAppendsLeaveAContiguousRun":          racingAppends,
		"ForgettingAndDroppingAnUnknownRoomIsFine":  unknownRooms,
		"ReadersKeepWhatTheyHaveReadWhenItIsForgot": readersKeepWhatTheyHave,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

const room = chat.RoomID(7)

// entries gives those with the numbers from first to last.
func entries(first, last chat.Seq) []window.Entry {
	var list []window.Entry
	for seq := first; seq <= last; seq++ {
		list = append(list, window.Entry{Seq: seq, JSON: fmt.Appendf(nil, `{"seq":%d}`, seq)})
	}
	return list
}

func add(t *testing.T, w window.Window, first, last, top chat.Seq) {
	t.Helper()
	got, err := w.Append(context.Background(), room, entries(first, last))
	if err != nil || got != top {
		t.Fatalf("appending %d to %d gave top %d, %v; want %d", first, last, got, err, top)
	}
}

func expect(t *testing.T, w window.Window, after, to chat.Seq) {
	t.Helper()
	got, err := w.Range(context.Background(), room, after, to)
	same := func(a, b window.Entry) bool { return a.Seq == b.Seq && string(a.JSON) == string(b.JSON) }
	if err != nil || !slices.EqualFunc(got, entries(after+1, to), same) {
		t.Fatalf("range (%d, %d] gave %v, %v", after, to, got, err)
	}
}

func expectMiss(t *testing.T, w window.Window, after, to chat.Seq) {
	t.Helper()
	if got, err := w.Range(context.Background(), room, after, to); !errors.Is(err, window.ErrMiss) {
		t.Fatalf("range (%d, %d] gave %v, %v; want a miss", after, to, got, err)
	}
}

func whatIsAppendedCanBeRead(t *testing.T, w window.Window) {
	add(t, w, 1, 3, 3)
	add(t, w, 4, 10, 10)
	expect(t, w, 0, 10)
	expect(t, w, 2, 5)
}

func anEmptyWindowTakesAnyEntry(t *testing.T, w window.Window) {
	add(t, w, 50, 52, 52)
	expect(t, w, 49, 52)
}

func entriesThatAreInsideArePassedOver(t *testing.T, w window.Window) {
	add(t, w, 1, 5, 5)
	add(t, w, 3, 7, 7)
	add(t, w, 1, 2, 7)
	expect(t, w, 0, 7)
}

func aHoleIsRefusedAndTheTopIsTold(t *testing.T, w window.Window) {
	add(t, w, 1, 5, 5)
	top, err := w.Append(context.Background(), room, entries(7, 8))
	if !errors.Is(err, window.ErrHole) || top != 5 {
		t.Fatalf("got top %d, %v; want 5 and a hole", top, err)
	}
	expectMiss(t, w, 5, 8)
	add(t, w, 6, 8, 8)
	expect(t, w, 0, 8)
}

func aRangeThatIsNotWhollyInsideIsAMiss(t *testing.T, w window.Window) {
	expectMiss(t, w, 0, 1)
	add(t, w, 10, 20, 20)
	expectMiss(t, w, 8, 15)
	expectMiss(t, w, 15, 21)
	expect(t, w, 9, 20)
}

func anEmptyRangeInsideIsNoMiss(t *testing.T, w window.Window) {
	add(t, w, 1, 5, 5)
	expect(t, w, 5, 5)
}

func whatIsForgottenIsGone(t *testing.T, w window.Window) {
	add(t, w, 1, 10, 10)
	if err := w.Forget(context.Background(), room, 6); err != nil {
		t.Fatal(err)
	}
	expectMiss(t, w, 5, 10)
	expect(t, w, 6, 10)
	add(t, w, 11, 12, 12)
	expect(t, w, 6, 12)
}

func forgettingEverything(t *testing.T, w window.Window) {
	add(t, w, 1, 10, 10)
	if err := w.Forget(context.Background(), room, 99); err != nil {
		t.Fatal(err)
	}
	expectMiss(t, w, 9, 10)
	add(t, w, 11, 11, 11)
	expect(t, w, 10, 11)
}

func aDroppedRoomIsEmpty(t *testing.T, w window.Window) {
	add(t, w, 1, 5, 5)
	if _, err := w.Append(context.Background(), room+1, entries(1, 5)); err != nil {
		t.Fatal(err)
	}
	if err := w.Drop(context.Background(), room+1); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Range(context.Background(), room+1, 0, 5); !errors.Is(err, window.ErrMiss) {
		t.Fatalf("the dropped room gave %v", err)
	}
	expect(t, w, 0, 5)
}

func racingAppends(t *testing.T, w window.Window) {
	var racers sync.WaitGroup
	for range 4 {
		racers.Go(func() {
			for seq := chat.Seq(1); seq <= 50; seq++ {
				_, _ = w.Append(context.Background(), room, entries(1, seq))
			}
		})
	}
	racers.Wait()
	expect(t, w, 0, 50)
}

func unknownRooms(t *testing.T, w window.Window) {
	if err := errors.Join(w.Forget(context.Background(), room, 5), w.Drop(context.Background(), room)); err != nil {
		t.Fatal(err)
	}
	add(t, w, 1, 1, 1)
}

func readersKeepWhatTheyHave(t *testing.T, w window.Window) {
	add(t, w, 1, 3, 3)
	got, err := w.Range(context.Background(), room, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Forget(context.Background(), room, 3); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || string(got[0].JSON) != `{"seq":1}` {
		t.Fatalf("what was read has become %v", got)
	}
}
