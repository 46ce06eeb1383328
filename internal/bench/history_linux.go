package bench

import (
	"context"
	"fmt"
	"time"
)

// historyPage is how many messages are asked for: as many as the smallest
// room commonly has, so that all pages are alike.
const historyPage = 10

// servers is how many are started one after the other.
func (s History) servers() int { return len(s.Messages) }

// run reads the newest page of one room after the other, each on a server of
// its own.
func (s History) run(ctx context.Context, r *run) error {
	if r.Server != "" {
		return r.readRoom(ctx, 0)
	}
	for _, n := range s.Messages {
		if err := r.afresh(func() error { return r.readRoom(ctx, n) }); err != nil {
			return err
		}
	}
	return nil
}

// readRoom asks for the newest page of a room with so many messages, again
// and again.
func (r *run) readRoom(ctx context.Context, messages int) error {
	if err := r.gather(ctx, crowd{people: 1, messages: messages}); err != nil {
		return err
	}
	r.Progress(fmt.Sprintf("the newest page of a room with %d messages", messages))
	url := fmt.Sprintf("http://%s/api/v1/rooms/%d/messages?limit=%d", r.hosts[0], r.swarm.rooms[0].id, historyPage)
	var times []time.Duration
	for began := time.Now(); time.Since(began) < r.warmUp()+r.For; {
		start := time.Now()
		if _, err := fetch(ctx, url, r.tokens[0]); err != nil {
			return err
		}
		if start.Sub(began) > r.warmUp() {
			times = append(times, time.Since(start))
		}
	}
	r.report.History = append(r.report.History, HistoryResult{Messages: messages, Page: QuantilesOf(times)})
	return nil
}
