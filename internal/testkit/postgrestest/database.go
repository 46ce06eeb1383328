package postgrestest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// shared is the server of the test program that all tests may use which do
// nothing to it. Its janitor ends it with the program.
var shared struct {
	once sync.Once
	*Server
	err error
}

var databases atomic.Int64

// Database makes an empty database on a server that the tests of this
// program share, and gives its address.
func Database(t testing.TB) string {
	t.Helper()
	bin := binaries()
	if bin == "" {
		Missing(t, "it is not installed")
	}
	shared.once.Do(func() { shared.Server, shared.err = create(bin, nil) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.Database(t)
}

// Database makes an empty database, owned by the role that the address logs
// in. On the shared server it is dropped after the test.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", databases.Add(1))
	s.Exec(t, "CREATE DATABASE "+name+" OWNER "+role)
	if s == shared.Server {
		t.Cleanup(func() { _ = s.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	}
	return s.url(role, name)
}
