package redistest_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/testkit/redistest"
)

func TestAServerComesBackEmpty(t *testing.T) {
	s := redistest.Start(t)
	s.Do("SET", "k", "v")
	if v := s.Do("GET", "k"); v.String() == "" {
		t.Fatal("nothing stored")
	}
	s.RestartEmpty()
	if v := s.Do("GET", "k"); !v.IsNil() {
		t.Fatal("the new server is not empty")
	}
}

func TestThreeServersFormACluster(t *testing.T) {
	nodes := redistest.StartCluster(t, 3)
	if got := len(nodes); got != 3 {
		t.Fatalf("%d nodes", got)
	}
}
