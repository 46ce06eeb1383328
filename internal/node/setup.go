package node

import (
	"context"
	"crypto/rand"

	"github.com/parley-chat/parley/internal/store"
)

// openSetup makes the token of the set-up address, unless nobody but this
// machine's users gets there. Nodes on one database share it: behind a
// balancer, what a person sends may reach any of them.
func (n *Node) openSetup(ctx context.Context) (err error) {
	if n.private() {
		return nil
	}
	n.setupToken = rand.Text()
	if n.settings.Database != "" {
		n.setupToken, err = n.store.KeepSetting(ctx, store.SettingSetup, n.setupToken)
	}
	return err
}

// private reports whether nobody but this machine's users gets here.
func (n *Node) private() bool {
	return n.settings.Addr.Loopback() && !n.settings.PublicURL.IsSet()
}

// SetupURL is where the first account is made; empty once there is one.
func (n *Node) SetupURL() string {
	server, err := n.service.Server(context.Background())
	if err != nil || !server.SetupNeeded {
		return ""
	}
	address := n.base() + "/setup"
	if n.setupToken != "" {
		address += "#token=" + n.setupToken
	}
	return address
}
