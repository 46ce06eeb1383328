// Package prove puts the promise of delivery to the proof, from outside: it
// starts nodes as processes of their own, lets people chat through them,
// meanwhile kills, stops and cuts whatever can be, writes down every request,
// answer and event, and then compares all that with what the server has.
//
// It owns the people, the faults, the histories and the check. It speaks the
// protocol as any client does and knows nothing of the server's code.
package prove

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Options of a run.
type Options struct {
	Program  string        // this program, for the processes that are started
	Nodes    int           // how many serve together; more than one needs Database and Redis
	Clients  int           // people who chat
	For      time.Duration // how long the faults go on
	Kills    int           // instead of For: until nodes were killed so often; 0: For counts
	Seed     uint64        // of all that is drawn: who does what, and which faults come
	Faults   []string      // names as in FaultNames; empty: all that fit
	Database string        // address of a PostgreSQL database; "own" starts a server; empty: SQLite
	Redis    string        // address of a Redis; "own" starts a server; empty: none
	Folder   string        // for data and histories; must exist and be empty
	Progress func(string)  // told how it goes; nil: nobody
}

// Own asks for an engine that is started for the run.
const Own = "own"

// What can happen. Each name stands for several faults.
const (
	faultKill     = "kill"     // a node is killed (SIGKILL) and started again
	faultStop     = "stop"     // a node hangs for a while (SIGSTOP)
	faultDrain    = "drain"    // a node is asked to stop (SIGTERM) and started again
	faultCut      = "cut"      // clients' connections are cut, also in the middle of a request or frame
	faultSlow     = "slow"     // clients' connections stop reading for a while
	faultClock    = "clock"    // a node's clock jumps, forwards or back
	faultRedis    = "redis"    // Redis is killed, wiped, frozen, restarted empty, cut off
	faultPostgres = "postgres" // PostgreSQL is killed, restarted, frozen, cut off also between COMMIT and its answer
)

// FaultNames are those that Options.Faults may have.
var FaultNames = []string{faultKill, faultStop, faultDrain, faultCut, faultSlow, faultClock, faultRedis, faultPostgres}

// Bounds of Options.
const (
	minClients = 4
	maxClients = 500
	maxNodes   = 9
	maxKills   = 100_000
	maxFor     = 7 * 24 * time.Hour
)

// OptionError is an option that makes no sense.
type OptionError struct {
	Flag   string // without dashes
	Detail string
}

func (e *OptionError) Error() string { return "--" + e.Flag + " " + e.Detail }

// Check gives an *OptionError for what makes no sense.
func (o Options) Check() error {
	switch {
	case o.Nodes < 1 || o.Nodes > maxNodes:
		return &OptionError{"nodes", fmt.Sprintf("must be from 1 to %d.", maxNodes)}
	case o.Clients < minClients || o.Clients > maxClients:
		return &OptionError{"clients", fmt.Sprintf("must be from %d to %d.", minClients, maxClients)}
	case o.Kills < 0 || o.Kills > maxKills:
		return &OptionError{"kills", fmt.Sprintf("must be from 0 to %d.", maxKills)}
	case o.Kills == 0 && (o.For < time.Second || o.For > maxFor):
		return &OptionError{"for", "must be from 1s to 168h."}
	case o.Nodes > 1 && (o.Database == "" || o.Redis == ""):
		return &OptionError{"nodes", "above 1 need PostgreSQL and Redis: install them, or name them with --database and --redis."}
	}
	if err := o.checkFaults(); err != nil {
		return err
	}
	return o.checkEngines()
}

func (o Options) checkFaults() error {
	for _, name := range o.Faults {
		switch {
		case !slices.Contains(FaultNames, name):
			return &OptionError{"faults", fmt.Sprintf("has %q, which is none of %s, all.", name, strings.Join(FaultNames, ", "))}
		case name == faultRedis && o.Redis == "":
			return &OptionError{"faults", "has redis, but the run has none: name one with --redis."}
		case name == faultPostgres && o.Database == "":
			return &OptionError{"faults", "has postgres, but the run has none: name one with --database."}
		}
	}
	if o.Kills > 0 && !slices.Contains(o.faults(), faultKill) {
		return &OptionError{"kills", "needs kill among --faults."}
	}
	return nil
}

// checkEngines refuses engines that cannot be reached through a proxy.
func (o Options) checkEngines() error {
	return errors.Join(
		checkEngine("database", o.Database, "postgres", "postgresql"),
		checkEngine("redis", o.Redis, "redis", "rediss"))
}

func checkEngine(flag, address string, schemes ...string) error {
	if address == "" || address == Own {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" || strings.Contains(u.Host, ",") {
		return &OptionError{flag, "must be the address of one server, such as " + schemes[0] + "://127.0.0.1."}
	}
	if mode := u.Query().Get("sslmode"); u.Scheme == "rediss" || mode != "" && mode != "disable" {
		return &OptionError{flag, "must be without TLS, since its connections are cut on the way."}
	}
	return nil
}

// faults are the names of those that happen.
func (o Options) faults() []string {
	if len(o.Faults) > 0 {
		return o.Faults
	}
	return slices.DeleteFunc(slices.Clone(FaultNames), func(name string) bool {
		return name == faultRedis && o.Redis == "" || name == faultPostgres && o.Database == ""
	})
}
