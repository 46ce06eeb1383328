package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Times that are not measured.
const (
	warmUp  = time.Second      // of each part
	settle  = time.Second      // before memory is looked at
	arrival = 10 * time.Second // for the messages that are on their way at the end
)

// run is one run under way.
type run struct {
	Options
	folder     string
	server     *process
	host       string // of the server
	debug      string // address of the server's profiler; empty without a profile
	serverCore int    // -1: any
	swarm      *swarm
	report     Report
	tokens     []string // of the members
}

// Run starts a server, measures it and stops it again. It takes a few times
// Options.For. The report is complete only without an error.
func Run(ctx context.Context, o Options) (report Report, err error) {
	runtime.LockOSThread() // processes end with the thread that started them
	defer runtime.UnlockOSThread()
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	folder, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return Report{}, fmt.Errorf("bench: %w", err)
	}
	r := &run{Options: o, folder: folder, serverCore: -1}
	defer func() { err = errors.Join(err, r.close()) }()
	for _, step := range []func(context.Context) error{
		r.prepare, r.connect, r.flood, r.paced, r.roundTrip, r.closeServer, r.floors,
	} {
		if err := step(ctx); err != nil {
			return Report{}, err
		}
	}
	return r.report, nil
}

// close ends what is still there and removes the data.
func (r *run) close() error {
	return errors.Join(r.closeServer(context.Background()), os.RemoveAll(r.folder))
}

// closeServer ends the connections and the server.
func (r *run) closeServer(context.Context) error {
	var errs []error
	if r.swarm != nil {
		errs = append(errs, r.swarm.close())
		r.swarm = nil
	}
	if r.server != nil {
		errs = append(errs, r.server.stop())
		r.server = nil
	}
	return errors.Join(errs...)
}

// prepare makes the people and the room, and starts the server on them.
func (r *run) prepare(ctx context.Context) error {
	r.Progress("looking at the disk, making people, starting a server")
	if err := r.divideCores(); err != nil {
		return err
	}
	var err error
	if r.report.Disk, err = diskTimes(r.folder); err != nil {
		return err
	}
	data, tokens := filepath.Join(r.folder, "data"), filepath.Join(r.folder, "tokens")
	p, err := spawn(ctx, r.Program, r.serverCore, "demo", "--data", data, "--tokens", tokens,
		"--plain", "--rooms", "1", "--messages", "0", "--users", strconv.Itoa(r.Members))
	if err != nil {
		return err
	}
	if _, err := p.finish(); err != nil {
		return fmt.Errorf("bench: making the people: %w", err)
	}
	if r.tokens, err = readTokens(tokens); err != nil {
		return err
	}
	return r.startServer(ctx, data)
}

// divideCores gives the server one core and this process another.
func (r *run) divideCores() error {
	usable, err := cores()
	if err != nil {
		return err
	}
	r.report.Machine = machine(len(usable) > 1)
	r.report.Members, r.report.TextBytes = r.Members, r.TextBytes
	if len(usable) < 2 {
		return nil
	}
	r.serverCore = usable[0]
	return pinSelf(usable[1])
}

// machine describes where this runs.
func machine(pinned bool) string {
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
	where := "server and client share one core"
	if pinned {
		where = "server on one core, client on another"
	}
	return fmt.Sprintf("%s, %d cores, Linux %s, %s; %s", model, runtime.NumCPU(), unix.ByteSliceToString(name.Release[:]), runtime.Version(), where)
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

func (r *run) startServer(ctx context.Context, data string) error {
	command := []string{"serve"}
	if r.Profile != "" {
		command = []string{"bench", "server"}
	}
	p, err := spawn(ctx, r.Program, r.serverCore, append(command, "--addr", "127.0.0.1:0", "--data", data, "--log-level", "warn",
		"--limit-connections", "0", "--limit-connections-per-user", "0",
		"--limit-handshakes-per-minute", "0", "--limit-messages-per-second", "0")...)
	if err != nil {
		return err
	}
	r.server = p
	if r.Profile != "" {
		if r.debug, err = p.line("debug on "); err != nil {
			return err
		}
	}
	url, err := p.line("parley ready on ")
	r.host = strings.TrimPrefix(url, "http://")
	return err
}

// connect brings everybody in and looks at what that costs.
func (r *run) connect(ctx context.Context) (err error) {
	r.Progress(fmt.Sprintf("connecting %d people", r.Members))
	pause(ctx, settle)
	idle := &r.report.Idle
	if idle.EmptyBytes, err = r.server.resident(); err != nil {
		return err
	}
	afterGC, err := r.residentAfterGC(ctx)
	if err != nil {
		return err
	}
	if r.swarm, err = newSwarm(); err != nil {
		return err
	}
	began := time.Now()
	if err := r.swarm.join(ctx, r.host, r.tokens); err != nil {
		return err
	}
	idle.ConnectSeconds, idle.ConnectedPeople = time.Since(began).Seconds(), r.Members
	pause(ctx, settle)
	if idle.ConnectedBytes, err = r.server.resident(); err != nil {
		return err
	}
	idle.KiBEach = float64(idle.ConnectedBytes-idle.EmptyBytes) / 1024 / float64(r.Members)
	return r.lookAfterGC(ctx, afterGC)
}

// lookAfterGC is the same without garbage, where the server can be told to
// collect it.
func (r *run) lookAfterGC(ctx context.Context, before int64) error {
	if r.debug == "" {
		return nil
	}
	after, err := r.residentAfterGC(ctx)
	if err != nil {
		return err
	}
	r.report.Idle.KiBEachAfterGC = float64(after-before) / 1024 / float64(r.Members)
	return r.save(ctx, "/debug/pprof/heap", "heap.pprof")
}

func (r *run) residentAfterGC(ctx context.Context) (int64, error) {
	if r.debug == "" {
		return 0, nil
	}
	if _, err := fetch(ctx, r.debug+"/free"); err != nil {
		return 0, err
	}
	return r.server.resident()
}

func (r *run) flood(ctx context.Context) error {
	if r.InFlight == 0 {
		return nil
	}
	r.Progress(fmt.Sprintf("closed loop, %d messages in flight", r.InFlight))
	f := newFanout(r.swarm, r.TextBytes, r.InFlight)
	load, err := r.measure(ctx, f, r.Profile != "")
	if err != nil {
		return err
	}
	load.InFlight = r.InFlight
	r.report.Flood = load
	return nil
}

func (r *run) paced(ctx context.Context) error {
	if r.Rate == 0 {
		return nil
	}
	r.Progress(fmt.Sprintf("paced, %g messages/s", r.Rate))
	f := newFanout(r.swarm, r.TextBytes, 0)
	f.gap = time.Duration(float64(time.Second) / r.Rate)
	load, err := r.measure(ctx, f, false)
	if err != nil {
		return err
	}
	load.Rate = r.Rate
	r.report.Paced = load
	return nil
}

// roundTrip leaves one member, who sends and waits for the answer.
func (r *run) roundTrip(ctx context.Context) error {
	r.Progress("round trip of one sender")
	if err := r.swarm.shrink(1); err != nil {
		return err
	}
	f := newFanout(r.swarm, r.TextBytes, 1)
	load, err := r.measure(ctx, f, false)
	if err != nil {
		return err
	}
	r.report.RoundTrip = &RoundTrip{SendsPerSecond: load.SendsPerSecond, Answer: load.Answer}
	return nil
}

// floors measures what the same batches cost without a server.
func (r *run) floors(ctx context.Context) error {
	for _, load := range []*Load{r.report.Flood, r.report.Paced} {
		if load == nil || load.FramesPerWrite == 0 {
			continue
		}
		r.Progress("the floor: plain writes in the same batches")
		if err := r.floor(ctx, load); err != nil {
			return err
		}
	}
	return nil
}
