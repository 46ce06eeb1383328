package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds what a script waits for.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"parley": main})
}

// TestScripts runs the command line as people do; see testdata/script.
// Beside testscript's own commands there are:
//
//	wrong REGEXP ARGS…   parley ARGS ends with exit 2, and one line on standard
//	                     error that matches
//	serving ARGS…        starts parley serve ARGS in the background and waits
//	                     until it is ready; $URL and $ADDR are where, $SETUP the
//	                     set-up address (! serving: there is none, for
//	                     there are accounts); log.txt is its standard error
//	terminate            sends it SIGTERM and wants exit 0
//	terminate-twice      sends it SIGTERM again while a request keeps it, and
//	                     wants it to end by that signal
//	env-matches N REGEXP compares an environment variable
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: func(env *testscript.Env) error { env.Setenv("HOME", env.WorkDir); return nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"wrong": wrong, "serving": serving, "terminate": terminate, "terminate-twice": terminateTwice,
			"env-matches": envMatches,
		},
	})
}

// program gives the command that runs parley in the script's surroundings.
func program(ctx context.Context, ts *testscript.TestScript, args ...string) *exec.Cmd {
	var path string
	for _, folder := range filepath.SplitList(ts.Getenv("PATH")) {
		if path = filepath.Join(folder, "parley"); isFile(path) {
			break
		}
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "PARLEY_ADDR", "PARLEY_CONFIG", "PARLEY_DATABASE_FILE", "PARLEY_LIMIT_CONNECTIONS"} {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func wrong(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: wrong REGEXP ARGS…")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := program(ctx, ts, args[1:]...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitUsage || out.Len() > 0 {
		ts.Fatalf("parley %v: %v, said %q and %q", args[1:], err, out.String(), errs.String())
	}
	line := strings.TrimSuffix(errs.String(), "\n")
	if strings.Contains(line, "\n") || !regexp.MustCompile(args[0]).MatchString(line) {
		ts.Fatalf("parley %v: said %q, want one line that matches %s", args[1:], errs.String(), args[0])
	}
}

// running maps a script to the server that it started.
var running sync.Map

func serving(ts *testscript.TestScript, neg bool, args []string) {
	log, err := os.Create(ts.MkAbs("log.txt"))
	ts.Check(err)
	defer log.Close()
	cmd := program(context.Background(), ts, append([]string{"serve"}, args...)...)
	cmd.Stderr = log
	pipe, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := make(chan string)
	go readLines(bufio.NewScanner(pipe), lines) // ends with the process
	url := after(ts, lines, "parley ready on ")
	ts.Setenv("URL", url)
	ts.Setenv("ADDR", strings.TrimPrefix(url, "http://"))
	if !neg { // ! serving: there are accounts, so no second line comes
		ts.Setenv("SETUP", after(ts, lines, "set it up at "))
	}
	running.Store(ts, cmd)
}

func readLines(s *bufio.Scanner, lines chan<- string) {
	for s.Scan() {
		lines <- s.Text()
	}
	close(lines)
}

// after waits for a line that begins with a prefix and gives the rest.
func after(ts *testscript.TestScript, lines <-chan string, prefix string) string {
	select {
	case line := <-lines:
		rest, found := strings.CutPrefix(line, prefix)
		if !found {
			ts.Fatalf("the server said %q, want %q; its log: %s", line, prefix, ts.ReadFile("log.txt"))
		}
		return rest
	case <-time.After(patience):
		ts.Fatalf("the server said nothing; its log: %s", ts.ReadFile("log.txt"))
	}
	return ""
}

func terminate(ts *testscript.TestScript, neg bool, args []string) {
	cmd, found := running.LoadAndDelete(ts)
	if !found {
		ts.Fatalf("no server runs")
	}
	process := cmd.(*exec.Cmd)
	ts.Check(process.Process.Signal(syscall.SIGTERM))
	if err := process.Wait(); err != nil {
		ts.Fatalf("the server ended with %v; its log: %s", err, ts.ReadFile("log.txt"))
	}
}

func terminateTwice(ts *testscript.TestScript, neg bool, args []string) {
	cmd, found := running.LoadAndDelete(ts)
	if !found {
		ts.Fatalf("no server runs")
	}
	conn, err := net.Dial("tcp", ts.Getenv("ADDR"))
	ts.Check(err)
	defer conn.Close()
	// A request whose body does not come keeps the server from ending.
	_, err = io.WriteString(conn, "POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
		"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n")
	ts.Check(err)
	_, err = bufio.NewReader(conn).ReadString('\n')
	ts.Check(err)
	process := cmd.(*exec.Cmd)
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	for again := time.NewTicker(50 * time.Millisecond); ; <-again.C {
		_ = process.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
				ts.Fatalf("the server ended with %v", err)
			}
			return
		default:
		}
	}
}

func envMatches(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: env-matches NAME REGEXP")
	}
	value := ts.Getenv(args[0])
	if regexp.MustCompile(args[1]).MatchString(value) == neg {
		ts.Fatalf("%s is %q", args[0], value)
	}
}
