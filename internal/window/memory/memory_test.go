package memory_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/window"
	"github.com/parley-chat/parley/internal/window/memory"
	"github.com/parley-chat/parley/internal/window/windowtest"
)

func TestTheWindowInMemoryKeepsTheContract(t *testing.T) {
	windowtest.Run(t, func(t *testing.T) window.Window { return memory.New(memory.Options{Events: 100}) })
}

// fill appends the events 1 to n of a room, each with size bytes.
func fill(t *testing.T, w window.Window, room chat.RoomID, n, size int) {
	t.Helper()
	for seq := chat.Seq(1); seq <= chat.Seq(n); seq++ {
		if _, err := w.Append(context.Background(), room, []window.Entry{{Seq: seq, JSON: make([]byte, size)}}); err != nil {
			t.Fatal(err)
		}
	}
}

func has(t *testing.T, w window.Window, room chat.RoomID, after, to chat.Seq) bool {
	t.Helper()
	_, err := w.Range(context.Background(), room, after, to, to)
	if err != nil && !errors.Is(err, window.ErrMiss) {
		t.Fatal(err)
	}
	return err == nil
}

func TestARoomKeepsOnlyItsNewestEvents(t *testing.T) {
	w := memory.New(memory.Options{Events: 10})
	fill(t, w, 1, 25, 1)
	if !has(t, w, 1, 15, 25) || has(t, w, 1, 14, 25) {
		t.Fatal("the window does not hold exactly the events 16 to 25")
	}
}

func TestTheRoomThatWasSilentLongestIsForgottenFirst(t *testing.T) {
	w := memory.New(memory.Options{Bytes: 25_000})
	fill(t, w, 1, 10, 1000)
	fill(t, w, 2, 10, 1000)
	fill(t, w, 3, 10, 1000)
	if has(t, w, 1, 0, 10) || !has(t, w, 2, 0, 10) || !has(t, w, 3, 0, 10) {
		t.Fatal("room 1 should be gone, 2 and 3 should be there")
	}
}

func TestASingleRoomStaysWithinTheBytesOfAll(t *testing.T) {
	w := memory.New(memory.Options{Bytes: 10_000})
	fill(t, w, 1, 100, 1000)
	if has(t, w, 1, 89, 100) || !has(t, w, 1, 99, 100) {
		t.Fatal("the window should hold some of the newest events and not ten")
	}
}

func TestASilentRoomExpires(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	w := memory.New(memory.Options{Life: time.Hour, Now: func() time.Time { return now }})
	fill(t, w, 1, 3, 1)
	now = now.Add(61 * time.Minute)
	if has(t, w, 1, 0, 3) {
		t.Fatal("the window is still there after its life")
	}
}
