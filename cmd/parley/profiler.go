package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/parley-chat/parley/internal/config"
)

// startProfiler serves Go's profiles if an address is set for that, until the
// result is called. Whoever reaches it can slow the server down and learn what
// its memory holds, which is why it is on the loopback.
func startProfiler(ctx context.Context, addr config.ProfilerAddr) (stop func(), err error) {
	if !addr.IsSet() {
		return func() {}, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr.String())
	if err != nil {
		return nil, &config.Error{Setting: "pprof", Detail: "cannot be listened on: " + err.Error(), Err: err}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: onThisMachine(mux), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return func() { _ = errors.Join(server.Close(), listener.Close()) }, nil
}

// onThisMachine refuses what a page in somebody's browser asks for under a
// name of its own.
func onThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !(config.Addr{Host: host}).Loopback() {
			http.Error(w, "ask under the address of the loopback", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
