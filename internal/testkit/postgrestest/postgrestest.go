// Package postgrestest runs real PostgreSQL servers for tests: from Debian's
// package, in folders of their own, on free loopback ports, ended with the
// test. It does to them what happens to servers: they are restarted, killed,
// and hang.
//
// Parley's part is played by an ordinary role that owns its database and
// nothing else. Without PostgreSQL installed a test is skipped, unless the
// environment variable PARLEY_TEST_REQUIRE (a comma list) has "postgres";
// then it fails.
package postgrestest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/parley-chat/parley/internal/testkit"
)

// patience is how long a server may take to start or stop.
const patience = 60 * time.Second

// role is who Parley is: it may log in and owns its databases.
const role = "parley"

// Server is a PostgreSQL server.
type Server struct {
	dir     string
	port    int
	bin     string
	account *syscall.SysProcAttr
	args    []string
	child   *exec.Cmd // nil while it does not run
	janitor *janitor
}

// Start starts an empty server for this test alone. Further arguments are
// passed to postgres, such as "-c", "fsync=on": it is off.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	bin := binaries()
	if bin == "" {
		testkit.Missing(t, "postgres", "it is not installed")
	}
	s, err := create(bin, args)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.remove)
	return s
}

// binaries gives the folder of the newest version that is installed.
func binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	newest, path := 0, ""
	for _, candidate := range found {
		dir := filepath.Dir(candidate)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && version > newest {
			newest, path = version, dir
		}
	}
	return path
}

func create(bin string, args []string) (*Server, error) {
	dir, err := os.MkdirTemp("", "parley-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, args: args, janitor: newJanitor(dir)}
	for _, step := range []func() error{s.janitor.start, s.settleAccount, s.initialise, s.choosePort, s.start, s.addRole} {
		if err := step(); err != nil {
			s.remove()
			return nil, err
		}
	}
	return s, nil
}

// settleAccount runs the server as the user postgres where we are root: it
// refuses to run as root.
func (s *Server) settleAccount() error {
	if os.Getuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	s.account = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return os.Chown(s.dir, uid, gid)
}

func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.SysProcAttr, cmd.Dir = s.account, s.dir
	return cmd
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) initialise() error {
	out, err := s.command("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
		"--locale=C.UTF-8", "-D", s.data()).CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (s *Server) choosePort() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	s.port = l.Addr().(*net.TCPAddr).Port
	return nil
}

// start starts the server and waits until it answers. After a kill it may
// have to try several times, until the kernel has taken back what was shared.
func (s *Server) start() error {
	deadline := time.Now().Add(patience)
	for {
		err := s.tryStart(deadline)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		<-time.After(50 * time.Millisecond)
	}
}

func (s *Server) tryStart(deadline time.Time) error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{
		"-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.dir, "-c", "listen_addresses=127.0.0.1",
		"-c", "fsync=off", "-c", "max_connections=200", "-c", "logging_collector=off",
	}
	child := s.command("postgres", append(args, s.args...)...)
	child.Stdout, child.Stderr = log, log
	if err := child.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = child.Wait(); close(ended) }()
	for !s.answers() {
		select {
		case <-ended:
			return fmt.Errorf("postgres ended: %v, %s", child.ProcessState, s.lastLines())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			_ = child.Process.Kill()
			return fmt.Errorf("postgres does not answer: %s", s.lastLines())
		}
	}
	s.child = child
	return nil
}

func (s *Server) lastLines() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(text[max(0, len(text)-2000):])
}

func (s *Server) answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url("postgres", "postgres"))
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

func (s *Server) url(who, database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", who, s.port, database)
}

func (s *Server) addRole() error {
	return s.exec("CREATE ROLE " + role + " LOGIN")
}

// exec runs a statement as the superuser.
func (s *Server) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url("postgres", "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// Exec runs a statement as the superuser and fails the test on an error.
func (s *Server) Exec(t testing.TB, statement string) {
	t.Helper()
	if err := s.exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Addr is host:port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }
