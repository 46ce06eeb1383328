package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// maxWarmUp is how long each part runs at most before it is measured.
const maxWarmUp = time.Second

// arrival is waited for the messages that are on their way at the end.
const arrival = 10 * time.Second

// bounded is how long a scenario may take for each server that it starts,
// beyond the parts that it measures.
const bounded = 90 * time.Second

// run is one scenario under way.
type run struct {
	Options
	*share
	report          *Report
	folder          string
	tokens          []string   // of the people
	nodes           []*process // our own servers; none where it is somebody else's
	hosts           []string   // of the nodes
	database, redis []string   // flags that name the engines of our own servers; mostly none
	debug           string     // address of the server's profiler; empty without one
	swarm           *swarm
}

// share is what of the machine all scenarios of a run use.
type share struct {
	serverCore, clientCore int // -1: any
}

// runner is a Scenario on a system where it can be measured.
type runner interface {
	run(context.Context, *run) error
}

// Run measures one scenario after the other, each with a server of its own
// unless Options name one. The report is complete only without an error.
func Run(ctx context.Context, o Options, scenarios ...Scenario) (Report, error) {
	runtime.LockOSThread() // processes end with the thread that started them
	defer runtime.UnlockOSThread()
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	report := Report{TextBytes: o.TextBytes}
	shared, err := divideCores(o, &report)
	if err != nil {
		return Report{}, err
	}
	for _, s := range scenarios {
		if err := measure(ctx, &run{Options: o, share: shared, report: &report}, s.(runner)); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}

// measure gives a scenario a folder and limited time, and cleans up after it.
func measure(ctx context.Context, r *run, s runner) (err error) {
	servers := 1
	if several, ok := s.(interface{ servers() int }); ok {
		servers = several.servers()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, time.Duration(servers)*(bounded+10*r.For), errors.New("bench: the server does not keep up: out of time"))
	defer cancel()
	if r.folder, err = os.MkdirTemp("", "parley-bench-"); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, r.closeServer(), os.RemoveAll(r.folder)) }()
	if r.report.Disk == nil && r.Server == "" {
		if r.report.Disk, err = diskTimes(r.folder); err != nil {
			return err
		}
	}
	if err = s.run(ctx, r); err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// closeServer ends the connections and the server.
func (r *run) closeServer() error {
	var errs []error
	if r.swarm != nil {
		errs = append(errs, r.swarm.close())
		r.swarm = nil
	}
	for _, node := range r.nodes {
		errs = append(errs, node.stop())
	}
	r.nodes, r.hosts = nil, nil
	return errors.Join(errs...)
}

func (r *run) warmUp() time.Duration { return min(maxWarmUp, r.For) }

// divideCores gives the servers one core and this process another.
func divideCores(o Options, report *Report) (*share, error) {
	usable, err := cores()
	if err != nil {
		return nil, err
	}
	switch {
	case o.Server != "":
		report.Machine = machine("client on the machine named here, server at " + o.Server)
		return &share{-1, -1}, nil
	case len(usable) < 2:
		report.Machine = machine("server and client share one core")
		return &share{-1, -1}, nil
	}
	report.Machine = machine("server on one core, client on another")
	return &share{usable[0], usable[1]}, pinSelf(usable[1])
}

// machine describes where this runs.
func machine(how string) string {
	var name unix.Utsname
	_ = unix.Uname(&name) // left empty then
	model := "unknown processor"
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "model name"); found {
			model = strings.TrimSpace(strings.TrimLeft(value, "\t :"))
			break
		}
	}
	return fmt.Sprintf("%s, %d cores, Linux %s, %s; %s", model, runtime.NumCPU(), unix.ByteSliceToString(name.Release[:]), runtime.Version(), how)
}

// crowd is whom a scenario needs, and what they have said before.
type crowd struct {
	people   int
	roomSize int // 0: all in one room
	rooms    int // more rooms than they need, which are empty
	messages int // in all rooms together
}

// gather makes people, starts a server and brings them in; or does so with
// those of the server that was named.
func (r *run) gather(ctx context.Context, c crowd) error {
	if err := r.populate(ctx, c); err != nil {
		return err
	}
	if err := r.serve(ctx); err != nil {
		return err
	}
	return r.enter(ctx)
}

// data is the folder of the first node, which is the only one that keeps more
// than its lock there.
func (r *run) data() string { return filepath.Join(r.folder, "data") }

// populate makes the people, or reads who there is.
func (r *run) populate(ctx context.Context, c crowd) error {
	tokens := r.Tokens
	if r.Server == "" {
		r.Progress(fmt.Sprintf("making %d people", c.people))
		tokens = filepath.Join(r.folder, "tokens")
		if err := r.makePeople(ctx, c, tokens); err != nil {
			return err
		}
	}
	var err error
	if r.tokens, err = readTokens(tokens); err != nil {
		return err
	}
	if r.Server == "" {
		if err := os.Remove(tokens); err != nil { // there may be other people after these
			return fmt.Errorf("bench: %w", err)
		}
	}
	if len(r.tokens) < c.people {
		return &OptionError{"tokens", fmt.Sprintf("has %d people; %d are needed.", len(r.tokens), c.people)}
	}
	r.tokens = r.tokens[:c.people]
	return nil
}

func (r *run) makePeople(ctx context.Context, c crowd, tokens string) error {
	command := []string{
		"demo", "--data", r.data(), "--tokens", tokens, "--plain",
		"--messages", strconv.Itoa(c.messages), "--users", strconv.Itoa(c.people),
	}
	if c.roomSize > 0 {
		rooms := max((c.people+c.roomSize-1)/c.roomSize, c.rooms)
		command = append(command, "--rooms", strconv.Itoa(rooms), "--room-size", strconv.Itoa(c.roomSize))
	} else {
		command = append(command, "--rooms", "1")
	}
	p, err := spawn(ctx, r.Program, r.serverCore, append(command, r.database...)...)
	if err != nil {
		return err
	}
	if _, err := p.finish(); err != nil {
		return fmt.Errorf("bench: making the people: %w", err)
	}
	return nil
}

func readTokens(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	var tokens []string
	for line := range strings.Lines(string(text)) {
		_, token, _ := strings.Cut(strings.TrimSpace(line), " ")
		tokens = append(tokens, token)
	}
	return tokens, nil
}

// serve starts the server without limits, or finds the one that was named.
func (r *run) serve(ctx context.Context) (err error) {
	if r.swarm, err = newSwarm(); err != nil {
		return err
	}
	if r.Server != "" {
		host, err := resolve(ctx, r.Server)
		r.hosts = []string{host}
		return err
	}
	return r.startNode(ctx, r.data())
}

// startNode starts one server on a folder. The profiles are of the last one
// that was started.
func (r *run) startNode(ctx context.Context, data string) error {
	command := []string{"serve"}
	if r.Profile != "" {
		command = []string{"bench", "server"}
	}
	command = append(command, "--addr", "127.0.0.1:0", "--data", data, "--log-level", "warn",
		"--limit-connections", "0", "--limit-connections-per-user", "0",
		"--limit-handshakes-per-minute", "0", "--limit-messages-per-second", "0")
	node, err := spawn(ctx, r.Program, r.serverCore, slices.Concat(command, r.database, r.redis)...)
	if err != nil {
		return err
	}
	r.nodes = append(r.nodes, node)
	if r.Profile != "" {
		if r.debug, err = node.line("debug on "); err != nil {
			return err
		}
	}
	address, err := node.line("parley ready on ")
	r.hosts = append(r.hosts, strings.TrimPrefix(address, "http://"))
	return err
}

// resolve gives the address of a server that speaks plain HTTP.
func resolve(ctx context.Context, server string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" {
		return "", &OptionError{"server", "must be like http://127.0.0.1:8080: the clients speak plain HTTP."}
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", u.Hostname())
	if err != nil {
		return "", &OptionError{"server", "has no IPv4 address: " + err.Error()}
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(addresses[0].Unmap().String(), port), nil
}

// enter brings everybody in.
func (r *run) enter(ctx context.Context) error {
	r.Progress(fmt.Sprintf("connecting %d people", len(r.tokens)))
	return r.swarm.join(ctx, r.hosts, r.tokens)
}
