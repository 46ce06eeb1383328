package sqlstore_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/store/sqlstore"
)

// fill says long texts until one is refused, and gives those that were kept.
func (h *hall) fill() (kept []string, refused error) {
	h.t.Helper()
	for n := range 5_000 {
		text := fmt.Sprint(n, strings.Repeat(" and on", 1000))
		if _, err := h.say(text); err != nil {
			return kept, err
		}
		kept = append(kept, text)
	}
	h.t.Fatal("it was never full")
	return nil, nil
}

// keptAll checks that the room's messages are those that were acknowledged,
// and those of which nobody knows.
func (h *hall) keptAll(kept []string) {
	h.t.Helper()
	events := h.dense()[1:]
	for i, text := range kept {
		if i >= len(events) || events[i].Message.Text != text {
			h.t.Fatalf("acknowledged message %d is lost", i)
		}
	}
}

func TestAFullDatabaseRefusesAndGoesOnWhenThereIsSpace(t *testing.T) {
	h := newHall(t, sqlstore.Options{})
	h.must(h.OnWriter(t.Context(), "PRAGMA max_page_count = 200"))
	kept, err := h.fill()
	if !errors.Is(err, chat.ErrStorageFull) || len(kept) < 20 {
		t.Fatalf("after %d messages: %v", len(kept), err)
	}
	h.keptAll(kept)
	h.must(h.OnWriter(t.Context(), "PRAGMA max_page_count = 1000000"))
	_, err = h.say("there is space again")
	h.must(err)
	h.keptAll(append(kept, "there is space again"))
}

func TestAFullDiskLosesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, 0) })
	h := newHallIn(t, dir, sqlstore.Options{})
	ballast := h.dir + "/ballast"
	h.must(os.WriteFile(ballast, make([]byte, 1<<20), 0o600))
	kept, err := h.fill()
	if !errors.Is(err, chat.ErrStorageFull) {
		t.Fatalf("after %d messages: %v", len(kept), err)
	}
	h.keptAll(kept)
	h.must(os.Remove(ballast))
	_, err = h.say("there is space again")
	h.must(err)
	h.must(h.Close())
	h.Store = open(t, h.dir, sqlstore.Options{})
	h.keptAll(kept)
	h.must(h.Close())
}
