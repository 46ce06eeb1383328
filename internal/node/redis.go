package node

import (
	"context"
	"strings"
	"time"

	"github.com/parley-chat/parley/channellayer"
	layermemory "github.com/parley-chat/parley/channellayer/memory"
	layerredis "github.com/parley-chat/parley/channellayer/redis"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/seal"
	"github.com/parley-chat/parley/internal/store"
	windowmemory "github.com/parley-chat/parley/internal/window/memory"
	windowredis "github.com/parley-chat/parley/internal/window/redis"
)

// layerEnd is how long the end of the channel layer may take. Beyond it, as
// with a Redis that is silent just then, it is left: what it carries are hints.
const layerEnd = time.Second

// openLayer makes what nodes tell each other through, and the window: in
// Redis if there is one, else in this process.
func (n *Node) openLayer(ctx context.Context) error {
	if n.settings.Redis != "" {
		return n.openRedis(ctx)
	}
	layer, err := layermemory.New(channellayer.Options{Logger: n.log})
	if err != nil {
		return err
	}
	n.useLayer(layer)
	n.window = windowmemory.New(windowmemory.Options{})
	n.closers = append(n.closers, n.window.Close)
	return nil
}

func (n *Node) useLayer(layer channellayer.Layer) {
	n.layer = layer
	n.closers = append(n.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), layerEnd)
		defer cancel()
		if err := layer.Shutdown(ctx); err != nil {
			n.log.Warn("the channel layer did not end in time", "error", err)
		}
		return nil
	})
}

// openRedis connects to Redis. One that does not answer is no error: messages
// are posted, kept and delivered without it, and it is used when it comes.
func (n *Node) openRedis(ctx context.Context) error {
	var err error
	if n.seal, err = n.keepSeal(ctx); err != nil {
		return err
	}
	layer, err := layerredis.New(ctx, layerredis.Options{
		URL: oneAddress(string(n.settings.Redis)), Options: channellayer.Options{Logger: n.log},
		OnState: func(bool) { n.layerChanged() },
	})
	if err != nil {
		return wrongRedis(err)
	}
	n.useLayer(layer)
	if !layer.Stats().Up {
		n.log.Warn("Redis does not answer. This server goes on without it and looks for it; " +
			"until it is found, other nodes learn of messages half a second late, and not who is here or writing")
	}
	n.redisWindow = windowredis.New(windowredis.Options{Server: layer, Epoch: n.store.Epoch(), Seal: n.seal})
	n.window = n.redisWindow
	return nil
}

// layerChanged has the hub look for what it may have missed. Before the hub is
// there it has missed nothing.
func (n *Node) layerChanged() {
	if hub := n.listening.Load(); hub != nil {
		hub.LayerChanged()
	}
}

// keepSeal gives the key that all nodes share; the first of them makes it.
func (n *Node) keepSeal(ctx context.Context) (seal.Key, error) {
	text, err := n.store.KeepSetting(ctx, store.SettingSeal, seal.NewKey().Text())
	if err != nil {
		return seal.Key{}, err
	}
	return seal.ParseKey(text)
}

// oneAddress joins a list of whole addresses, "redis://a,redis://b", to one.
func oneAddress(list string) string {
	scheme, _, _ := strings.Cut(list, "://")
	return strings.ReplaceAll(list, ","+scheme+"://", ",")
}

// wrongRedis says what is the matter with the address, which is not shown: it
// may have a password in it.
func wrongRedis(err error) *config.Error {
	detail := strings.TrimPrefix(err.Error(), "redis: ") +
		`. Such as redis://localhost:6379, rediss://:password@host, redis://host-1,host-2 for a cluster, or redis-sentinel://host-1,host-2/name.`
	return &config.Error{Setting: "redis", Detail: detail, Err: err}
}

// parts tells how those parts are without which the server goes on.
func (n *Node) parts() map[string]string {
	parts := map[string]string{}
	if n.redisWindow != nil {
		parts["redis"] = "away"
		if n.layer.Stats().Up {
			parts["redis"] = "ok"
		}
	}
	if b := n.bridge.Load(); b != nil {
		parts["django"] = b.State()
	}
	return parts
}
