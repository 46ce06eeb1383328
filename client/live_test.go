package client_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/client"
)

func TestAClientThatWasAwayGetsExactlyTheFiveHundredMessagesItMissedInOrder(t *testing.T) {
	s := startServer(t, 2)
	sender := s.client(t, 0).Live(t.Context(), nil, newEar())
	first := send(t, sender, s.room, "before")

	before := newEar()
	there, leave := context.WithCancel(t.Context())
	reader := s.client(t, 1).Live(there, nil, before)
	awaitCursor(t, reader, s.room)
	leave()
	<-reader.Ended()

	for i := range 500 {
		send(t, sender, s.room, "missed "+strconv.Itoa(i))
	}
	after := newEar()
	s.client(t, 1).Live(t.Context(), reader.Cursors(), after)
	events := after.awaitSeq(t, first+500)
	checkDense(t, events, first+1, first+500)
	for i, f := range events {
		if want := "missed " + strconv.Itoa(i); f.Message == nil || f.Message.Text != want {
			t.Fatalf("event %d is %+v, want %q", i, f, want)
		}
	}
	if events, reloads := before.snapshot(); len(events) != 0 || len(reloads) != 0 {
		t.Errorf("heard %v %v before anything was said", events, reloads)
	}
}

// awaitCursor waits until the Live has a place in the room.
func awaitCursor(t *testing.T, l *client.Live, room int64) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if _, there := l.Cursors()[room]; there {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("not connected in time")
		}
	}
}

// Everybody is behind a network that cuts each connection after a random
// number of bytes, in the middle of frames and answers.
func TestNothingIsLostDoubledOrReorderedWhileConnectionsAreCutAtRandom(t *testing.T) {
	const senders, each = 4, 150
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := startServer(t, senders+1)
	bad := startCutter(t, s.url, seed)

	ears := make([]*ear, senders+1)
	lives := make([]*client.Live, senders+1)
	for i := range ears {
		ears[i] = newEar()
		start := map[int64]client.Cursor{s.room: {}}
		lives[i] = s.clientVia(t, bad.url, i).Live(t.Context(), start, ears[i])
	}
	acknowledged := sendAll(t, lives[:senders], s.room, each)
	bad.stop()
	if bad.cuts() < senders {
		t.Fatalf("only %d connections were cut: the test proves nothing", bad.cuts())
	}

	for i, e := range ears {
		events := e.awaitSeq(t, senders*each)
		checkDense(t, events, 1, senders*each)
		checkAcknowledged(t, events, acknowledged)
		if _, reloads := e.snapshot(); len(reloads) > 0 {
			t.Errorf("client %d was told to reload", i)
		}
	}
	checkStored(t, s, senders*each, acknowledged)
}

// sendAll has each sender send its texts one after the other, and gives the
// numbers that were acknowledged, by text.
func sendAll(t *testing.T, senders []*client.Live, room int64, each int) map[string]int64 {
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	var mu sync.Mutex
	acknowledged := map[string]int64{} // guarded by mu
	var all sync.WaitGroup
	for i, l := range senders {
		all.Go(func() {
			last := int64(0)
			for n := range each {
				text := fmt.Sprintf("%d says %d", i, n)
				sent, err := l.Send(ctx, room, text, text)
				if err != nil || sent.Seq <= last {
					t.Errorf("%s: %v, %v after %d", text, sent, err, last)
					return
				}
				last = sent.Seq
				mu.Lock()
				acknowledged[text] = sent.Seq
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return acknowledged
}

// checkAcknowledged: each event is a message with the number that its sender
// was told.
func checkAcknowledged(t *testing.T, events []client.Frame, acknowledged map[string]int64) {
	t.Helper()
	for _, f := range events {
		if f.Message == nil || acknowledged[f.Message.Text] != f.Seq {
			t.Fatalf("event %d is %+v", f.Seq, f.Message)
		}
	}
}

func checkStored(t *testing.T, s *server, want int, acknowledged map[string]int64) {
	t.Helper()
	c, stored := s.client(t, 0), 0
	for after := int64(0); ; {
		page, err := c.Messages(t.Context(), s.room, fmt.Sprintf("after=%d&limit=200", after))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			if acknowledged[m.Text] != int64(m.Seq) {
				t.Errorf("stored %d %q", m.Seq, m.Text)
			}
			after = int64(m.Seq)
		}
		stored += len(page.Messages)
		if !page.More {
			break
		}
	}
	if stored != want {
		t.Errorf("%d messages stored, want %d", stored, want)
	}
}

func TestAReloadIsToldAndLaterEventsFollow(t *testing.T) {
	s := startServer(t, 2)
	sender := s.client(t, 0).Live(t.Context(), nil, newEar())
	head := send(t, sender, s.room, "before")

	e := newEar()
	other := map[int64]client.Cursor{s.room: {Epoch: "another history", Seq: head}}
	s.client(t, 1).Live(t.Context(), other, e)
	e.await(t, func(_ []client.Frame, reloads []int64) bool { return len(reloads) == 1 && reloads[0] == head })
	next := send(t, sender, s.room, "after")
	checkDense(t, e.awaitSeq(t, next), next, next)
}

func TestARoomOneJoinsBeginsWithOnesOwnJoining(t *testing.T) {
	s := startServer(t, 2)
	e := newEar()
	live := s.client(t, 1).Live(t.Context(), nil, e)
	awaitCursor(t, live, s.room)
	room, err := s.client(t, 0).CreateRoom(t.Context(), "Library", "")
	if err != nil {
		t.Fatal(err)
	}
	joined, err := s.client(t, 1).Join(t.Context(), "library")
	if err != nil || joined.ID != room.ID {
		t.Fatalf("joined %+v, %v", joined, err)
	}
	said := send(t, live, int64(room.ID), "here I am")
	events := e.awaitSeq(t, said)
	if events[0].Type != "member.joined" || string(events[0].User.Username) != s.people[1].Username {
		t.Errorf("the first event is %+v", events[0])
	}
	checkDense(t, events, said-1, said)
}

func TestALiveThatIsRefusedEndsAndSaysWhy(t *testing.T) {
	s := startServer(t, 1)
	s.people[0].Token = "prl_wrong"
	live := s.client(t, 0).Live(t.Context(), nil, newEar())
	select {
	case <-live.Ended():
	case <-time.After(patience):
		t.Fatal("it goes on trying")
	}
	var refused *client.Error
	if !errors.As(live.Err(), &refused) || refused.Status != 401 || refused.Code != "not_signed_in" {
		t.Errorf("ended with %v", live.Err())
	}
	if _, err := live.Send(t.Context(), s.room, "key", "text"); !errors.Is(err, live.Err()) {
		t.Errorf("sending fails with %v", err)
	}
}
