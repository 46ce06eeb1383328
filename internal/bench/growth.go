package bench

import (
	"fmt"
	"os"
	"path/filepath"
)

// GrowthResult is what each delivery costs, and the newest page of a room
// takes, as things grow.
type GrowthResult struct {
	Members []*Load        `json:"members"` // of one room
	Rooms   []RoomsGrowth  `json:"rooms"`
	History HistoryResults `json:"history"`
}

// RoomsGrowth is a load over rooms of ten people while so many rooms exist.
type RoomsGrowth struct {
	Rooms int   `json:"rooms"`
	Load  *Load `json:"load"`
}

// files are the drawings, by name.
func (g *GrowthResult) files() map[string][]panel {
	speed := panel{title: "deliveries in a second", across: "members of the room", digits: 0}
	cost := panel{title: "server CPU s per 100,000 deliveries", across: "members of the room", digits: 3}
	for _, l := range g.Members {
		speed.points = append(speed.points, point{float64(l.People), l.DeliveriesPerSecond})
		cost.points = append(cost.points, point{float64(l.People), l.CPUPer100k})
	}
	roomsCost := panel{title: "server CPU s per 100,000 deliveries", across: "rooms", digits: 2}
	roomsTime := panel{title: "send to last member, p50, ms", across: "rooms", digits: 2}
	for _, r := range g.Rooms {
		roomsCost.points = append(roomsCost.points, point{float64(r.Rooms), r.Load.CPUPer100k})
		roomsTime.points = append(roomsTime.points, point{float64(r.Rooms), r.Load.Latency.P50})
	}
	half := panel{title: "newest page, p50, ms", across: "messages in the room", digits: 2}
	most := panel{title: "newest page, p99, ms", across: "messages in the room", digits: 2}
	for _, h := range g.History {
		half.points = append(half.points, point{float64(h.Messages), h.Page.P50})
		most.points = append(most.points, point{float64(h.Messages), h.Page.P99})
	}
	return map[string][]panel{"growth-members.svg": {speed, cost}, "growth-rooms.svg": {roomsCost, roomsTime}, "growth-history.svg": {half, most}}
}

// save writes the drawings into a folder.
func (g *GrowthResult) save(folder string) error {
	for name, panels := range g.files() {
		file, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		err = draw(file, panels...)
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	return nil
}

func (g *GrowthResult) sections() (all []section) {
	members := section{name: "growth", title: "one room, closed loop: deliveries/s, server CPU s per 100,000"}
	for _, l := range g.Members {
		members.faulty = members.faulty || l.any()
		members.add(thousands(float64(l.People))+" members", "%s, %.3f%s", thousands(l.DeliveriesPerSecond), l.CPUPer100k, l.remarks())
	}
	rooms := section{name: "growth", title: "rooms of ten: server CPU s per 100,000 deliveries; send to last member"}
	for _, r := range g.Rooms {
		rooms.faulty = rooms.faulty || r.Load.any()
		rooms.add(thousands(float64(r.Rooms))+" rooms", "%.2f; %s%s", r.Load.CPUPer100k, r.Load.Latency, r.Load.remarks())
	}
	return append(all, members, rooms, g.History.section())
}

// remarks say what is wrong with a load, in short.
func (l *Load) remarks() (said string) {
	if l.any() {
		said += fmt.Sprintf("; %d lost, %d doubled, %d out of order, %d closed", l.Lost, l.Doubled, l.Misordered, l.Closed)
	}
	if l.ClientShare > busyClient {
		said += "; limited by the client"
	}
	if l.SendsPerSecond < inTime*l.Rate {
		said += "; not in time"
	}
	if max(l.OthersShare, l.OthersClientShare) > disturbed {
		said += "; disturbed"
	}
	return said
}
