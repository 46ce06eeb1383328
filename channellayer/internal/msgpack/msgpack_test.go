package msgpack

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	peer "github.com/vmihailenco/msgpack/v5"

	"github.com/parley-chat/parley/channellayer"
)

func everything() channellayer.Message {
	fields := []channellayer.Field{
		channellayer.Null("null"), channellayer.Bool("t", true), channellayer.Bool("f", false),
		channellayer.Float("pi", 3.14), channellayer.Float("nan", math.NaN()), channellayer.Text("empty", ""),
		channellayer.Map("m", channellayer.Text("k", "v")), channellayer.List("l", channellayer.IntValue(1), channellayer.ListValue()),
	}
	for i, n := range []int64{
		0, 127, 128, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64,
		-1, -32, -33, -128, -129, -32768, -32769, math.MinInt32, math.MinInt32 - 1, math.MinInt64,
	} {
		fields = append(fields, channellayer.Int("i"+strings.Repeat("i", i), n))
	}
	for _, n := range []int{31, 32, 255, 256, 65535, 65536} {
		key := "s" + strings.Repeat("k", n%300)
		fields = append(fields, channellayer.Text(key, strings.Repeat("x", n)), channellayer.Bytes("b"+key, make([]byte, n)))
	}
	return channellayer.NewMessage(fields...)
}

func TestWhatIsEncodedIsDecodedTheSameAndHasTheMeasuredSize(t *testing.T) {
	for _, m := range []channellayer.Message{{}, everything()} {
		raw := Append(nil, m)
		if len(raw) != m.Size() {
			t.Errorf("%d bytes, measured %d", len(raw), m.Size())
		}
		back, err := Decode(string(raw))
		if err != nil || !back.Equal(m) {
			t.Errorf("decoded %v, %v", back.ToMap(), err)
		}
	}
}

// Another implementation, set to its smallest encodings, is the judge of ours.
func TestTheBytesAreThoseOfAnotherImplementation(t *testing.T) {
	m := everything()
	var buf bytes.Buffer
	e := peer.NewEncoder(&buf)
	e.UseCompactInts(true)
	must(t, e.EncodeMapLen(m.Len()))
	for key, v := range m.All() {
		must(t, e.EncodeString(key))
		encodeByPeer(t, e, v)
	}
	if !bytes.Equal(buf.Bytes(), Append(nil, m)) {
		t.Fatalf("peer wrote\n%x\nwe wrote\n%x", buf.Bytes()[:200], Append(nil, m)[:200])
	}
}

func encodeByPeer(t *testing.T, e *peer.Encoder, v channellayer.Value) {
	switch v.Kind() {
	case channellayer.KindList:
		items, _ := v.List()
		must(t, e.EncodeArrayLen(len(items)))
		for _, item := range items {
			encodeByPeer(t, e, item)
		}
	case channellayer.KindMap:
		fields, _ := v.Map()
		must(t, e.EncodeMapLen(len(fields)))
		for _, f := range fields {
			must(t, e.EncodeString(f.Key))
			encodeByPeer(t, e, f.Value)
		}
	default:
		m := channellayer.NewMessage(channellayer.Field{Key: "v", Value: v})
		must(t, e.Encode(m.ToMap()["v"]))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOtherWidthsAreAccepted(t *testing.T) {
	for in, want := range map[string]channellayer.Message{
		"81d90161d90178":           channellayer.NewMessage(channellayer.Text("a", "x")),
		"de0001a161a178":           channellayer.NewMessage(channellayer.Text("a", "x")),
		"df00000001a161a178":       channellayer.NewMessage(channellayer.Text("a", "x")),
		"81c40161a178":             channellayer.NewMessage(channellayer.Text("a", "x")),
		"81a161cf0000000000000005": channellayer.NewMessage(channellayer.Int("a", 5)),
		"81a161d3ffffffffffffffff": channellayer.NewMessage(channellayer.Int("a", -1)),
		"81a161ca3fc00000":         channellayer.NewMessage(channellayer.Float("a", 1.5)),
		"81a161dc000101":           channellayer.NewMessage(channellayer.List("a", channellayer.IntValue(1))),
	} {
		raw, _ := hex.DecodeString(in)
		if got, err := Decode(string(raw)); err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v, %v", in, got.ToMap(), err)
		}
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	for what, in := range map[string]string{
		"empty": "", "truncated": "81a161", "trailing": "81a161a178c0", "list": "9101", "int key": "8101a178", "nil key": "81c0a178",
		"extension": "81a161d6ff00000000", "reserved code": "81a161c1", "not UTF-8": "81a161a1ff", "key not UTF-8": "81a1ff01",
		"uint64": "81a161cfffffffffffffffff", "key twice": "82a16101a16102", "huge map": "dfffffffff", "huge list": "81a161ddffffffff",
		"huge text": "81a161dbffffffff", "deep": "81a161" + strings.Repeat("91", 40) + "01", "deep maps": strings.Repeat("81a161", 40) + "01",
	} {
		raw, err := hex.DecodeString(in)
		must(t, err)
		if m, err := Decode(string(raw)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, %v", what, m.ToMap(), err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Append(nil, everything()))
	f.Add([]byte("81a161cfffffffffffffffff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Decode(string(raw))
		if err != nil {
			return
		}
		again, err := Decode(string(Append(nil, m)))
		if err != nil || !again.Equal(m) {
			t.Fatalf("%x does not survive a round", raw)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	m := channellayer.NewMessage(channellayer.Text("type", "hint"), channellayer.Int("seq", 1), channellayer.Bytes("event", make([]byte, 200)))
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = Append(buf[:0], m)
	}
}

func BenchmarkDecode(b *testing.B) {
	m := channellayer.NewMessage(channellayer.Text("type", "hint"), channellayer.Int("seq", 1), channellayer.Bytes("event", make([]byte, 200)))
	s := string(Append(nil, m))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(s); err != nil {
			b.Fatal(err)
		}
	}
}
