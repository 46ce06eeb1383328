package realtime

import "time"

// Timing is how long things take and may take. Zero fields mean the
// defaults, which are what docs/protocol.md promises; tests use shorter ones.
type Timing struct {
	Heartbeat    time.Duration // between two pings: 25 s
	PongWait     time.Duration // from a ping to a sign of life: 10 s
	ResumeWait   time.Duration // from the upgrade to a resume: 10 s
	MessageWait  time.Duration // from a message's first byte to its last: 30 s
	Stall        time.Duration // without progress of a write: 10 s
	Linger       time.Duration // for the peer's side of a close: 2 s
	Gather       time.Duration // at most between the end of a pass over a large room and the next: 10 ms
	HoldBack     time.Duration // for events that were overtaken: 20 ms
	Retry        time.Duration // after a failed repair: 500 ms
	Query        time.Duration // one question to the database: 10 s
	Sweep        time.Duration // between comparisons of heads: 5 s
	SweepDown    time.Duration // the same while the layer is down: 500 ms
	Settle       time.Duration // after the layer's return, sweeps stay as frequent: 10 s
	EpochCheck   time.Duration // between looks whether the epoch is another one: 250 ms
	SweepAlone   time.Duration // the same on a single node, where all is heard anyway: 30 s
	SessionCheck time.Duration // between questions whether sessions live: 60 s
	SeatCheck    time.Duration // between comparisons of people's rooms with their seats: 60 s
	SeatsAlone   time.Duration // the same on a single node, which misses only commits of unknown outcome: 10 min
	RoomIdle     time.Duration // a room is kept after its last member here: 30 s
	OfflineGrace time.Duration // from the last connection's end to "offline": 5 s
	PresenceTick time.Duration // between presence frames of a room: 500 ms
	PresenceAsk  time.Duration // between questions to other nodes who is connected to them: 5 s
	PresenceLast time.Duration // how long a node's answer holds: 15 s
	TypingEvery  time.Duration // between forwarded typing signals of a person: 1 s
	Tidy         time.Duration // between looks whether a storm of arrivals is over: 1 s
}

func (t Timing) withDefaults() Timing {
	for _, field := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&t.Heartbeat, 25 * time.Second},
		{&t.PongWait, 10 * time.Second},
		{&t.ResumeWait, 10 * time.Second},
		{&t.MessageWait, 30 * time.Second},
		{&t.Stall, 10 * time.Second},
		{&t.Linger, 2 * time.Second},
		{&t.Gather, 10 * time.Millisecond},
		{&t.HoldBack, 20 * time.Millisecond},
		{&t.Retry, 500 * time.Millisecond},
		{&t.Query, 10 * time.Second},
		{&t.Sweep, 5 * time.Second},
		{&t.SweepDown, 500 * time.Millisecond},
		{&t.Settle, 10 * time.Second},
		{&t.EpochCheck, 250 * time.Millisecond},
		{&t.SweepAlone, 30 * time.Second},
		{&t.SessionCheck, time.Minute},
		{&t.SeatCheck, time.Minute},
		{&t.SeatsAlone, 10 * time.Minute},
		{&t.RoomIdle, 30 * time.Second},
		{&t.OfflineGrace, 5 * time.Second},
		{&t.PresenceTick, 500 * time.Millisecond},
		{&t.PresenceAsk, 5 * time.Second},
		{&t.PresenceLast, 15 * time.Second},
		{&t.TypingEvery, time.Second},
		{&t.Tidy, time.Second},
	} {
		if *field.value == 0 {
			*field.value = field.standard
		}
	}
	return t
}
