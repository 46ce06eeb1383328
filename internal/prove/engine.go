package prove

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/rueidis"
)

// engine is Redis or PostgreSQL behind a gate of ours: one that is given, of
// which only the connections are hurt, or a process of ours.
type engine struct {
	kind    string // as in FaultNames
	url     string // through the gate
	gate    *gate
	command func() *exec.Cmd // nil where it is given
	ready   func() bool
	log     string
	process *process
}

// given puts a gate in front of an engine that somebody else runs.
func given(ctx context.Context, kind, address string) (*engine, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	check := checkRedis
	if kind == faultPostgres {
		check = checkDatabase
		query := u.Query()
		query.Set("sslmode", "disable") // what goes through the gate is read
		u.RawQuery = query.Encode()
	}
	if err := check(ctx, u.String()); err != nil {
		return nil, err
	}
	port := map[string]string{faultRedis: "6379", faultPostgres: "5432"}[kind]
	if u.Port() != "" {
		port = u.Port()
	}
	gate, err := newGate(net.JoinHostPort(u.Hostname(), port), kind == faultPostgres)
	if err != nil {
		return nil, err
	}
	u.Host = gate.addr()
	return &engine{kind: kind, url: u.String(), gate: gate}, nil
}

// checkRedis refuses a Redis that is given if it does not answer.
func checkRedis(_ context.Context, address string) error {
	o, err := rueidis.ParseURL(address)
	if err != nil {
		return &OptionError{"redis", "cannot be used: " + err.Error()}
	}
	o.DisableCache, o.ForceSingleClient = true, true
	conn, err := rueidis.NewClient(o) // says hello
	if err != nil {
		return &OptionError{"redis", "cannot be used: " + err.Error()}
	}
	conn.Close()
	return nil
}

// Installed tells whether the programs of an engine ("redis" or "postgres")
// are there, so that Own can be asked for.
func Installed(engine string) bool {
	if engine == faultPostgres {
		return postgresPrograms() != ""
	}
	_, err := exec.LookPath("redis-server")
	return err == nil
}

// ownRedis is an empty Redis on a free port, without persistence.
func ownRedis(folder string, chance *rand.Rand) (*engine, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, &OptionError{"redis", "must be given: redis-server is not installed."}
	}
	port, err := freePort(chance.IntN)
	if err != nil {
		return nil, err
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	gate, err := newGate(addr, false)
	if err != nil {
		return nil, err
	}
	return &engine{
		kind: faultRedis, url: "redis://" + gate.addr(), gate: gate, log: filepath.Join(folder, "redis.log"),
		command: func() *exec.Cmd {
			return exec.Command(program, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", folder,
				"--save", "", "--appendonly", "no")
		},
		ready: func() bool { return redisSays(addr, "PING", "+PONG") },
	}, nil
}

// redisSays tells whether a command is answered so.
func redisSays(addr, command, want string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // a read fails then
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		return false
	}
	answer := make([]byte, len(want))
	n, err := conn.Read(answer)
	return err == nil && string(answer[:n]) == want
}

// start runs the engine, if it is ours, and waits until it answers. After a
// kill it may take several tries, until the kernel has taken back what was
// shared.
func (e *engine) start(ctx context.Context) error {
	if e.command == nil {
		return nil
	}
	return eventually(ctx, e.kind+" answers", func() bool {
		if e.process == nil || e.process.hasEnded() {
			p, err := startProcess(e.command(), e.log, func(string) {})
			if err != nil {
				return false
			}
			e.process = p
		}
		return e.ready()
	})
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// end stops the engine for good.
func (e *engine) end() error {
	e.gate.close()
	if e.process == nil {
		return nil
	}
	e.signalAll(syscall.SIGCONT)
	e.process.signal(syscall.SIGINT)
	err := e.process.await(patience)
	e.process = nil
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil // how it ends is not our promise
	}
	return err
}

// kill ends all processes of the engine at once.
func (e *engine) kill() {
	e.signalAll(syscall.SIGKILL)
	<-e.process.ended
}

// signalAll reaches the processes that the first one made, too; that one
// comes first, since it makes the others.
func (e *engine) signalAll(s syscall.Signal) {
	first := e.process.cmd.Process.Pid
	e.process.signal(s)
	found, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range found {
		text, _ := os.ReadFile(path) // it may be gone
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(first) {
			id, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			_ = syscall.Kill(id, s)
		}
	}
}

// restart starts the engine after its end.
func (e *engine) restart(ctx context.Context, after time.Duration) error {
	pause(ctx, after)
	if err := e.start(ctx); err != nil {
		return fmt.Errorf("prove: %s: %w", e.kind, err)
	}
	return nil
}
