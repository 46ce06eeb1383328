package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Addr is where the server listens.
type Addr struct {
	Host string // empty: all addresses
	Port uint16 // 0: a free one
}

// UnmarshalText reads HOST:PORT.
func (a *Addr) UnmarshalText(text []byte) error {
	host, port, err := net.SplitHostPort(string(text))
	if err != nil {
		return errors.New("must look like 127.0.0.1:8080 or :8080, not " + strconv.Quote(string(text)))
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return errors.New("the port must be a number from 0 to 65535, not " + strconv.Quote(port))
	}
	*a = Addr{strings.ToLower(host), uint16(n)}
	return nil
}

// String gives HOST:PORT.
func (a Addr) String() string {
	return net.JoinHostPort(a.Host, strconv.Itoa(int(a.Port)))
}

// Loopback reports whether only this machine can reach the address.
func (a Addr) Loopback() bool {
	if a.Host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(a.Host)
	return err == nil && ip.IsLoopback()
}

// URL is the address that people type: scheme and host, nothing after them.
// The zero value means that none is set.
type URL struct {
	Scheme string // "http" or "https"
	Host   string // lower case, with the port if it is not the scheme's own
}

// UnmarshalText reads http://HOST or https://HOST, with or without a port.
func (u *URL) UnmarshalText(text []byte) error {
	parsed, err := url.Parse(string(text))
	if err != nil || !isOrigin(parsed) {
		return errors.New("must look like https://chat.example.org, without a path, not " + strconv.Quote(string(text)))
	}
	*u = URL{parsed.Scheme, canonicalHost(parsed)}
	return nil
}

// isOrigin accepts a scheme and a host alone. A host beyond ASCII would never
// equal the one that browsers send, which is its xn-- form.
func isOrigin(u *url.URL) bool {
	if u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	bare := u.User == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
	ascii := !strings.ContainsFunc(u.Host, func(r rune) bool { return r > '~' || r <= ' ' })
	return bare && ascii && u.Hostname() != "" && validPort(u)
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

// canonicalHost writes a host as browsers write it in an Origin.
func canonicalHost(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// IsSet reports whether there is one.
func (u URL) IsSet() bool { return u.Host != "" }

// Secure reports whether it is an https address.
func (u URL) Secure() bool { return u.Scheme == "https" }

// Hostname gives the host without port and brackets.
func (u URL) Hostname() string { return (&url.URL{Host: u.Host}).Hostname() }

// String gives the address without a slash at its end; empty if none is set.
func (u URL) String() string {
	if !u.IsSet() {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Networks is a list of address ranges.
type Networks []netip.Prefix

// UnmarshalText reads ranges and single addresses with commas between them.
func (n *Networks) UnmarshalText(text []byte) error {
	*n = nil
	for part := range strings.SplitSeq(string(text), ",") {
		prefix, err := parseNetwork(strings.TrimSpace(part))
		if err != nil {
			return errors.New("must list addresses or ranges such as 127.0.0.1,10.0.0.0/8; this is none: " + strconv.Quote(part))
		}
		*n = append(*n, prefix)
	}
	return nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		ip = ip.Unmap().WithZone("")
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	return prefix.Masked(), err
}

// Contains reports whether one of the ranges holds ip.
func (n Networks) Contains(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	for _, prefix := range n {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// String gives the list as it is written.
func (n Networks) String() string {
	parts := make([]string, len(n))
	for i, prefix := range n {
		parts[i] = prefix.String()
	}
	return strings.Join(parts, ",")
}
