package bench

import (
	"context"
	"fmt"
)

// run has everybody say something in turn.
func (s Rooms) run(ctx context.Context, r *run) (err error) {
	if err := r.gather(ctx, crowd{people: s.People, roomSize: s.RoomSize}); err != nil {
		return err
	}
	r.Progress(fmt.Sprintf("%d people in rooms of %d, paced, %g messages/s", s.People, s.RoomSize, s.Rate))
	if r.report.Rooms, err = r.pace(ctx, "rooms", s.Rate, s.People); err != nil {
		return err
	}
	if err := r.closeServer(); err != nil {
		return err
	}
	return r.floor(ctx, r.report.Rooms)
}
