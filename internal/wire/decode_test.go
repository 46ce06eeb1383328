package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/chat"
)

type sample struct {
	Text  string         `json:"text"`
	N     Int            `json:"n"`
	Maybe *Int           `json:"maybe"`
	Flag  *bool          `json:"flag"`
	Map   map[string]Int `json:"map"`
	Inner struct {
		List []string `json:"list"`
	} `json:"inner"`
}

func TestABodyIsReadAsItIsWritten(t *testing.T) {
	var got sample
	err := Decode([]byte(`{"text":"a \"\u00e9\" \ud83d\ude00 \\ud800","n":9007199254740991,"maybe":0,"flag":false,"map":{"x":1},"inner":{"list":["}{"]}}`), &got)
	if err != nil {
		t.Fatal(err)
	}
	if got.Text != `a "é" 😀 \ud800` || got.N != 1<<53-1 || got.Maybe == nil || *got.Maybe != 0 || got.Flag == nil || got.Map["x"] != 1 || got.Inner.List[0] != "}{" {
		t.Errorf("got %+v", got)
	}
}

func TestWhatTwoReadersCouldTakeDifferentlyIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"empty":                     ``,
		"not JSON":                  `{"text":}`,
		"cut":                       `{"text":"a"`,
		"trailing data":             `{} {}`,
		"null":                      `null`,
		"array":                     `[]`,
		"number":                    `1`,
		"text":                      `"x"`,
		"duplicate key":             `{"text":"a","text":"b"}`,
		"duplicate by escape":       `{"text":"a","te\u0078t":"b"}`,
		"duplicate further in":      `{"inner":{"list":[],"list":[]}}`,
		"duplicate in an unknown":   `{"map":{"x":1,"x":2}}`,
		"unknown key":               `{"user_id":1}`,
		"wrongly cased key":         `{"Text":"a"}`,
		"wrongly cased key besides": `{"text":"a","TEXT":"b"}`,
		"wrong type":                `{"text":1}`,
		"fraction":                  `{"n":1.0}`,
		"exponent":                  `{"n":1e3}`,
		"overflow":                  `{"n":1e400}`,
		"minus zero":                `{"n":-0}`,
		"2^53":                      `{"n":9007199254740992}`,
		"400 digits":                `{"n":` + strings.Repeat("9", 400) + `}`,
		"number as text":            `{"n":"1"}`,
		"NaN":                       `{"n":NaN}`,
		"deep":                      `{"inner":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`,
		"NUL":                       `{"text":"a\u0000b"}`,
		"raw NUL":                   "{\"text\":\"a\x00b\"}",
		"raw control":               "{\"text\":\"a\nb\"}",
		"lone high surrogate":       `{"text":"\ud800"}`,
		"lone low surrogate":        `{"text":"\udc00"}`,
		"high surrogate and text":   `{"text":"\ud83dabcdef"}`,
		"high surrogate, other":     `{"text":"\ud83d\u0041"}`,
		"two high surrogates":       `{"text":"\ud83d\ud83d\ude00"}`,
		"surrogate in a key":        `{"map":{"\ud800":1}}`,
		"invalid UTF-8":             "{\"text\":\"\xff\"}",
		"overlong":                  "{\"text\":\"\xc0\xaf\"}",
		"encoded surrogate":         "{\"text\":\"\xed\xa0\x80\"}",
		"byte order mark":           "\ufeff{}",
	} {
		err := Decode([]byte(body), new(sample))
		var refusal *chat.Error
		if !errors.As(err, &refusal) || refusal.Kind != chat.Invalid || refusal.Code != "invalid_json" || refusal.Detail == "" {
			t.Errorf("%s: got %v, want invalid_json", name, err)
		}
	}
}

func TestABodyHasAtMostAThousandKeys(t *testing.T) {
	body := func(n int) []byte {
		var b strings.Builder
		b.WriteString(`{"map":{`)
		for i := range n {
			fmt.Fprintf(&b, `"k%d":1,`, i)
		}
		return []byte(strings.TrimSuffix(b.String(), ",") + `}}`)
	}
	if err := Decode(body(maxKeys-1), new(sample)); err != nil {
		t.Errorf("%d keys: %v", maxKeys, err)
	}
	if err := Decode(body(maxKeys), new(sample)); err == nil {
		t.Errorf("%d keys were accepted", maxKeys+1)
	}
}

func TestARefusalNamesTheField(t *testing.T) {
	for body, want := range map[string]string{
		`{"who":1}`:  `"who"`,
		`{"flag":1}`: `"flag"`,
		`{"n":1.5}`:  "1.5",
	} {
		if err := Decode([]byte(body), new(sample)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not name %s", body, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"text":"a","n":1}`, `{"map":{"a":1,"b":2}}`, `{"inner":{"list":["\ud83d\ude00"]}}`, `{"text":"\ud800"}`,
		`{"Text":1}`, `{"n":1,"n":1}`, `{"maybe":null}`, ` {"n" : 3 } `, `{"\u0074ext":"x"}`, `{"n":-1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got sample
		if Decode(data, &got) != nil {
			return
		}
		want, err := strictly(data)
		if err != nil {
			t.Fatalf("%q was accepted: %v", data, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q was read as %+v, want %+v", data, got, want)
		}
		if text, _ := json.Marshal(got); bytes.Contains(text, []byte(`\u0000`)) || strings.ContainsRune(got.Text, 0) {
			t.Fatalf("%q carries a NUL", data)
		}
	})
}

// strictly reads data by the plainest means, and refuses what it should.
func strictly(data []byte) (sample, error) {
	var s sample
	if !utf8.Valid(data) {
		return s, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, err
	}
	if _, err := d.Token(); err != io.EOF {
		return s, errors.New("trailing data")
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return s, err
	}
	for key := range top {
		if !fieldsOf(reflect.TypeFor[sample]())[key] {
			return s, fmt.Errorf("key %q", key)
		}
	}
	return s, unique(json.NewDecoder(bytes.NewReader(data)))
}

// unique walks over one value and refuses a key that stands twice.
func unique(d *json.Decoder) error {
	start, err := d.Token()
	if err != nil || (start != json.Delim('{') && start != json.Delim('[')) {
		return err
	}
	seen := map[string]bool{}
	for d.More() {
		if start == json.Delim('{') {
			key, err := d.Token()
			if err != nil || seen[key.(string)] {
				return fmt.Errorf("key %v again, or %w", key, err)
			}
			seen[key.(string)] = true
		}
		if err := unique(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
