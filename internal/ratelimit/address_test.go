package ratelimit_test

import (
	"net/netip"
	"testing"

	"github.com/parley-chat/parley/internal/ratelimit"
)

func TestAddressesOfOneHouseholdShareAKey(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2%wlan0", true},
		{"::ffff:192.0.2.1", "192.0.2.1", true},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"192.0.2.1", "192.0.2.2", false},
	} {
		a := ratelimit.AddressKey(netip.MustParseAddr(c.a))
		b := ratelimit.AddressKey(netip.MustParseAddr(c.b))
		if (a == b) != c.same {
			t.Errorf("keys of %s and %s: %q, %q", c.a, c.b, a, b)
		}
	}
	if ratelimit.AddressKey(netip.Addr{}) == "" {
		t.Error("the zero address has no key")
	}
}
