package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/config"
)

// healthWait bounds the question and its answer.
const healthWait = 5 * time.Second

// longestHealth bounds the answer that is printed, in bytes.
const longestHealth = 4 << 10

type healthCommand struct {
	Addr config.Addr `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the server listens."`
}

// Run prints what the server of this machine says of itself, and fails unless
// it is ready. A container has no other program to ask with.
func (c *healthCommand) Run(ctx context.Context, sh *shell) error {
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	answer, err := ask(ctx, reachable(c.Addr))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, longestHealth))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New("the server is not ready: " + answer.Status)
	}
	fmt.Fprintln(sh.out, strings.TrimSpace(string(text)))
	return err
}

// ask gets what the server at an address says, from itself: whatever proxy
// the environment names for the way out. It calls the server localhost, a name
// that every server knows, also one whose --public-url is another.
func ask(ctx context.Context, addr string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return nil, err
	}
	request.Host = "localhost"
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("no server answers on %s: %w. Does it listen there? --addr names another address", addr, err)
	}
	return answer, nil
}

// reachable is where a listener on an address is reached from this machine.
func reachable(addr config.Addr) string {
	host := addr.Host
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(int(addr.Port)))
}
