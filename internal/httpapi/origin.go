package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// A page of a stranger can make a browser send requests here, and DNS can
// make a stranger's name lead here. The rules of this file turn both away.

func hostSet(hosts []string) map[string]bool {
	set := map[string]bool{"localhost": true}
	for _, host := range hosts {
		set[strings.ToLower(host)] = true
	}
	return set
}

// hostAllowed: a name is one of ours, or an address, which no stranger can
// let point anywhere else.
func (s *Server) hostAllowed(host string) bool {
	name := strings.ToLower(hostname(host))
	if s.hosts[name] {
		return true
	}
	_, err := netip.ParseAddr(name)
	return err == nil
}

// hostname cuts a port off.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

const shownHost = 100 // bytes of a foreign Host that are worth telling

func misdirected(host string) error {
	e := *errMisdirected
	e.detail = "This server does not know the name " + strconv.Quote(host[:min(len(host), shownHost)]) +
		". If it is the address that people type, start the server with --public-url and that address."
	return &e
}

// checkSite refuses a change that a browser makes for another site's page. A
// program that is no browser sends neither header.
func (s *Server) checkSite(c *call) error {
	if c.Method == http.MethodGet || c.Method == http.MethodHead || c.Method == http.MethodOptions {
		return nil
	}
	switch c.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return errCrossSite
	}
	if origin, sent := originOf(c.Request); sent && !s.isOwn(c, origin) {
		return errCrossSite
	}
	return nil
}

// checkSocketOrigin: a cookie comes along by itself, so it counts only from
// our own pages; a bearer token never does.
func (s *Server) checkSocketOrigin(c *call) error {
	origin, sent := originOf(c.Request)
	if (c.cookie && !sent) || (sent && !s.isOwn(c, origin)) {
		return errOrigin
	}
	return nil
}

func originOf(r *http.Request) (origin string, sent bool) {
	values := r.Header.Values("Origin")
	if len(values) == 0 {
		return "", false
	}
	return strings.Join(values, ","), true
}

// isOwn compares scheme, host and port.
func (s *Server) isOwn(c *call, origin string) bool {
	own := s.PublicURL
	if own == "" {
		own = schemeOf(c) + "://" + c.Host
	}
	given, valid := canonicalOrigin(origin)
	wanted, _ := canonicalOrigin(own)
	return valid && given == wanted
}

func schemeOf(c *call) string {
	if c.secure {
		return "https"
	}
	return "http"
}

// canonicalOrigin writes an origin in lower case and without the port that
// its scheme has anyway. It is not valid with anything around scheme and host.
func canonicalOrigin(origin string) (string, bool) {
	origin = strings.ToLower(origin)
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || origin != u.Scheme+"://"+u.Host {
		return "", false
	}
	switch {
	case u.Scheme == "https" && u.Port() == "443":
		return strings.TrimSuffix(origin, ":443"), true
	case u.Scheme == "http" && u.Port() == "80":
		return strings.TrimSuffix(origin, ":80"), true
	}
	return origin, true
}
