package redis

import (
	"fmt"

	"github.com/parley-chat/parley/channellayer"
)

// Options of New. URL is required.
type Options struct {
	channellayer.Options

	// URL is where Redis is:
	//
	//	redis://[user:password@]host[:port][/db]
	//	redis://[user:password@]host:port,host:port,…       (cluster)
	//	redis-sentinel://[user:password@]host[:port],…/master-set[/db]
	//
	// rediss and rediss-sentinel are the same over TLS; ?ca=FILE names the
	// certificates to trust, ?server_name=NAME the name to expect.
	URL string

	// Namespace keeps deployments apart that share a Redis. Same alphabet as a
	// group's name, at most 32 bytes. Default none.
	Namespace string

	// OnState is called when the bus has come up and when it has gone down, in
	// order, by one goroutine. While it is down nothing arrives from other
	// processes; a program that must not miss anything looks it up when it is
	// up again.
	OnState func(up bool)
}

const maxNamespace = 32

func (o *Options) check() error {
	if o.Namespace == "" {
		return nil
	}
	if len(o.Namespace) > maxNamespace || channellayer.CheckGroup(o.Namespace) != nil {
		return fmt.Errorf("%w: namespace", channellayer.ErrBadName)
	}
	return nil
}
