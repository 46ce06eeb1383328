package markup

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMentionsAreNamesOutsideOfCodeAndLinks(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                   nil,
		"nobody":                             nil,
		"@ann":                               {"ann"},
		"@ann, @bob. (@carol) @dave-":        {"ann", "bob", "carol", "dave"},
		"@ann @bob @ann":                     {"ann", "bob"},
		"@ann.b @x_y+z @ann@example.org":     {"ann.b", "x_y+z", "ann@example.org"},
		"me@example.org a@b":                 nil,
		"`@ann` and\n```\n@bob\n```":         nil,
		"[@ann](https://x.org) https://@bob": nil,
		"**@ann** _@bob_ ~~@carol~~":         {"ann", "bob", "carol"},
		"> @ann\n- @bob":                     {"ann", "bob"},
		`\@ann`:                              nil,
		"@Ольга! @山田、@jose\u0301":            {"Ольга", "山田", "jose\u0301"},
		"@ @. @_ @-":                         nil,
		"@here @everyone":                    {"here", "everyone"},
		"@" + strings.Repeat("a", 64):        {strings.Repeat("a", 64)},
		"@" + strings.Repeat("a", 65):        nil,
		"@ann's @bob: @carol?":               {"ann", "bob", "carol"},
		"@__init__ x":                        {"__init__"},
	} {
		if got := Mentions(text, 50); !slices.Equal(got, want) {
			t.Errorf("Mentions(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestMentionsAreBounded(t *testing.T) {
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "@user%d ", i)
	}
	for limit, want := range map[int]int{0: 0, 3: 3, 50: 50, 1000: 50} {
		if got := len(Mentions(text.String(), limit)); got != want {
			t.Errorf("%d mentions with a limit of %d, want %d", got, limit, want)
		}
	}
}

func TestATextAboveTheLimitsStillMentions(t *testing.T) {
	text := strings.Repeat("*a* ", 2000) + "@ann me@example.org"
	if Parse(text) != nil {
		t.Fatal("the text has a tree")
	}
	if got := Mentions(text, 50); !slices.Equal(got, []string{"ann"}) {
		t.Errorf("Mentions = %q", got)
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("@ann, _@bob_ `@c`")
	f.Fuzz(func(t *testing.T, text string) {
		names := Mentions(text, 50)
		if len(names) > 50 {
			t.Fatalf("%d names", len(names))
		}
		for _, name := range names {
			if !strings.Contains(text, "@"+name) {
				t.Fatalf("%q does not mention %q", text, name)
			}
		}
	})
}
