package prove

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresPrograms gives the folder of the newest version that is installed,
// "" if none is.
func postgresPrograms() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	newest, folder := 0, ""
	for _, candidate := range found {
		dir := filepath.Dir(candidate)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && version > newest {
			newest, folder = version, dir
		}
	}
	if folder == "" {
		if path, err := exec.LookPath("postgres"); err == nil {
			folder = filepath.Dir(path)
		}
	}
	return folder
}

// ownPostgres is an empty server on a free port. Its fsync is on: what it
// acknowledges is on disk.
func ownPostgres(ctx context.Context, folder string, chance *rand.Rand) (*engine, error) {
	programs := postgresPrograms()
	if programs == "" {
		return nil, &OptionError{"database", "must be given: PostgreSQL is not installed."}
	}
	home := filepath.Join(folder, "postgres")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	account, err := postgresAccount(folder, home)
	if err != nil {
		return nil, err
	}
	run := func(program string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(programs, program), args...)
		cmd.Dir = home
		if account != nil {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account}
		}
		return cmd
	}
	data := filepath.Join(home, "data")
	if said, err := run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
		"--locale=C.UTF-8", "-D", data).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("prove: initdb: %w: %s", err, said)
	}
	port, err := freePort(chance.IntN)
	if err != nil {
		return nil, err
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	gate, err := newGate(addr, true)
	if err != nil {
		return nil, err
	}
	return &engine{
		kind: faultPostgres, url: "postgres://parley@" + gate.addr() + "/parley?sslmode=disable", gate: gate,
		log: filepath.Join(folder, "postgres.log"),
		command: func() *exec.Cmd {
			return run("postgres", "-D", data, "-p", strconv.Itoa(port), "-k", home, "-c", "listen_addresses=127.0.0.1",
				"-c", "max_connections=200", "-c", "logging_collector=off")
		},
		ready: func() bool { return prepareDatabase(addr) == nil },
	}, nil
}

// postgresAccount is whom the server runs as where we are root, which it
// refuses to be; nil for ourselves.
func postgresAccount(folder, home string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("prove: PostgreSQL does not run as root: %w", err)
	}
	uid, _ := strconv.Atoi(account.Uid) // numbers on every Unix
	gid, _ := strconv.Atoi(account.Gid)
	if err := os.Chmod(folder, 0o711); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(home, uid, gid)
}

// checkDatabase refuses a database that is given if it does not answer, or has
// people in it.
func checkDatabase(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return &OptionError{"database", "cannot be used: " + err.Error()}
	}
	defer conn.Close(ctx)
	for _, question := range []string{"SELECT to_regclass('users') IS NOT NULL", "SELECT EXISTS (SELECT FROM users)"} {
		var yes bool
		if err := conn.QueryRow(ctx, question).Scan(&yes); err != nil {
			return &OptionError{"database", "cannot be used: " + err.Error()}
		}
		if !yes {
			return nil
		}
	}
	return &OptionError{"database", "has accounts in it. Name an empty one: a run fills it."}
}

// prepareDatabase makes the role and its database where they are missing; an
// error while the server does not answer.
func prepareDatabase(addr string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, "postgres://postgres@"+addr+"/postgres?sslmode=disable")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, step := range []struct{ look, make string }{
		{"SELECT 1 FROM pg_roles WHERE rolname = 'parley'", "CREATE ROLE parley LOGIN"},
		{"SELECT 1 FROM pg_database WHERE datname = 'parley'", "CREATE DATABASE parley OWNER parley"},
	} {
		found, err := conn.Exec(ctx, step.look)
		if err == nil && found.RowsAffected() == 0 {
			_, err = conn.Exec(ctx, step.make)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
