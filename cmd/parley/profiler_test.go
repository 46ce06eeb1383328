package main

import (
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/parley-chat/parley/internal/config"
)

// freeAddress is one of the loopback that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestProfilesAreServedToThisMachineAlone(t *testing.T) {
	var addr config.ProfilerAddr
	if err := addr.UnmarshalText([]byte(freeAddress(t))); err != nil {
		t.Fatal(err)
	}
	stop, err := startProfiler(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for host, want := range map[string]int{"": http.StatusOK, "evil.example": http.StatusMisdirectedRequest} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/goroutine?debug=1", addr), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("host %q: %s", host, response.Status)
		}
	}
	if err := addr.UnmarshalText([]byte("0.0.0.0:6060")); err == nil {
		t.Error("an address that others reach is taken")
	}
}
