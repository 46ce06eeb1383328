package bench

import (
	"context"
	"fmt"
	"time"
)

// run measures the closed loop, the paced part, and what the same writes
// cost without a server.
func (f FanOut) run(ctx context.Context, r *run) error {
	if err := r.gather(ctx, crowd{people: f.Members}); err != nil {
		return err
	}
	result := &FanOutResult{}
	r.report.FanOut = result
	for _, step := range []func() error{
		r.inOneRoom,
		func() error { return r.saveHeap(ctx) },
		func() error { return f.flood(ctx, r, result) },
		func() error { return f.paced(ctx, r, result) },
		r.closeServer,
		func() error { return r.floor(ctx, result.Flood) },
		func() error { return r.floor(ctx, result.Paced) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// inOneRoom refuses the people of a server that was named who are in several
// rooms.
func (r *run) inOneRoom() error {
	if len(r.swarm.rooms) != 1 {
		return &OptionError{"tokens", "must be of people who are all in one room: parley demo --plain --rooms 1 makes them."}
	}
	return nil
}

func (f FanOut) flood(ctx context.Context, r *run, result *FanOutResult) (err error) {
	if f.InFlight == 0 {
		return nil
	}
	r.Progress(fmt.Sprintf("%d people in one room, closed loop, %d messages in flight", f.Members, f.InFlight))
	p := plan{name: "closed-loop", textBytes: r.TextBytes, senders: f.InFlight, inFlight: f.InFlight}
	if result.Flood, err = r.measure(ctx, p); err == nil {
		result.Flood.InFlight = f.InFlight
	}
	return err
}

func (f FanOut) paced(ctx context.Context, r *run, result *FanOutResult) (err error) {
	if f.Rate == 0 {
		return nil
	}
	r.Progress(fmt.Sprintf("%d people in one room, paced, %g messages/s", f.Members, f.Rate))
	result.Paced, err = r.pace(ctx, "paced", f.Rate, 1)
	return err
}

// pace measures so many messages a second, by so many people in turn.
func (r *run) pace(ctx context.Context, name string, rate float64, senders int) (*Load, error) {
	gap := time.Duration(float64(time.Second) / rate)
	result, err := r.measure(ctx, plan{name: name, textBytes: r.TextBytes, senders: senders, gap: gap})
	if err == nil {
		result.Rate = rate
	}
	return result, err
}
