package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/ratelimit"
)

// peerOf gives the address at the other end of the connection.
func peerOf(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap().WithZone("")
}

// clientAddress gives the address that limits count. Behind trusted proxies
// it is the right-most one of X-Forwarded-For that is no proxy's: what stands
// further left was written by the client.
func (s *Server) clientAddress(r *http.Request) netip.Addr {
	address := peerOf(r)
	if !s.Trusted(address) {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return address
		}
		address = hop.Unmap().WithZone("")
		if !s.Trusted(address) {
			return address
		}
	}
	return address
}

// isSecure reports whether the person's browser speaks https: to us, to a
// trusted proxy that says so, or by the address that people type.
func (s *Server) isSecure(r *http.Request) bool {
	if r.TLS != nil || strings.HasPrefix(s.PublicURL, "https://") {
		return true
	}
	return s.Trusted(peerOf(r)) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// addresses bounds how many addresses one limit remembers.
const addresses = 100_000

// addressLimit bounds what one address may do in a time; nil limits nothing.
type addressLimit struct {
	*ratelimit.Keyed
	code   string
	detail string
}

func newAddressLimit(n int, in time.Duration, code, detail string) addressLimit {
	if n <= 0 {
		return addressLimit{}
	}
	limit := ratelimit.Limit{Rate: float64(n) / in.Seconds(), Burst: n}
	return addressLimit{ratelimit.NewKeyed(addresses, limit), code, detail}
}

// check refuses an address that has used up its limit.
func (l addressLimit) check(c *call) error {
	if l.Keyed == nil {
		return nil
	}
	ok, wait := l.Check(ratelimit.AddressKey(c.address), c.started, 1)
	return l.refusal(ok, wait)
}

// count notes one event and refuses it if it is one too many.
func (l addressLimit) count(c *call) error {
	if l.Keyed == nil {
		return nil
	}
	ok, wait := l.Allow(ratelimit.AddressKey(c.address), c.started, 1)
	return l.refusal(ok, wait)
}

func (l addressLimit) refusal(ok bool, wait time.Duration) error {
	if ok {
		return nil
	}
	return &chat.Error{Kind: chat.TooMany, Code: l.code, Detail: l.detail, RetryAfter: wait}
}
