package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/parley-chat/parley/internal/prove"
)

// servers is how many are started one after the other, or together.
func (s Nodes) servers() int { return 6 }

// run measures one node and then two, on the same engines: one room, and many.
func (s Nodes) run(ctx context.Context, r *run) error {
	end, err := s.startEngines(ctx, r)
	if err != nil {
		return err
	}
	fan := FanOut{Members: s.Members, InFlight: s.InFlight, Rate: s.Rate}
	err = s.onDatabase(ctx, r, crowd{people: s.Members}, func(ctx context.Context) ([]part, error) {
		result := FanOutResult{}
		err := errors.Join(fan.flood(ctx, r, &result), fan.paced(ctx, r, &result))
		return []part{{"one room, closed loop", result.Flood}, {"one room, paced", result.Paced}}, err
	})
	if err == nil {
		err = s.onDatabase(ctx, r, crowd{people: s.People, roomSize: s.RoomSize}, func(ctx context.Context) ([]part, error) {
			load, err := r.pace(ctx, "rooms", s.RoomsRate, s.People)
			return []part{{fmt.Sprintf("rooms of %d, paced", s.RoomSize), load}}, err
		})
	}
	return errors.Join(err, r.closeServer(), end())
}

// part is one load of those that are compared.
type part struct {
	name string
	load *Load
}

// startEngines starts what was not named. Unlike the servers, the engines may
// use every core.
func (s *Nodes) startEngines(ctx context.Context, r *run) (end func() error, err error) {
	var lent []*prove.Lent
	end = func() error {
		var errs []error
		for _, l := range lent {
			errs = append(errs, l.End())
		}
		return errors.Join(errs...)
	}
	r.Progress("starting PostgreSQL and Redis")
	restore, err := pinThread(r.serverCore, r.clientCore)
	if err != nil {
		return nil, err
	}
	chance := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for _, engine := range []struct {
		url  *string
		lend func(context.Context, string, *rand.Rand) (*prove.Lent, error)
	}{{&s.Database, prove.LendPostgres}, {&s.Redis, prove.LendRedis}} {
		if *engine.url != "" {
			continue
		}
		l, err := engine.lend(ctx, r.folder, chance)
		if err != nil {
			return nil, errors.Join(asOption(err), restore(), end())
		}
		lent, *engine.url = append(lent, l), l.URL
	}
	r.redis = []string{"--redis", s.Redis}
	return end, restore()
}

// asOption makes an option's error one of ours.
func asOption(err error) error {
	var wrong *prove.OptionError
	if errors.As(err, &wrong) {
		return &OptionError{wrong.Flag, wrong.Detail}
	}
	return err
}

// onDatabase measures parts on one node and on two, with the same people in a
// database made for that.
func (s *Nodes) onDatabase(ctx context.Context, r *run, c crowd, measure func(context.Context) ([]part, error)) (err error) {
	server, err := pgx.Connect(ctx, s.Database)
	if err != nil {
		return &OptionError{"database", "cannot be used: " + err.Error()}
	}
	defer server.Close(context.WithoutCancel(ctx))
	name := fmt.Sprintf("parley_bench_%x", rand.Uint64())
	if _, err := server.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return &OptionError{"database", "must be one whose account may make databases: " + err.Error()}
	}
	defer func() {
		_, dropped := server.Exec(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		err = errors.Join(err, r.closeServer(), dropped)
	}()
	address, err := url.Parse(s.Database)
	if err != nil {
		return &OptionError{"database", "must look like postgres://…"}
	}
	address.Path = "/" + name
	r.database = []string{"--database", address.String()}
	if err := r.populate(ctx, c); err != nil {
		return err
	}
	one, err := r.onNodes(ctx, 1, measure)
	if err != nil {
		return err
	}
	two, err := r.onNodes(ctx, 2, measure)
	if err != nil {
		return err
	}
	for i := range one {
		r.report.Nodes = append(r.report.Nodes, compare(one[i], two[i]))
	}
	return nil
}

// onNodes measures parts on so many nodes.
func (r *run) onNodes(ctx context.Context, n int, measure func(context.Context) ([]part, error)) (parts []part, err error) {
	if r.swarm, err = newSwarm(); err != nil {
		return nil, err
	}
	for i := range n {
		if err := r.startNode(ctx, filepath.Join(r.folder, fmt.Sprintf("%s-%d", filepath.Base(r.database[1]), i+1))); err != nil {
			return nil, err
		}
	}
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	r.Progress(fmt.Sprintf("the same on %d nodes", n))
	parts, err = measure(ctx)
	return parts, errors.Join(err, r.closeServer())
}

func compare(one, two part) NodesResult {
	result := NodesResult{Part: one.name, One: one.load, Two: two.load}
	if one.load.CPUPer100k > 0 {
		result.CPURatio = two.load.CPUPer100k / one.load.CPUPer100k
	}
	result.CrossLess = two.load.CrossNode.P50 - two.load.SameNode.P50
	return result
}
