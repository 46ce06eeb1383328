package config

import "errors"

// ProfilerAddr is where profiles are served: an address that only this machine
// reaches. The zero value means nowhere.
type ProfilerAddr struct {
	addr Addr
	set  bool
}

// UnmarshalText reads HOST:PORT of the loopback.
func (p *ProfilerAddr) UnmarshalText(text []byte) error {
	var addr Addr
	if err := addr.UnmarshalText(text); err != nil {
		return err
	}
	if !addr.Loopback() {
		return errors.New("must be an address that only this machine reaches, such as 127.0.0.1:6060")
	}
	*p = ProfilerAddr{addr, true}
	return nil
}

// IsSet reports whether there is one.
func (p ProfilerAddr) IsSet() bool { return p.set }

// String gives HOST:PORT, or nothing.
func (p ProfilerAddr) String() string {
	if !p.set {
		return ""
	}
	return p.addr.String()
}
