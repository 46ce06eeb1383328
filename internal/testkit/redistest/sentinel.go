package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// MasterSet is the name under which StartSentinel's sentinel watches its master.
const MasterSet = "parley-test"

// StartReplica starts a replica of a server and waits until it has caught up.
func StartReplica(t testing.TB, of *Server) *Server {
	t.Helper()
	of.Do("CONFIG", "SET", "repl-diskless-sync-delay", "0")
	s := Start(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(of.port))
	poll(t, "the replica has caught up", func() bool { return s.hasLine("REPLICATION", "master_link_status:up") })
	return s
}

// StartSentinel starts one sentinel that watches a server, takes it for dead
// after a second, and makes its replica the master. It waits until the replica
// is known.
func StartSentinel(t testing.TB, master *Server) *Server {
	t.Helper()
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]d 1\nsentinel down-after-milliseconds %[1]s 1000\nsentinel failover-timeout %[1]s 5000\n",
		MasterSet, master.port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, port: freePort(t), config: config, args: []string{"--sentinel"}}
	s.start()
	t.Cleanup(s.Kill)
	poll(t, "the sentinel knows the replica", func() bool { return s.hasLine("SENTINEL", "slaves=1") })
	return s
}
