package bus_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/channellayer/internal/bus"
)

func TestAddressesOfAllKindsAreUnderstood(t *testing.T) {
	for _, c := range []struct {
		url, user, password, master string
		hosts                       []string
		db                          int
		tls                         bool
	}{
		{url: "redis://localhost", hosts: []string{"localhost:6379"}},
		{url: "redis://:s%40cret@h:1/3", password: "s@cret", hosts: []string{"h:1"}, db: 3},
		{url: "rediss://me:pw@h", user: "me", password: "pw", hosts: []string{"h:6379"}, tls: true},
		{url: "redis://a:1,b:2, c", hosts: []string{"a:1", "b:2", "c:6379"}},
		{url: "redis://[::1]:7,[::2]", hosts: []string{"[::1]:7", "[::2]:6379"}},
		{url: "redis-sentinel://:pw@a,b:5/main/2?sentinel_password=x", password: "pw", hosts: []string{"a:26379", "b:5"}, master: "main", db: 2},
		{url: "rediss-sentinel://a/main", hosts: []string{"a:26379"}, master: "main", tls: true},
	} {
		o, err := bus.ParseURL(c.url)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		if o.Username != c.user || o.Password != c.password || o.Sentinel.MasterSet != c.master || !slices.Equal(o.InitAddress, c.hosts) ||
			o.SelectDB != c.db || (o.TLSConfig != nil) != c.tls || (o.Sentinel.TLSConfig != nil) != c.tls {
			t.Errorf("%s: got %q %q %q %q db %d", c.url, o.Username, o.Password, o.Sentinel.MasterSet, o.InitAddress, o.SelectDB)
		}
	}
}

func TestBadAddressesAreRefusedWithoutTellingThePassword(t *testing.T) {
	for _, url := range []string{
		"", "localhost:6379", "http://:hush@h", "redis://:hush@", "redis://:hush@h/x", "redis://:hush@h/-1", "redis-sentinel://:hush@h",
		"redis://:hush@a,,b", "rediss://:hush@h?ca=does-not-exist", "redis://:hu%zzsh@h",
	} {
		_, err := bus.ParseURL(url)
		if err == nil {
			t.Errorf("%s: accepted", url)
		} else if strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "hu%") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
