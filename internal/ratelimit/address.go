package ratelimit

import "net/netip"

// AddressKey returns the key under which an address is counted. An IPv6
// network of one household has 2^64 addresses, so those count by /64; an IPv4
// address wrapped in IPv6 counts as itself. Zones are left out. The zero
// address (a local socket) has a key of its own.
func AddressKey(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if !address.Is6() {
		return address.String()
	}
	network, err := address.Prefix(64)
	if err != nil {
		return address.String() // cannot happen: 64 bits fit every IPv6 address
	}
	return network.String()
}
