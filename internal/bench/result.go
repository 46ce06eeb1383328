package bench

// Report is what a run measured: one field for each scenario, empty for
// those that were not run. Times are in milliseconds unless the name says
// otherwise.
type Report struct {
	Machine   string           `json:"machine"`
	Disk      *Quantiles       `json:"fsync_of_4_kib_ms,omitempty"` // of our own servers
	TextBytes int              `json:"text_bytes"`
	FanOut    *FanOutResult    `json:"fan_out,omitempty"`
	Rooms     *Load            `json:"rooms,omitempty"`
	Idle      *IdleResult      `json:"idle,omitempty"`
	RoundTrip *RoundTripResult `json:"round_trip,omitempty"`
	Storm     *StormResult     `json:"storm,omitempty"`
	History   HistoryResults   `json:"history,omitempty"`
	Nodes     []NodesResult    `json:"nodes,omitempty"`
	Growth    *GrowthResult    `json:"growth,omitempty"`
}

// NodesResult is the same load on one node, and on two on the same engines.
type NodesResult struct {
	Part      string  `json:"part"`
	One       *Load   `json:"one_node"`
	Two       *Load   `json:"two_nodes"`
	CPURatio  float64 `json:"cpu_for_each_delivery_ratio"` // of two nodes to one
	CrossLess float64 `json:"cross_p50_minus_same_p50_ms"`
}

// FanOutResult is of one room, in its two parts.
type FanOutResult struct {
	Flood *Load `json:"closed_loop,omitempty"`
	Paced *Load `json:"paced,omitempty"`
}

// Load is a time of sending.
type Load struct {
	People              int        `json:"people"`
	Rooms               int        `json:"rooms"`
	Nodes               int        `json:"nodes"`               // their CPU times are added up
	InFlight            int        `json:"in_flight,omitempty"` // closed loop
	Rate                float64    `json:"rate,omitempty"`      // paced: messages in a second
	Seconds             float64    `json:"seconds"`
	Deliveries          int64      `json:"deliveries"`
	DeliveriesPerSecond float64    `json:"deliveries_per_second"`
	SendsPerSecond      float64    `json:"acknowledged_sends_per_second"`
	ServerSeen          bool       `json:"server_seen"` // it told its CPU time
	CPUPer100k          float64    `json:"server_cpu_seconds_per_100k_deliveries"`
	ServerShare         float64    `json:"server_cpu_share"` // of one core
	ClientShare         float64    `json:"client_cpu_share"`
	OthersShare         float64    `json:"others_on_server_core_share"` // other processes, where the server has a core of its own
	OthersClientShare   float64    `json:"others_on_client_core_share"` // the same of the client's core
	FramesPerWrite      float64    `json:"frames_per_write"`            // 0: the server does not tell
	FrameBytes          float64    `json:"frame_bytes"`
	Latency             Quantiles  `json:"send_to_last_member_ms"`
	SameNode            *Quantiles `json:"send_to_last_member_of_same_node_ms,omitempty"` // with several nodes
	CrossNode           *Quantiles `json:"send_to_last_member_of_other_node_ms,omitempty"`
	Answer              Quantiles  `json:"send_to_answer_ms"`
	FloorCPUPer100k     float64    `json:"floor_cpu_seconds_per_100k_deliveries,omitempty"`
	FloorPerSecond      float64    `json:"floor_deliveries_per_second,omitempty"`
	FloorRatio          float64    `json:"ratio_to_floor,omitempty"`
	FloorRound          Quantiles  `json:"floor_round_ms,omitzero"` // to write to everybody once
	Faults
}

// Faults are what must not happen.
type Faults struct {
	Lost       int64 `json:"lost"`
	Doubled    int64 `json:"doubled"`
	Misordered int64 `json:"misordered"`
	Sampled    int   `json:"clients_read_for_order"`
	Closed     int   `json:"connections_closed_by_server"`
}

func (f Faults) any() bool { return f.Lost+f.Doubled+f.Misordered+int64(f.Closed) > 0 }

// IdleResult is the memory of those who are connected and do nothing.
type IdleResult struct {
	People         int     `json:"people"`
	ConnectSeconds float64 `json:"connect_seconds"` // for all, with handshake, sign-in and resume
	ServerSeen     bool    `json:"server_seen"`     // it told its memory
	EmptyBytes     int64   `json:"empty_bytes"`     // resident, nobody connected
	ConnectedBytes int64   `json:"connected_bytes"` // resident, everybody connected
	KiBEach        float64 `json:"kib_each"`        // the difference, for each person
	KiBEachOfAll   float64 `json:"kib_each_of_all"` // the whole process, for each person
	Closed         int     `json:"connections_closed_by_server"`
}

// RoundTripResult is of one sender, and of many at a time.
type RoundTripResult struct {
	One  *SendResult `json:"one"`
	Many *SendResult `json:"many"`
}

// SendResult is of senders who each wait for their answer, alone in a room.
type SendResult struct {
	Senders int      `json:"senders"`
	Bare    *Commits `json:"without_a_server,omitempty"` // only beside our own server
	Load    *Load    `json:"load"`
	Ratio   float64  `json:"p50_to_bare,omitempty"` // of the answer to the commit
}

// Commits are the same transactions without a server and a socket.
type Commits struct {
	PerSecond float64   `json:"per_second"`
	Times     Quantiles `json:"ms"`
}

// StormResult is of people who were cut off and came back at once.
type StormResult struct {
	People      int     `json:"people"`
	Missed      int64   `json:"messages_while_away"`
	Seconds     float64 `json:"seconds"`                 // until all have everything
	BareSeconds float64 `json:"bare_handshakes_seconds"` // of as many
	Ratio       float64 `json:"ratio"`
	CPUSeconds  float64 `json:"server_cpu_seconds"`                 // until all have everything; 0: not told
	BareCPU     float64 `json:"bare_handshakes_server_cpu_seconds"` // of as many
	ClientShare float64 `json:"client_cpu_share"`
	Faults
}

// HistoryResult is the newest page of a room.
type HistoryResult struct {
	Messages int       `json:"messages"` // 0: a server's that was named
	Page     Quantiles `json:"newest_page_ms"`
}

// HistoryResults are of rooms of several sizes.
type HistoryResults []HistoryResult

// Spread is the slowest p50 by the quickest.
func (h HistoryResults) Spread() float64 {
	least, most := h[0].Page.P50, h[0].Page.P50
	for _, r := range h[1:] {
		least, most = min(least, r.Page.P50), max(most, r.Page.P50)
	}
	if least == 0 {
		return 0
	}
	return most / least
}

// Sound tells whether nothing was lost, doubled or reordered, and no
// connection closed.
func (r Report) Sound() bool {
	for _, s := range r.sections() {
		if s.faulty {
			return false
		}
	}
	return true
}
