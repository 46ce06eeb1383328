package channelsredis

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/channellayer/internal/msgpack"
)

// vectors is what the real Python packages have written and read; see
// testdata/generate.py.
type vectors struct {
	Message json.RawMessage
	Names   []struct {
		Name           string
		Channel, Group bool
	}
	Hash []struct {
		Value        string
		Hosts, Index int
	} `json:"consistent_hash"`
	Values []struct {
		Value  json.RawMessage
		SHA256 string
		Length int
		Hex    string
	} `json:"msgpack_values"`
	Foreign []struct {
		Case       string
		PayloadHex string `json:"payload_hex"`
		Received   json.RawMessage
		Raised     string
	}
	Fernet []struct {
		KeyText      string `json:"key_text"`
		Time         int64
		IVHex        string `json:"iv_hex"`
		PlaintextHex string `json:"plaintext_hex"`
		Token        string
	}
	Core []struct {
		Scenario string
		Settings struct {
			Prefix string
			Keys   []string `json:"symmetric_encryption_keys"`
		}
		Redis []struct {
			Key       string
			MemberHex string `json:"member_hex"`
			Score     float64
		}
	}
	PubSub []struct {
		Wire    string
		BodyHex string `json:"body_hex"`
	}
}

func load(t *testing.T) *vectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	v := new(vectors)
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Python's expressions let more through than they mean to: any Unicode digit or
// letter in some places, and a newline at the end.
func TestNamesAreThoseThatPythonMeans(t *testing.T) {
	loose := func(name string) bool {
		return strings.HasSuffix(name, "\n") || strings.ContainsFunc(name, func(r rune) bool { return r > 127 })
	}
	for _, n := range load(t).Names {
		if got, want := channellayer.CheckReceivable(n.Name) == nil, n.Channel && !loose(n.Name); got != want {
			t.Errorf("channel %q: %v, want %v", n.Name, got, want)
		}
		if got, want := channellayer.CheckGroup(n.Name) == nil, n.Group && !loose(n.Name); got != want {
			t.Errorf("group %q: %v, want %v", n.Name, got, want)
		}
	}
}

func TestHostsAreChosenAsPythonDoes(t *testing.T) {
	for _, h := range load(t).Hash {
		if got := hostIndex(h.Value, h.Hosts); got != h.Index {
			t.Errorf("%q of %d: %d, want %d", h.Value, h.Hosts, got, h.Index)
		}
	}
}

func TestValuesHaveTheBytesThatPythonWrites(t *testing.T) {
	for _, v := range load(t).Values {
		value, err := parseValue(json.NewDecoder(bytes.NewReader(v.Value)))
		if errors.Is(err, errTooBig) {
			continue // beyond int64: not a value of ours
		}
		if err != nil {
			t.Fatal(err)
		}
		fields, _ := value.Map()
		m := channellayer.NewMessage(fields...)
		raw := msgpack.Append(nil, m)
		sum := sha256.Sum256(raw)
		if hex.EncodeToString(sum[:]) != v.SHA256 || len(raw) != v.Length {
			t.Errorf("%.60s: %d bytes %.40x, want %d bytes %.40s", v.Value, len(raw), raw, v.Length, v.Hex)
		}
		if back, err := msgpack.Decode(string(raw)); err != nil || !back.Equal(m) {
			t.Errorf("%.60s: decoded to %v, %v", v.Value, back.ToMap(), err)
		}
	}
}

// What Python accepts of others and we do not: extension types, a list instead
// of a map, integers beyond int64, a key twice.
func TestForeignBytesAreReadAsPythonReadsThemOrRefused(t *testing.T) {
	stricter := []string{"ext timestamp", "ext 5", "array top level", "uint64 above int64", "duplicate key"}
	for _, f := range load(t).Foreign {
		raw, _ := hex.DecodeString(f.PayloadHex)
		m, err := msgpack.Decode(string(raw))
		if f.Raised != "" || slices.Contains(stricter, f.Case) {
			if err == nil {
				t.Errorf("%s: accepted as %v", f.Case, m.ToMap())
			}
			continue
		}
		want, parseErr := parseValue(json.NewDecoder(strings.NewReader(strings.ReplaceAll(string(f.Received), "$bytes:61", "a"))))
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		fields, _ := want.Map()
		if err != nil || !m.Equal(channellayer.NewMessage(fields...)) {
			t.Errorf("%s: %v, %v; want %s", f.Case, m.ToMap(), err, f.Received)
		}
	}
}

func TestTokensAreThoseOfFernet(t *testing.T) {
	for _, f := range load(t).Fernet {
		key := newFernetKey(f.KeyText)
		plain, _ := hex.DecodeString(f.PlaintextHex)
		var iv [16]byte
		_, _ = hex.Decode(iv[:], []byte(f.IVHex))
		made := time.Unix(f.Time, 0)
		if got := string(key.seal(plain, made, iv)); got != f.Token {
			t.Errorf("%.10q: %s, want %s", f.KeyText, got, f.Token)
		}
		keys := []fernetKey{newFernetKey("another"), key}
		for age, ok := range map[time.Duration]bool{
			0: true, 70*time.Second + 900*time.Millisecond: true, 71 * time.Second: false, -60 * time.Second: true, -61 * time.Second: false,
		} {
			got, err := openAny(keys, f.Token, made.Add(age), 70*time.Second)
			if (err == nil) != ok || ok && !bytes.Equal(got, plain) {
				t.Errorf("%.10q at age %v: %x, %v", f.KeyText, age, got, err)
			}
		}
		if _, err := openAny(keys, f.Token, made.Add(time.Hour), 0); err != nil {
			t.Errorf("without a limit of age: %v", err)
		}
	}
}

func TestSpoiledTokensAreRefused(t *testing.T) {
	key := newFernetKey("key")
	token := key.seal([]byte("text"), time.Unix(1000, 0), [16]byte{})
	for i := range token {
		spoiled := slices.Clone(token)
		spoiled[i] ^= 1
		if _, err := openAny([]fernetKey{key}, string(spoiled), time.Unix(1000, 0), 0); err == nil {
			t.Fatalf("accepted with byte %d changed", i)
		}
	}
	for _, short := range []string{"", "gA==", "not base64!", string(token[:40])} {
		if _, err := openAny([]fernetKey{key}, short, time.Unix(1000, 0), 0); err == nil {
			t.Errorf("accepted %q", short)
		}
	}
}

// What Python has put into channel keys is read as what was sent, and what we
// would put there is the same but for the random bytes.
func TestMembersOfChannelsAreReadAndWrittenAsByPython(t *testing.T) {
	v := load(t)
	want := v.message(t)
	for _, s := range v.Core {
		if s.Settings.Prefix == "" {
			s.Settings.Prefix = DefaultPrefix
		}
		for _, r := range s.Redis {
			raw, _ := hex.DecodeString(r.MemberHex)
			if strings.Contains(r.Key, ":group:") {
				if r.Key != s.Settings.Prefix+":group:room-1" || channellayer.CheckChannel(string(raw)) != nil {
					t.Errorf("%s: group %s, member %s", s.Scenario, r.Key, raw)
				}
				continue
			}
			c := newCodec(&Options{Keys: s.Settings.Keys, Options: channellayer.Options{Random: rand.Reader}},
				func() time.Time { return time.Unix(int64(r.Score), 0) }, 70*time.Second)
			m, names, err := c.decode(randomBytes, string(raw))
			if err != nil || !m.Equal(want) {
				t.Fatalf("%s: %s: %v, %v", s.Scenario, r.Key, m.ToMap(), err)
			}
			for _, name := range names {
				if s.Settings.Prefix+channellayer.NonLocal(name) != r.Key {
					t.Errorf("%s: %s in %s", s.Scenario, name, r.Key)
				}
			}
			checkWritten(t, c, s.Scenario, m, names, raw)
		}
	}
}

func checkWritten(t *testing.T, c *codec, scenario string, m channellayer.Message, names []string, raw []byte) {
	t.Helper()
	var extra []channellayer.Field
	switch {
	case names == nil:
	case strings.Contains(scenario, "group_send"):
		extra = []channellayer.Field{{Key: channellayer.ReservedKey, Value: textList(names)}}
	default:
		extra = []channellayer.Field{channellayer.Text(channellayer.ReservedKey, names[0])}
	}
	written, err := c.encode(randomBytes, m, extra...)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.keys) == 0 && written[randomBytes:] != string(raw[randomBytes:]) {
		t.Errorf("%s: wrote %x, Python %x", scenario, written[randomBytes:], raw[randomBytes:])
	}
	if len(written) != len(raw) {
		t.Errorf("%s: wrote %d bytes, Python %d", scenario, len(written), len(raw))
	}
}

func TestPublishedBodiesAreThoseOfPython(t *testing.T) {
	v := load(t)
	want := v.message(t)
	c := newCodec(&Options{}, time.Now, 0)
	l := &PubSub{options: PubSubOptions{Options: Options{Prefix: DefaultPrefix}}}
	wires := []string{"parley.0123!one", l.groupWire("room-1")}
	for i, p := range v.PubSub {
		body, err := c.encode(0, want)
		if err != nil || hex.EncodeToString([]byte(body)) != p.BodyHex || p.Wire != wires[i] {
			t.Errorf("%s: wrote %x, %v; Python %s to %s", wires[i], body, err, p.BodyHex, p.Wire)
		}
	}
}

func (v *vectors) message(t *testing.T) channellayer.Message {
	t.Helper()
	value, err := parseValue(json.NewDecoder(bytes.NewReader(v.Message)))
	if err != nil {
		t.Fatal(err)
	}
	fields, _ := value.Map()
	return channellayer.NewMessage(fields...)
}

var errTooBig = errors.New("integer beyond int64")

// parseValue reads a value in the conventions of the vectors. The order of keys
// is kept.
func parseValue(d *json.Decoder) (channellayer.Value, error) {
	d.UseNumber()
	token, err := d.Token()
	if err != nil {
		return channellayer.Value{}, err
	}
	switch x := token.(type) {
	case nil:
		return channellayer.NullValue(), nil
	case bool:
		return channellayer.BoolValue(x), nil
	case string:
		return channellayer.TextValue(x), nil
	case json.Number:
		return parseNumber(x.String())
	case json.Delim:
		if x == '[' {
			return parseList(d)
		}
		return parseMap(d)
	}
	return channellayer.Value{}, fmt.Errorf("unexpected %v", token)
}

func parseNumber(text string) (channellayer.Value, error) {
	if strings.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(text, 64)
		return channellayer.FloatValue(f), err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return channellayer.Value{}, errTooBig
	}
	return channellayer.IntValue(n), err
}

func parseList(d *json.Decoder) (channellayer.Value, error) {
	var items []channellayer.Value
	for d.More() {
		item, err := parseValue(d)
		if err != nil {
			return item, err
		}
		items = append(items, item)
	}
	_, err := d.Token()
	return channellayer.ListValue(items...), err
}

func parseMap(d *json.Decoder) (channellayer.Value, error) {
	var fields []channellayer.Field
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return channellayer.Value{}, err
		}
		value, err := parseValue(d)
		if err != nil {
			return value, err
		}
		fields = append(fields, channellayer.Field{Key: key.(string), Value: value})
	}
	if _, err := d.Token(); err != nil || len(fields) == 0 {
		return channellayer.MapValue(), err
	}
	return special(fields)
}

// special reads the maps that stand for something else.
func special(fields []channellayer.Field) (channellayer.Value, error) {
	text, _ := fields[0].Value.Text()
	switch fields[0].Key {
	case "$bytes":
		raw, err := hex.DecodeString(text)
		return channellayer.BytesValue(raw), err
	case "$int":
		return parseNumber(text)
	case "$float":
		f, err := strconv.ParseFloat(text, 64)
		if math.IsNaN(f) {
			f = math.Float64frombits(0x7ff8000000000000) // the one that Python has
		}
		return channellayer.FloatValue(f), err
	case "$repeat":
		times, _ := fields[1].Value.Int()
		return repeated(fields[0].Value, int(times)), nil
	}
	return channellayer.MapValue(fields...), nil
}

func repeated(one channellayer.Value, times int) channellayer.Value {
	if s, ok := one.Text(); ok {
		return channellayer.TextValue(strings.Repeat(s, times))
	}
	if b, ok := one.Bytes(); ok {
		return channellayer.BytesValue(bytes.Repeat(b, times))
	}
	items, _ := one.List()
	return channellayer.ListValue(slices.Repeat(items, times)...)
}
