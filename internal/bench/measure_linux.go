package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// sight is what the server tells of itself, where it tells it to us.
type sight struct {
	seen                bool
	cpu                 float64 // seconds
	resident            int64   // bytes
	handedOut, writings float64
}

// look adds up what the nodes tell Prometheus. Our own must tell; another may
// refuse.
func (r *run) look(ctx context.Context) (all sight, err error) {
	for _, host := range r.hosts {
		numbers, err := r.ask(ctx, host)
		if err != nil {
			return sight{}, err
		}
		all.seen = numbers["process_cpu_seconds_total"] > 0
		all.cpu += numbers["process_cpu_seconds_total"]
		all.resident += int64(numbers["process_resident_memory_bytes"])
		all.handedOut += numbers["parley_deliveries_total"]
		all.writings += numbers["parley_socket_writes_total"]
	}
	return all, nil
}

// ask gives the plain numbers of a node.
func (r *run) ask(ctx context.Context, host string) (map[string]float64, error) {
	text, err := fetch(ctx, "http://"+host+"/metrics", r.tokens[0])
	if err != nil {
		if len(r.nodes) == 0 && ctx.Err() == nil {
			err = nil
		}
		return nil, err
	}
	numbers := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			numbers[name] = n
		}
	}
	return numbers, nil
}

// mark is where all counters stand at a moment.
type mark struct {
	sight
	at              time.Time
	ownCPU          float64
	serverCore      float64 // work of the server's core for anybody
	clientCore      float64 // and of ours
	acks, delivered int64
	bytes           int64
}

func (r *run) mark(ctx context.Context, l *load) (mark, error) {
	seen, err := r.look(ctx)
	return mark{
		sight: seen, acks: l.acks, delivered: l.delivered, bytes: r.swarm.bytes, ownCPU: ownCPU(),
		serverCore: busy(r.serverCore), clientCore: busy(r.clientCore), at: time.Now(),
	}, err
}

// measure lets a plan run in all rooms, and looks at it after a while.
func (r *run) measure(ctx context.Context, p plan) (*Load, error) {
	lost := r.swarm.lost
	l := newLoad(r.swarm, p)
	if err := l.run(ctx, time.Now().Add(r.warmUp())); err != nil {
		return nil, err
	}
	from, err := r.mark(ctx, l)
	if err != nil {
		return nil, err
	}
	l.latency, l.answer, l.same, l.cross = l.latency[:0], l.answer[:0], l.same[:0], l.cross[:0]
	if err := r.startProfile(ctx); err != nil {
		return nil, err
	}
	if err := l.run(ctx, time.Now().Add(r.For)); err != nil {
		return nil, err
	}
	to, err := r.mark(ctx, l)
	if err != nil {
		return nil, err
	}
	result := loadBetween(from, to)
	result.People, result.Rooms = len(r.swarm.sockets), len(r.swarm.rooms)
	result.Latency, result.Answer = QuantilesOf(l.latency), QuantilesOf(l.answer)
	if result.Nodes = len(r.hosts); result.Nodes > 1 {
		same, cross := QuantilesOf(l.same), QuantilesOf(l.cross)
		result.SameNode, result.CrossNode = &same, &cross
	}
	if err := errors.Join(r.saveProfile(ctx, p.name), l.drain(ctx, arrival)); err != nil {
		return nil, err
	}
	result.Faults = l.settle()
	result.Closed = r.swarm.lost - lost
	return result, nil
}

func loadBetween(from, to mark) *Load {
	seconds := to.at.Sub(from.at).Seconds()
	l := &Load{Seconds: seconds, Deliveries: to.delivered - from.delivered, ServerSeen: to.seen}
	deliveries := max(float64(l.Deliveries), 1)
	l.DeliveriesPerSecond = float64(l.Deliveries) / seconds
	l.SendsPerSecond = float64(to.acks-from.acks) / seconds
	l.CPUPer100k = (to.cpu - from.cpu) / deliveries * 1e5
	l.ServerShare = (to.cpu - from.cpu) / seconds
	l.ClientShare = (to.ownCPU - from.ownCPU) / seconds
	l.OthersShare = max((to.serverCore-from.serverCore)/seconds-l.ServerShare, 0)
	l.OthersClientShare = max((to.clientCore-from.clientCore)/seconds-l.ClientShare, 0)
	l.FrameBytes = float64(to.bytes-from.bytes) / deliveries
	if writes := to.writings - from.writings; writes > 0 {
		l.FramesPerWrite = (to.handedOut - from.handedOut) / writes
	}
	return l
}

// maxFetch bounds what is read of one answer.
const maxFetch = 64 << 20

// fetch asks for something over HTTP, with a token if there is one.
func fetch(ctx context.Context, url, token string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("bench: %s answers %s", url, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxFetch))
}

// floor has a process make the writes of a load and nothing else, to as many
// sockets of ours, once our own server has ended.
func (r *run) floor(ctx context.Context, load *Load) error {
	if load == nil || load.FramesPerWrite == 0 || r.Server != "" {
		return nil
	}
	r.Progress("the floor: plain writes in the same batches")
	rounds := load.DeliveriesPerSecond / float64(load.People) / load.FramesPerWrite
	p, err := spawn(ctx, r.Program, r.serverCore, "bench", "floor", "--sockets", strconv.Itoa(load.People),
		"--frame-bytes", fmt.Sprintf("%.0f", load.FrameBytes), "--batch", fmt.Sprint(load.FramesPerWrite),
		"--rounds", fmt.Sprint(rounds), "--for", r.For.String())
	if err != nil {
		return err
	}
	received, err := r.soak(ctx, p, load.People)
	if err != nil {
		return p.abandon(err)
	}
	text, err := p.finish()
	if err != nil {
		return fmt.Errorf("bench: floor: %w", err)
	}
	var result FloorResult
	if err := json.Unmarshal(text, &result); err != nil || result.Deliveries == 0 {
		return fmt.Errorf("bench: the floor said %q", text)
	}
	if received != result.Deliveries {
		return fmt.Errorf("bench: the floor wrote %d frames, %d arrived", result.Deliveries, received)
	}
	load.FloorCPUPer100k = result.CPUSeconds / float64(result.Deliveries) * 1e5
	load.FloorPerSecond = float64(result.Deliveries) / result.Seconds
	load.FloorRatio = load.CPUPer100k / load.FloorCPUPer100k
	load.FloorRound = result.Round
	return nil
}

// soak receives what the floor writes, in the same way as from a server, until
// it closes.
func (r *run) soak(ctx context.Context, p *process, sockets int) (received int64, err error) {
	host, err := p.line("floor ready on ")
	if err != nil {
		return 0, err
	}
	s, err := newSwarm()
	if err != nil {
		return 0, err
	}
	defer s.close()
	if err := s.connect(host, sockets); err != nil {
		return 0, err
	}
	for i := range s.sockets {
		s.sockets[i].stage = joined
	}
	s.each = func(int, frame) { received++ }
	for s.lost < sockets && err == nil {
		if err = s.poll(time.Second); err == nil {
			err = ctx.Err()
		}
	}
	return received, err
}
