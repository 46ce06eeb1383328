package channellayer_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/memory"
)

func TestAMessageKeepsTheOrderAndTypesOfItsFields(t *testing.T) {
	raw := []byte{1, 2}
	fields := []channellayer.Field{
		channellayer.Text("type", "t"), channellayer.Bytes("b", raw), channellayer.Int("i", -1), channellayer.Float("f", 0.5),
		channellayer.Bool("yes", true), channellayer.Null("none"), channellayer.List("l", channellayer.IntValue(1)),
		channellayer.Map("m", channellayer.Text("k", "v")),
	}
	m := channellayer.NewMessage(fields...)
	fields[0] = channellayer.Text("type", "changed")
	if m.Err() != nil || m.Type() != "t" || m.Len() != 8 {
		t.Fatalf("%v %q %d", m.Err(), m.Type(), m.Len())
	}
	if b, ok := m.Bytes("b"); !ok || &b[0] != &raw[0] {
		t.Error("bytes were copied")
	}
	if f, ok := m.Float("f"); !ok || f != 0.5 {
		t.Error("float", f)
	}
	if _, ok := m.Float("i"); ok {
		t.Error("an integer is read as a float")
	}
	if yes, ok := m.Bool("yes"); !ok || !yes {
		t.Error("bool")
	}
	if v, ok := m.Value("none"); !ok || !v.IsNull() {
		t.Error("null")
	}
	if _, ok := m.Value("absent"); ok {
		t.Error("an absent key is found")
	}
	back, err := channellayer.FromMap(m.ToMap())
	if err != nil || back.Len() != 8 || back.Size() != m.Size() {
		t.Errorf("%v %v", back.ToMap(), err)
	}
}

func TestGoMapsOfOtherTypesAreRefused(t *testing.T) {
	loop := map[string]any{}
	loop["self"] = loop
	for what, m := range map[string]map[string]any{
		"struct": {"a": struct{}{}}, "uint64": {"a": uint64(math.MaxUint64)}, "deep": loop, "list": {"a": []any{make(chan int)}},
		"reserved": {channellayer.ReservedKey: "x"}, "text": {"a": "\xff"}, "ints": {"a": []int{1}},
	} {
		if _, err := channellayer.FromMap(m); !errors.Is(err, channellayer.ErrBadMessage) {
			t.Errorf("%s: %v", what, err)
		}
	}
	m, err := channellayer.FromMap(map[string]any{"b": uint8(1), "a": []any{int16(2), nil, float32(1)}})
	if err != nil || m.Fields()[0].Key != "a" {
		t.Errorf("%v %v", m.ToMap(), err)
	}
}

func TestRulesMatchAsTheirKindDoes(t *testing.T) {
	matches := func(r channellayer.CapacityRule, err error, name string) bool {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		o := channellayer.Options{Capacity: 7, Rules: []channellayer.CapacityRule{r}}
		return o.CapacityOf(name) == 1
	}
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"http.request", "http.request", true},
		{"http.request", "http.request.x", false},
		{"http.response!*", "http.response!abc", true},
		{"http.response!*", "http.response!", true},
		{"websocket.send!?*", "websocket.send!", false},
		{"a.c", "abc", false},
		{"[ab]x", "bx", true},
		{"[!ab]x", "bx", false},
		{"[!ab]x", "cx", true},
		{"[a-c]x", "bx", true},
		{"[", "[", true},
		{"[]]", "]", true},
	} {
		r, err := channellayer.Glob(c.glob, 1)
		if got := matches(r, err, c.name); got != c.want {
			t.Errorf("glob %s on %s: %v", c.glob, c.name, got)
		}
	}
	r, err := channellayer.Regexp(`websocket.send\!.+`, 1)
	if !matches(r, err, "websocket.send!abc") || matches(r, err, "websocket.send!") || matches(r, err, "x.websocket.send!abc") {
		t.Error("the expression does not match from the start only")
	}
	if _, err := channellayer.Regexp("(", 1); err == nil {
		t.Error("a broken expression is accepted")
	}
	if _, err := channellayer.Glob("*", 0); err == nil {
		t.Error("no capacity is accepted")
	}
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, o := range []channellayer.Options{{Capacity: -1}, {Expiry: -1}, {MaxGroups: -1}, {Rules: make([]channellayer.CapacityRule, 1)}} {
		if _, err := memory.New(o); err == nil {
			t.Errorf("accepted %+v", o)
		}
	}
}

func TestRequireNamesWhatIsMissing(t *testing.T) {
	l, err := memory.New(channellayer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := channellayer.Require(l, channellayer.Groups|channellayer.AnyMember); err != nil {
		t.Error(err)
	}
	err = channellayer.Require(l, channellayer.Groups|1<<20)
	if !errors.Is(err, channellayer.ErrUnsupported) {
		t.Error(err)
	}
	if text := (channellayer.Groups | channellayer.Flushing).String(); text != "groups, flush" {
		t.Error(text)
	}
}

func TestABadNameDoesNotBreakTheLineOfALog(t *testing.T) {
	err := channellayer.CheckGroup("a\nb" + strings.Repeat("x", 10_000))
	if err == nil || strings.Contains(err.Error(), "\n") || len(err.Error()) > 300 {
		t.Error(err)
	}
}

func TestEveryReasonHasAName(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range channellayer.Reasons() {
		if name := r.String(); name == "" || name == "unknown" || seen[name] {
			t.Errorf("reason %d is called %q", r, name)
		}
		seen[r.String()] = true
	}
}
