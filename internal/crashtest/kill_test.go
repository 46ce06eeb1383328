package crashtest

import (
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/testkit/redistest"
)

// Those who are connected when a node dies: rooms of fifty, of whom a few
// speak.
const (
	killRoomSize = 50
	killSpeakers = 3 // of a room
	killPace     = 500 * time.Millisecond
	catchUp      = 10 * time.Second // until everybody is back and has heard everything
)

func TestWhoIsOnAKilledNodeIsSoonBackOnTheOthers(t *testing.T) {
	people := int(setting(t, "PARLEY_CROWD", 150)) / killRoomSize * killRoomSize
	limit := patience
	if setting(t, "PARLEY_MEASURE", 0) > 0 {
		limit = catchUp
	}
	redis := redistest.Start(t)
	s := newSite(t, layout{nodes: 3, people: people, rooms: people / killRoomSize, roomSize: killRoomSize})
	s.start(t, "--redis", redis.URL())
	b := newBalancer(t, s)
	m := &meter{}
	crowd := newCrowd(t, []string{b.addr()}, s.tokens, m)
	enough := make(chan struct{})
	var talking sync.WaitGroup
	for i, p := range crowd {
		if i%killRoomSize < killSpeakers {
			p.pace = killPace
			talking.Go(func() {
				wait(killPace * time.Duration(i) / time.Duration(people)) // somebody speaks all the time
				p.talk(t, enough)
			})
		}
	}
	awaitCurrent(t, crowd, time.Now())
	m.take()
	victims := b.on(2)
	killed := time.Now()
	s.nodes[2].kill()
	awaitCurrent(t, crowd, killed)
	took := time.Since(killed)
	t.Logf("%d of %d people were on the node that was killed; all were back and had heard everything after %v",
		victims, people, took.Round(time.Millisecond))
	if took > limit {
		t.Errorf("that took longer than %v", limit)
	}
	if victims < people/4 {
		t.Errorf("only %d people were on the node that was killed", victims)
	}
	m.report(t, "killed", bearable{ack: limit, delivery: limit})
	close(enough)
	talking.Wait()
	checkHistories(t, s.nodes[0].addr, s.tokens, crowd)
}

// fresh is how old a message may be that shows that its hearer is not behind.
const fresh = time.Second

// awaitCurrent waits until everybody has heard a message that was said after a
// moment, and was new when they heard it. All before it they have heard then,
// which the check of the histories proves.
func awaitCurrent(t *testing.T, crowd []*person, since time.Time) {
	t.Helper()
	for _, p := range crowd {
		eventually(t, p.name+" is where the room is", func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.current.After(since)
		})
	}
}
