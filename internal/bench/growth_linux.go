package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Of growth.
const (
	growthInFlight = 32
	growthRoomSize = 10
	growthPeople   = 10_000 // connected at most; further rooms have nobody
	growthRate     = 2000
)

// servers is how many are started one after the other.
func (s Growth) servers() int { return len(s.Members) + len(s.Rooms) + len(s.Messages) }

// run measures each size on a server of its own.
func (s Growth) run(ctx context.Context, r *run) error {
	result := &GrowthResult{}
	for _, n := range s.Members {
		if err := r.afresh(func() error { return result.addMembers(ctx, r, n) }); err != nil {
			return err
		}
	}
	for _, n := range s.Rooms {
		if err := r.afresh(func() error { return result.addRooms(ctx, r, n) }); err != nil {
			return err
		}
	}
	before := r.report.History
	r.report.History = nil
	err := History{Messages: s.Messages}.run(ctx, r)
	result.History, r.report.History = r.report.History, before
	r.report.Growth = result
	if err == nil && s.Images != "" {
		err = result.save(s.Images)
	}
	return err
}

// afresh does something and clears away the server and its data.
func (r *run) afresh(do func() error) error {
	return errors.Join(do(), r.closeServer(), os.RemoveAll(r.folder), os.Mkdir(r.folder, 0o700))
}

func (g *GrowthResult) addMembers(ctx context.Context, r *run, members int) error {
	if err := r.gather(ctx, crowd{people: members}); err != nil {
		return err
	}
	var result FanOutResult
	err := FanOut{Members: members, InFlight: growthInFlight}.flood(ctx, r, &result)
	g.Members = append(g.Members, result.Flood)
	return err
}

func (g *GrowthResult) addRooms(ctx context.Context, r *run, rooms int) error {
	people := min(rooms*growthRoomSize, growthPeople)
	if err := r.gather(ctx, crowd{people: people, roomSize: growthRoomSize, rooms: rooms}); err != nil {
		return err
	}
	r.Progress(fmt.Sprintf("%d people in rooms of %d, %d rooms in all", people, growthRoomSize, rooms))
	load, err := r.pace(ctx, fmt.Sprintf("rooms-%d", rooms), growthRate, people)
	g.Rooms = append(g.Rooms, RoomsGrowth{Rooms: rooms, Load: load})
	return err
}
