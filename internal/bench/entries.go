package bench

import "fmt"

// everything is what a series measures: the scenarios of which
// docs/performance.md tells.
func everything() []entry {
	return []entry{
		fanOutEntry(100, 0, floodFigures("1,000,000", "")),
		fanOutEntry(1000, 10, append(floodFigures("1,000,000", "0.10"), pacedFigures()...)),
		fanOutEntry(5000, 0, floodFigures("400,000", "")),
		{"rooms", Rooms{People: 2000, RoomSize: 10, Rate: 2000}, roomsFigures()},
		{"idle --people 19000", Idle{People: 19_000}, []figure{
			{"KiB for each person above the empty server", 2, "5", func(r *Report) float64 { return r.Idle.KiBEach }},
			{"KiB of the whole process, divided", 2, "7", func(r *Report) float64 { return r.Idle.KiBEachOfAll }},
			{"all connected and resumed in, s", 1, "10", func(r *Report) float64 { return r.Idle.ConnectSeconds }},
		}},
		{"round-trip", RoundTrip{Senders: 64}, []figure{
			{"one sender: acknowledged sends/s", 0, "", func(r *Report) float64 { return r.RoundTrip.One.Load.SendsPerSecond }},
			{"one sender: p50, ms", 2, "", func(r *Report) float64 { return r.RoundTrip.One.Load.Answer.P50 }},
			{"that p50 to the bare commit's", 2, "1.25", func(r *Report) float64 { return r.RoundTrip.One.Ratio }},
			{"64 senders: acknowledged sends/s", 0, "15,000", func(r *Report) float64 { return r.RoundTrip.Many.Load.SendsPerSecond }},
			{"64 senders: bare commits/s", 0, "", func(r *Report) float64 { return r.RoundTrip.Many.Bare.PerSecond }},
		}},
		stormEntry(1000), stormEntry(5000),
		{"nodes", Nodes{Members: 1000, InFlight: 32, Rate: 10, People: 2000, RoomSize: 10, RoomsRate: 1000}, nodesFigures()},
		{"growth", Growth{Members: []int{10, 100, 1000, 10_000}, Rooms: []int{10, 1000, 100_000}, Messages: []int{10, 10_000, 1_000_000}}, growthFigures()},
	}
}

func fanOutEntry(members int, rate float64, figures []figure) entry {
	return entry{fmt.Sprintf("fan-out --members %d --rate %g", members, rate), FanOut{Members: members, InFlight: 32, Rate: rate}, figures}
}

func floodFigures(speed, cost string) []figure {
	return []figure{
		{"deliveries/s", 0, speed, func(r *Report) float64 { return r.FanOut.Flood.DeliveriesPerSecond }},
		{"server CPU s per 100,000", 3, cost, func(r *Report) float64 { return r.FanOut.Flood.CPUPer100k }},
		{"that to the floor's", 2, "1.3", func(r *Report) float64 { return r.FanOut.Flood.FloorRatio }},
		{"frames in a write", 1, "", func(r *Report) float64 { return r.FanOut.Flood.FramesPerWrite }},
		{"send to last member, p50, ms", 1, "", func(r *Report) float64 { return r.FanOut.Flood.Latency.P50 }},
		{"send to last member, p99, ms", 1, "", func(r *Report) float64 { return r.FanOut.Flood.Latency.P99 }},
		{"stored messages/s", 0, "", func(r *Report) float64 { return r.FanOut.Flood.SendsPerSecond }},
	}
}

func pacedFigures() []figure {
	return []figure{
		{"paced, 10 messages/s: send to last member, p50, ms", 1, "7", func(r *Report) float64 { return r.FanOut.Paced.Latency.P50 }},
		{"paced: a plain write to each, and nothing else, p50, ms", 1, "", func(r *Report) float64 { return r.FanOut.Paced.FloorRound.P50 }},
		{"paced: p99, ms", 1, "15 beyond a commit", func(r *Report) float64 { return r.FanOut.Paced.Latency.P99 }},
		{"paced: p99 of the answer, ms", 1, "", func(r *Report) float64 { return r.FanOut.Paced.Answer.P99 }},
		{"paced: server CPU s per 100,000", 2, "1.2", func(r *Report) float64 { return r.FanOut.Paced.CPUPer100k }},
	}
}

func roomsFigures() []figure {
	return []figure{
		{"2,000 people, 2,000 messages/s: server CPU s per 100,000", 2, "4", func(r *Report) float64 { return r.Rooms.CPUPer100k }},
		{"send to last member, p50, ms", 2, "", func(r *Report) float64 { return r.Rooms.Latency.P50 }},
		{"send to last member, p99, ms", 2, "", func(r *Report) float64 { return r.Rooms.Latency.P99 }},
		{"that p99 beyond the answer's, ms", 2, "4 beyond a commit", func(r *Report) float64 { return r.Rooms.Latency.P99 - r.Rooms.Answer.P99 }},
	}
}

func stormEntry(people int) entry {
	return entry{fmt.Sprintf("storm --people %d", people), Storm{People: people}, []figure{
		{"all caught up after, s", 2, "", func(r *Report) float64 { return r.Storm.Seconds }},
		{"that to as many bare handshakes", 2, "1.5", func(r *Report) float64 { return r.Storm.Ratio }},
		{"bare handshakes, s", 2, "", func(r *Report) float64 { return r.Storm.BareSeconds }},
		{"server CPU to that of the bare handshakes", 2, "", func(r *Report) float64 { return r.Storm.CPUSeconds / r.Storm.BareCPU }},
	}}
}

func nodesFigures() (all []figure) {
	for i, part := range []string{"one room, closed loop", "one room, paced", "rooms of 10, paced"} {
		all = append(all,
			figure{part + ": CPU for each delivery, two nodes to one", 2, "1.3", func(r *Report) float64 { return r.Nodes[i].CPURatio }},
			figure{part + ": p50 on the other node beyond the sender's, ms", 2, "3", func(r *Report) float64 { return r.Nodes[i].CrossLess }},
		)
	}
	return all
}

func growthFigures() (all []figure) {
	for i, members := range []int{10, 100, 1000, 10_000} {
		name := thousands(float64(members)) + " members: "
		all = append(all,
			figure{name + "deliveries/s", 0, "", func(r *Report) float64 { return r.Growth.Members[i].DeliveriesPerSecond }},
			figure{name + "server CPU s per 100,000", 3, "", func(r *Report) float64 { return r.Growth.Members[i].CPUPer100k }},
		)
	}
	for i, rooms := range []int{10, 1000, 100_000} {
		name := thousands(float64(rooms)) + " rooms of ten: "
		all = append(all,
			figure{name + "server CPU s per 100,000", 2, "", func(r *Report) float64 { return r.Growth.Rooms[i].Load.CPUPer100k }},
			figure{name + "send to last member, p50, ms", 2, "", func(r *Report) float64 { return r.Growth.Rooms[i].Load.Latency.P50 }},
		)
	}
	for i, messages := range []int{10, 10_000, 1_000_000} {
		all = append(all, figure{thousands(float64(messages)) + " messages: newest page, p50, ms", 2, "", func(r *Report) float64 { return r.Growth.History[i].Page.P50 }})
	}
	return append(all, figure{"slowest page to quickest", 2, "1.5", func(r *Report) float64 { return r.Growth.History.Spread() }})
}
