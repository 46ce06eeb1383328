package layertest

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/channellayer"
)

func names() []testCase {
	return []testCase{
		{"NamesOfChannelsHaveTheirShape", namesOfChannelsHaveTheirShape},
		{"BadNamesAreRefusedByEveryCall", badNamesAreRefusedByEveryCall},
		{"TheLongestNameWorks", theLongestNameWorks},
		{"PrefixesMakeSeparateNonLocalParts", prefixesMakeSeparateNonLocalParts},
	}
}

func namesOfChannelsHaveTheirShape(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	seen := map[string]bool{}
	for range 100 {
		name := b.channel(b.A)
		part := channellayer.NonLocal(name)
		if seen[name] || channellayer.CheckChannel(name) != nil || !strings.HasSuffix(part, "!") {
			t.Fatalf("bad or repeated name %q", name)
		}
		seen[name] = true
		if !strings.Contains(part, "parley.") || len(part) < len("parley.!")+32 {
			t.Fatalf("name %q does not have the form parley.<32 hex digits>!<id>", name)
		}
	}
	if len(seen) != 100 {
		t.Fatal("channels share names")
	}
}

func badNamesAreRefusedByEveryCall(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{AllowFlush: true})
	own := b.channel(b.A)
	for _, bad := range []string{"", "a b", "é", "a!b!c", "!a", "a\n", "a:b", "a/b", strings.Repeat("x", 100)} {
		b.is(b.A.Send(b.ctx, bad, numbered(1)), channellayer.ErrBadName)
		_, _, err := b.A.Receive(b.ctx, bad)
		b.is(err, channellayer.ErrBadName)
		b.is(b.A.Close(b.ctx, bad), channellayer.ErrBadName)
		b.is(b.A.GroupAdd(b.ctx, bad, own), channellayer.ErrBadName)
		b.is(b.A.GroupAdd(b.ctx, "group", bad), channellayer.ErrBadName)
		b.is(b.A.GroupDiscard(b.ctx, bad, own), channellayer.ErrBadName)
		b.is(b.A.GroupDiscard(b.ctx, "group", bad), channellayer.ErrBadName)
		b.is(b.A.GroupSend(b.ctx, bad, numbered(1)), channellayer.ErrBadName)
	}
	b.is(b.A.Send(b.ctx, channellayer.NonLocal(own), numbered(1)), channellayer.ErrBadName)
	b.is(b.A.GroupSend(b.ctx, own, numbered(1)), channellayer.ErrBadName)
	_, err := b.A.NewChannel(b.ctx, "white space")
	b.is(err, channellayer.ErrBadName)
	_, err = b.A.NewChannel(b.ctx, strings.Repeat("x", 90))
	b.is(err, channellayer.ErrBadName)
}

func theLongestNameWorks(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	group := strings.Repeat("g", channellayer.MaxNameBytes)
	own := b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, group, own))
	b.ok(b.B.GroupSend(b.ctx, group, numbered(1)))
	b.gets(b.A, own, 1)
}

func prefixesMakeSeparateNonLocalParts(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	one, err := b.A.NewChannel(b.ctx, "one")
	b.ok(err)
	two, err := b.A.NewChannel(b.ctx, "two")
	b.ok(err)
	b.ok(b.A.Send(b.ctx, two, numbered(2)))
	b.ok(b.A.Send(b.ctx, one, numbered(1)))
	b.gets(b.A, channellayer.NonLocal(one), 1)
	b.gets(b.A, channellayer.NonLocal(two), 2)
}
