package layertest

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/parley-chat/parley/channellayer"
)

func messages() []testCase {
	return []testCase{
		{"EveryTypeOfValueArrivesAsItWas", everyTypeOfValueArrivesAsItWas},
		{"BadMessagesAreRefusedByBothCalls", badMessagesAreRefusedByBothCalls},
		{"AMessageAboveTheLimitIsTooLarge", aMessageAboveTheLimitIsTooLarge},
		{"AMessageOfOneMebibyteArrives", aMessageOfOneMebibyteArrives},
		{"TheEmptyMessageArrives", theEmptyMessageArrives},
	}
}

func sampler() channellayer.Message {
	wide := make([]channellayer.Field, 40)
	for i := range wide {
		wide[i] = channellayer.Int(strings.Repeat("k", i+1), int64(i))
	}
	return channellayer.NewMessage(
		channellayer.Text("type", "sampler"), channellayer.Text("text", "snow ☃ and\x00null"), channellayer.Text("", ""),
		channellayer.Text("long", strings.Repeat("x", 70_000)),
		channellayer.Bytes("bytes", []byte{0, 1, 0xff, 0xfe}), channellayer.Bytes("none", []byte{}),
		channellayer.Bytes("many", bytes.Repeat([]byte{7}, 300)),
		channellayer.Int("zero", 0), channellayer.Int("small", -33), channellayer.Int("byte", 200),
		channellayer.Int("most", math.MaxInt64), channellayer.Int("least", math.MinInt64), channellayer.Int("mid", 1<<40),
		channellayer.Float("float", 0.1), channellayer.Float("whole", 3), channellayer.Float("inf", math.Inf(-1)),
		channellayer.Bool("yes", true), channellayer.Bool("no", false), channellayer.Null("null"),
		channellayer.List("list", channellayer.TextValue("a"), channellayer.IntValue(1), channellayer.NullValue(),
			channellayer.ListValue(), channellayer.MapValue(channellayer.Bool("deep", true))),
		channellayer.Map("map", channellayer.Text("z", "first"), channellayer.Text("a", "second"), channellayer.Map("empty")),
		channellayer.Map("wide", wide...),
	)
}

func everyTypeOfValueArrivesAsItWas(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "group", own))
	sent := sampler()
	b.ok(sent.Err())
	b.ok(b.B.Send(b.ctx, own, sent))
	b.ok(b.B.GroupSend(b.ctx, "group", sent))
	for range 2 {
		channel, got := b.receive(b.A, own)
		if channel != own || !got.Equal(sent) {
			t.Fatalf("on %s: got %v\nwant %v", channel, got.ToMap(), sent.ToMap())
		}
	}
}

func badMessagesAreRefusedByBothCalls(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	deep := channellayer.NullValue()
	for range channellayer.MaxDepth {
		deep = channellayer.ListValue(deep)
	}
	for what, m := range map[string]channellayer.Message{
		"text not UTF-8": channellayer.NewMessage(channellayer.Text("a", "\xff")),
		"key not UTF-8":  channellayer.NewMessage(channellayer.Text("\xff", "a")),
		"key twice":      channellayer.NewMessage(channellayer.Int("a", 1), channellayer.Int("a", 2)),
		"key twice deep": channellayer.NewMessage(channellayer.Map("m", channellayer.Int("a", 1), channellayer.Int("a", 2))),
		"reserved key":   channellayer.NewMessage(channellayer.Text(channellayer.ReservedKey, "a")),
		"too deep":       channellayer.NewMessage(channellayer.Field{Key: "a", Value: deep}),
	} {
		t.Log(what)
		b.is(b.A.Send(b.ctx, own, m), channellayer.ErrBadMessage)
		b.is(b.A.GroupSend(b.ctx, "group", m), channellayer.ErrBadMessage)
	}
}

func aMessageAboveTheLimitIsTooLarge(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{MaxMessageBytes: 100})
	own := b.channel(b.A)
	fits := channellayer.NewMessage(channellayer.Bytes("b", make([]byte, 95)))
	if fits.Size() != 100 {
		t.Fatalf("size is %d, want 100", fits.Size())
	}
	b.ok(b.B.Send(b.ctx, own, fits))
	b.receive(b.A, own)
	large := channellayer.NewMessage(channellayer.Bytes("b", make([]byte, 96)))
	b.is(b.B.Send(b.ctx, own, large), channellayer.ErrTooLarge)
	b.is(b.B.GroupSend(b.ctx, "group", large), channellayer.ErrTooLarge)
}

func aMessageOfOneMebibyteArrives(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	b.ok(b.A.GroupAdd(b.ctx, "group", own))
	large := channellayer.NewMessage(channellayer.Bytes("b", bytes.Repeat([]byte("0123456789abcdef"), 65_535)))
	b.ok(b.B.Send(b.ctx, own, large))
	b.ok(b.B.GroupSend(b.ctx, "group", large))
	for range 2 {
		if _, got := b.receive(b.A, own); !got.Equal(large) {
			t.Fatal("another message arrived")
		}
	}
}

func theEmptyMessageArrives(t *testing.T, f Factory) {
	b := set(t, f, channellayer.Options{})
	own := b.channel(b.A)
	b.ok(b.B.Send(b.ctx, own, channellayer.Message{}))
	if _, got := b.receive(b.A, own); got.Len() != 0 {
		t.Fatalf("got %d fields", got.Len())
	}
}
