package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// mark is where all counters stand at a moment.
type mark struct {
	at                  time.Time
	serverCPU, ownCPU   float64
	serverCore          float64 // work of the server's core for anybody
	acks, delivered     int64
	bytes               int64
	handedOut, writings float64 // as the server counts
}

func (r *run) mark(ctx context.Context, f *fanout) (mark, error) {
	numbers, err := r.metrics(ctx)
	if err != nil {
		return mark{}, err
	}
	m := mark{
		acks: f.acks, delivered: f.delivered, bytes: r.swarm.bytes, ownCPU: ownCPU(),
		handedOut: numbers["parley_deliveries_total"], writings: numbers["parley_socket_writes_total"],
	}
	m.serverCPU, err = r.server.cpu()
	m.serverCore = busy(r.serverCore)
	m.at = time.Now()
	return m, err
}

// measure lets a load run, and looks at it after a while.
func (r *run) measure(ctx context.Context, f *fanout, profile bool) (*Load, error) {
	lost := r.swarm.lost
	if err := f.run(ctx, time.Now().Add(warmUp)); err != nil {
		return nil, err
	}
	from, err := r.mark(ctx, f)
	if err != nil {
		return nil, err
	}
	f.latency, f.answer = f.latency[:0], f.answer[:0]
	profiled := r.profile(ctx, profile)
	if err := f.run(ctx, time.Now().Add(r.For)); err != nil {
		return nil, err
	}
	to, err := r.mark(ctx, f)
	if err != nil {
		return nil, err
	}
	load := loadBetween(from, to)
	load.Latency, load.Answer = quantilesOf(f.latency), quantilesOf(f.answer)
	if err := <-profiled; err != nil {
		return nil, err
	}
	if err := f.drain(ctx, arrival); err != nil {
		return nil, err
	}
	load.Lost, load.Doubled, load.Misordered, load.Sampled = f.settle()
	load.Closed = r.swarm.lost - lost
	return load, nil
}

func loadBetween(from, to mark) *Load {
	seconds := to.at.Sub(from.at).Seconds()
	l := &Load{Seconds: seconds, Deliveries: to.delivered - from.delivered}
	deliveries := max(float64(l.Deliveries), 1)
	l.DeliveriesPerSecond = float64(l.Deliveries) / seconds
	l.SendsPerSecond = float64(to.acks-from.acks) / seconds
	l.CPUPer100k = (to.serverCPU - from.serverCPU) / deliveries * 1e5
	l.ServerShare = (to.serverCPU - from.serverCPU) / seconds
	l.ClientShare = (to.ownCPU - from.ownCPU) / seconds
	l.OthersShare = max((to.serverCore-from.serverCore)/seconds-l.ServerShare, 0)
	l.FrameBytes = float64(to.bytes-from.bytes) / deliveries
	if writes := to.writings - from.writings; writes > 0 {
		l.FramesPerWrite = (to.handedOut - from.handedOut) / writes
	}
	return l
}

// metrics reads what the server tells Prometheus.
func (r *run) metrics(ctx context.Context) (map[string]float64, error) {
	text, err := fetch(ctx, "http://"+r.host+"/metrics")
	if err != nil {
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

// maxFetch bounds what is read of one answer.
const maxFetch = 64 << 20

func fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
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

// profile has the server profile itself while the load is measured, if that
// is wanted. The goroutine ends by itself.
func (r *run) profile(ctx context.Context, wanted bool) <-chan error {
	done := make(chan error, 1)
	if !wanted {
		done <- nil
		return done
	}
	go func() {
		done <- r.save(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", int(r.For.Seconds())), "cpu.pprof")
	}()
	return done
}

// save writes a profile of the server to a file.
func (r *run) save(ctx context.Context, path, name string) error {
	profile, err := fetch(ctx, r.debug+path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.Profile, name), profile, 0o600); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// floor has a process make the writes of a load and nothing else, to as many
// sockets of ours.
func (r *run) floor(ctx context.Context, load *Load) error {
	rounds := load.DeliveriesPerSecond / float64(r.Members) / load.FramesPerWrite
	p, err := spawn(ctx, r.Program, r.serverCore, "bench", "floor", "--sockets", strconv.Itoa(r.Members),
		"--frame-bytes", fmt.Sprintf("%.0f", load.FrameBytes), "--batch", fmt.Sprint(load.FramesPerWrite),
		"--rounds", fmt.Sprint(rounds), "--for", r.For.String())
	if err != nil {
		return err
	}
	received, err := r.soak(ctx, p)
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
	return nil
}

// soak receives what the floor writes, in the same way as from a server, until
// it closes.
func (r *run) soak(ctx context.Context, p *process) (received int64, err error) {
	host, err := p.line("floor ready on ")
	if err != nil {
		return 0, err
	}
	s, err := newSwarm()
	if err != nil {
		return 0, err
	}
	defer s.close()
	if err := s.connect(host, r.Members); err != nil {
		return 0, err
	}
	for i := range s.sockets {
		s.sockets[i].stage = joined
	}
	s.each = func(int, frame) { received++ }
	for s.lost < r.Members && err == nil {
		if err = s.poll(time.Second); err == nil {
			err = ctx.Err()
		}
	}
	return received, err
}
