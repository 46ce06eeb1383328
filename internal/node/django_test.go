package node_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/bridge"
	"github.com/parley-chat/parley/internal/config"
	"github.com/parley-chat/parley/internal/testkit/redistest"
)

func TestANodeShowsHowItsBridgeToDjangoIs(t *testing.T) {
	server := redistest.Start(t)
	s := settings(t)
	s.Django = config.Django{
		Channels: config.Addresses{server.URL()}, Mode: string(bridge.Core), Prefix: "asgi",
		Rooms: config.Pairs{{Slug: "general", Group: "chat_general"}},
	}
	n, _ := run(t, s)
	awaitPage(t, n.URL()+"/readyz", `"django":"waiting"`)
	awaitPage(t, n.URL()+"/metrics", "parley_django_up 1\n")
	for _, reason := range bridge.Reasons() {
		awaitPage(t, n.URL()+"/metrics", `parley_django_drops_total{reason="`+reason+`"} 0`)
	}
	server.Kill()
	awaitPage(t, n.URL()+"/readyz", `"django":"away"`)
}

func TestANodeWithoutABridgeDoesNotMentionIt(t *testing.T) {
	n, _ := run(t, settings(t))
	if _, body := ask(t, n.URL()+"/readyz"); body != `{"database":"ok","status":"ready"}`+"\n" && body != `{"database":"ok","status":"ready"}` {
		t.Errorf("said %s", body)
	}
}
