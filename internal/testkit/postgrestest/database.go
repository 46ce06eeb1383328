package postgrestest

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/testkit"
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
		testkit.Missing(t, "postgres", "it is not installed")
	}
	shared.once.Do(func() { shared.Server, shared.err = create(bin, nil) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.Database(t)
}

// Copy makes a copy of a database that Database made on the shared server.
func Copy(t testing.TB, url string) string {
	t.Helper()
	copied := shared.Copy(t, url)
	t.Cleanup(func() { shared.drop(copied) })
	return copied
}

func (s *Server) drop(url string) {
	_ = s.exec("DROP DATABASE IF EXISTS " + databaseOf(url) + " WITH (FORCE)")
}

// Copy makes a copy of a database of the server and gives its address.
func (s *Server) Copy(t testing.TB, url string) string {
	t.Helper()
	name, copied := databaseOf(url), fmt.Sprintf("test_%d", databases.Add(1))
	// Connections that were closed just now may still be there.
	for deadline := time.Now().Add(patience); ; {
		err := s.exec("CREATE DATABASE " + copied + " OWNER " + role + " TEMPLATE " + name)
		if err == nil {
			return s.url(role, copied)
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		<-time.After(50 * time.Millisecond)
	}
}

func databaseOf(url string) string {
	name, _, _ := strings.Cut(url[strings.LastIndex(url, "/")+1:], "?")
	return name
}

// Database makes an empty database, owned by the role that the address logs
// in. On the shared server it is dropped after the test.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", databases.Add(1))
	s.Exec(t, "CREATE DATABASE "+name+" OWNER "+role)
	if s == shared.Server {
		t.Cleanup(func() { s.drop(s.url(role, name)) })
	}
	return s.url(role, name)
}
