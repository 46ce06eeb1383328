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
		"WhatIsAppendedCanBeRead":                    whatIsAppendedCanBeRead,
		"AnEmptyWindowTakesAnyEntry":                 anEmptyWindowTakesAnyEntry,
		"EntriesThatAreInsideArePassedOver":          entriesThatAreInsideArePassedOver,
		"AHoleIsRefusedAndTheTopIsTold":              aHoleIsRefusedAndTheTopIsTold,
		"ARangeThatIsNotWhollyInsideIsAMiss":         aRangeThatIsNotWhollyInsideIsAMiss,
		"AnEmptyRangeInsideIsNoMiss":                 anEmptyRangeInsideIsNoMiss,
		"AWindowThatMayHoldDeletedTextIsAMiss":       aWindowThatLags,
		"ARestartDropsWhatIsOlder":                   aRestartDropsWhatIsOlder,
		"ARestartOverAHoleBeginsAnew":                aRestartOverAHole,
		"ARestartKeepsWhatIsNewer":                   aRestartKeepsWhatIsNewer,
		"ADroppedRoomIsEmptyAndOthersStay":           aDroppedRoomIsEmpty,
		"RacingAppendsLeaveAContiguousRun":           racingAppends,
		"DroppingAndRestartingAnUnknownRoomIsFine":   unknownRooms,
		"ReadersKeepWhatTheyHaveReadWhenItIsDropped": readersKeepWhatTheyHave,
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
	got, err := w.Range(context.Background(), room, after, to, to)
	same := func(a, b window.Entry) bool { return a.Seq == b.Seq && string(a.JSON) == string(b.JSON) }
	if err != nil || !slices.EqualFunc(got, entries(after+1, to), same) {
		t.Fatalf("range (%d, %d] gave %v, %v", after, to, got, err)
	}
}

func expectMiss(t *testing.T, w window.Window, after, to chat.Seq) {
	t.Helper()
	if got, err := w.Range(context.Background(), room, after, to, to); !errors.Is(err, window.ErrMiss) {
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

func aWindowThatLags(t *testing.T, w window.Window) {
	add(t, w, 1, 10, 10)
	if got, err := w.Range(context.Background(), room, 2, 5, 11); !errors.Is(err, window.ErrMiss) {
		t.Fatalf("got %v, %v; want a miss", got, err)
	}
	if got, err := w.Range(context.Background(), room, 2, 5, 10); err != nil || len(got) != 3 {
		t.Fatalf("got %v, %v", got, err)
	}
}

// restart begins anew with the entries from first to last.
func restart(t *testing.T, w window.Window, first, last, top chat.Seq) {
	t.Helper()
	got, err := w.Restart(context.Background(), room, entries(first, last))
	if err != nil || got != top {
		t.Fatalf("restarting with %d to %d gave top %d, %v; want %d", first, last, got, err, top)
	}
}

func aRestartDropsWhatIsOlder(t *testing.T, w window.Window) {
	add(t, w, 1, 10, 10)
	restart(t, w, 11, 12, 12)
	expectMiss(t, w, 9, 12)
	expect(t, w, 10, 12)
	add(t, w, 13, 14, 14)
	expect(t, w, 10, 14)
}

func aRestartOverAHole(t *testing.T, w window.Window) {
	add(t, w, 1, 10, 10)
	restart(t, w, 20, 22, 22)
	expectMiss(t, w, 18, 22)
	expect(t, w, 19, 22)
}

func aRestartKeepsWhatIsNewer(t *testing.T, w window.Window) {
	add(t, w, 1, 10, 10)
	restart(t, w, 6, 8, 10)
	expectMiss(t, w, 4, 10)
	expect(t, w, 5, 10)
	restart(t, w, 2, 3, 10)
	expect(t, w, 5, 10)
}

func aDroppedRoomIsEmpty(t *testing.T, w window.Window) {
	add(t, w, 1, 5, 5)
	if _, err := w.Append(context.Background(), room+1, entries(1, 5)); err != nil {
		t.Fatal(err)
	}
	if err := w.Drop(context.Background(), room+1); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Range(context.Background(), room+1, 0, 5, 5); !errors.Is(err, window.ErrMiss) {
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
	if err := w.Drop(context.Background(), room); err != nil {
		t.Fatal(err)
	}
	restart(t, w, 1, 1, 1)
	add(t, w, 2, 2, 2)
	expect(t, w, 0, 2)
}

func readersKeepWhatTheyHave(t *testing.T, w window.Window) {
	add(t, w, 1, 3, 3)
	got, err := w.Range(context.Background(), room, 0, 3, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Drop(context.Background(), room); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || string(got[0].JSON) != `{"seq":1}` {
		t.Fatalf("what was read has become %v", got)
	}
}
