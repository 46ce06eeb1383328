package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// run measures the commits without a server first, and then, on the same
// data, what senders see of them.
func (s RoundTrip) run(ctx context.Context, r *run) error {
	if err := r.populate(ctx, crowd{people: s.Senders, roomSize: 1}); err != nil {
		return err
	}
	result := &RoundTripResult{}
	r.report.RoundTrip = result
	for _, part := range []struct {
		into    **SendResult
		senders int
	}{{&result.One, 1}, {&result.Many, s.Senders}} {
		*part.into = &SendResult{Senders: part.senders}
		if r.Server != "" {
			continue // commits are part of it, and its data are not ours
		}
		if err := r.commits(ctx, *part.into); err != nil {
			return err
		}
	}
	if err := r.serve(ctx); err != nil {
		return err
	}
	if err := r.send(ctx, result.One); err != nil {
		return err
	}
	return r.send(ctx, result.Many)
}

// commits has a process post into the rooms without any server.
func (r *run) commits(ctx context.Context, result *SendResult) error {
	r.Progress(fmt.Sprintf("commits of %d senders without a server", result.Senders))
	p, err := spawn(ctx, r.Program, r.serverCore, "bench", "commits", "--data", r.data(),
		"--senders", strconv.Itoa(result.Senders), "--for", r.For.String(), "--text", strconv.Itoa(r.TextBytes))
	if err != nil {
		return err
	}
	text, err := p.finish()
	if err != nil {
		return fmt.Errorf("bench: commits: %w", err)
	}
	result.Bare = &Commits{}
	if err := json.Unmarshal(text, result.Bare); err != nil {
		return fmt.Errorf("bench: the commits said %q", text)
	}
	return nil
}

// send measures senders who each wait for their answers.
func (r *run) send(ctx context.Context, result *SendResult) error {
	if err := r.swarm.join(ctx, r.hosts, r.tokens[:result.Senders]); err != nil {
		return err
	}
	r.Progress(fmt.Sprintf("%d senders, each one message after the other", result.Senders))
	load, err := r.measure(ctx, plan{name: fmt.Sprintf("senders-%d", result.Senders), textBytes: r.TextBytes, senders: result.Senders, inFlight: result.Senders})
	if err != nil {
		return err
	}
	load.InFlight = result.Senders
	result.Load = load
	if result.Bare != nil && result.Bare.Times.P50 > 0 {
		result.Ratio = load.Answer.P50 / result.Bare.Times.P50
	}
	return nil
}
