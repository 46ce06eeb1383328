package prove

import (
	"context"
	"errors"
	"math/rand/v2"
)

// Lent is a PostgreSQL or Redis server of our own, started for somebody else
// and hurt by nobody. End ends it.
type Lent struct {
	URL    string // of PostgreSQL as its superuser
	engine *engine
}

// LendPostgres starts an empty PostgreSQL server that keeps its data in the
// folder. An *OptionError if it is not installed. The caller is bound to its
// thread: the server ends with it.
func LendPostgres(ctx context.Context, folder string, chance *rand.Rand) (*Lent, error) {
	e, err := ownPostgres(ctx, folder, chance)
	if err != nil {
		return nil, err
	}
	return lend(ctx, e, "postgres://postgres@"+e.gate.target+"/postgres?sslmode=disable")
}

// LendRedis starts an empty Redis server in the same way.
func LendRedis(ctx context.Context, folder string, chance *rand.Rand) (*Lent, error) {
	e, err := ownRedis(folder, chance)
	if err != nil {
		return nil, err
	}
	return lend(ctx, e, "redis://"+e.gate.target)
}

func lend(ctx context.Context, e *engine, url string) (*Lent, error) {
	if err := e.start(ctx); err != nil {
		return nil, errors.Join(err, e.end())
	}
	return &Lent{URL: url, engine: e}, nil
}

// End ends the server.
func (l *Lent) End() error { return l.engine.end() }
