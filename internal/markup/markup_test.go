package markup

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestMarkupBecomesATree(t *testing.T) {
	for text, want := range map[string]string{
		"*a* **b** ~~c~~ `d`":              `[{"t":"p","c":[{"t":"em","c":[{"t":"text","text":"a"}]},{"t":"text","text":" "},{"t":"strong","c":[{"t":"text","text":"b"}]},{"t":"text","text":" "},{"t":"del","c":[{"t":"text","text":"c"}]},{"t":"text","text":" "},{"t":"code","text":"d"}]}]`,
		"*one*\ntwo":                       `[{"t":"p","c":[{"t":"em","c":[{"t":"text","text":"one"}]},{"t":"br"},{"t":"text","text":"two"}]}]`,
		"> quoted\nanswer":                 `[{"t":"quote","c":[{"t":"p","c":[{"t":"text","text":"quoted"}]}]},{"t":"p","c":[{"t":"text","text":"answer"}]}]`,
		"> a\n> b\n\nc":                    `[{"t":"quote","c":[{"t":"p","c":[{"t":"text","text":"a"},{"t":"br"},{"t":"text","text":"b"}]}]},{"t":"p","c":[{"t":"text","text":"c"}]}]`,
		"- a\n- b\nafter":                  `[{"t":"ul","c":[{"t":"li","c":[{"t":"text","text":"a"}]},{"t":"li","c":[{"t":"text","text":"b"}]}]},{"t":"p","c":[{"t":"text","text":"after"}]}]`,
		"- a\n  more\n  - b":               `[{"t":"ul","c":[{"t":"li","c":[{"t":"text","text":"a"},{"t":"br"},{"t":"text","text":"more"},{"t":"ul","c":[{"t":"li","c":[{"t":"text","text":"b"}]}]}]}]}]`,
		"3. c\n4. d":                       `[{"t":"ol","start":3,"c":[{"t":"li","c":[{"t":"text","text":"c"}]},{"t":"li","c":[{"t":"text","text":"d"}]}]}]`,
		"0. c":                             `[{"t":"ol","c":[{"t":"li","c":[{"t":"text","text":"c"}]}]}]`,
		"# Title\ntext":                    `[{"t":"h","c":[{"t":"text","text":"Title"}]},{"t":"p","c":[{"t":"text","text":"text"}]}]`,
		"```go\na := 1\n\n\tb\n```\nafter": `[{"t":"pre","text":"a := 1\n\n\tb","lang":"go"},{"t":"p","c":[{"t":"text","text":"after"}]}]`,
		"```\nopen *end*":                  `[{"t":"pre","text":"open *end*"}]`,
		"[a *b*](https://x.org/?q=1&amp;r=2 \"title\")": `[{"t":"p","c":[{"t":"link","href":"https://x.org/?q=1\u0026r=2","c":[{"t":"text","text":"a "},{"t":"em","c":[{"t":"text","text":"b"}]}]}]}]`,
		"![cat](http://x.org/c.png)":                    `[{"t":"p","c":[{"t":"link","href":"http://x.org/c.png","c":[{"t":"text","text":"cat"}]}]}]`,
		"![](http://x.org/c.png)":                       `[{"t":"p","c":[{"t":"link","href":"http://x.org/c.png","c":[{"t":"text","text":"http://x.org/c.png"}]}]}]`,
		"see HTTPS://x.org/a_b_c).":                     `[{"t":"p","c":[{"t":"text","text":"see "},{"t":"link","href":"https://x.org/a_b_c","c":[{"t":"text","text":"HTTPS://x.org/a_b_c"}]},{"t":"text","text":")."}]}]`,
		"(https://x.org/w_(y))":                         `[{"t":"p","c":[{"t":"text","text":"("},{"t":"link","href":"https://x.org/w_(y)","c":[{"t":"text","text":"https://x.org/w_(y)"}]},{"t":"text","text":")"}]}]`,
		"**http://localhost:8080**":                     `[{"t":"p","c":[{"t":"strong","c":[{"t":"link","href":"http://localhost:8080","c":[{"t":"text","text":"http://localhost:8080"}]}]}]}]`,
		"<https://x.org> <a@x.org>":                     `[{"t":"p","c":[{"t":"link","href":"https://x.org","c":[{"t":"text","text":"https://x.org"}]},{"t":"text","text":" "},{"t":"link","href":"mailto:a@x.org","c":[{"t":"text","text":"a@x.org"}]}]}]`,
		"[@ann https://a.org](https://b.org)":           `[{"t":"p","c":[{"t":"link","href":"https://b.org","c":[{"t":"text","text":"@ann https://a.org"}]}]}]`,
		"hi @ann.":                                      `[{"t":"p","c":[{"t":"text","text":"hi "},{"t":"mention","text":"@ann"},{"t":"text","text":"."}]}]`,
		"in #general, not #12":                          `[{"t":"p","c":[{"t":"text","text":"in "},{"t":"room","text":"#general"},{"t":"text","text":", not #12"}]}]`,
		`\*not\* &amp; *yes*`:                           `[{"t":"p","c":[{"t":"text","text":"*not* \u0026amp; "},{"t":"em","c":[{"t":"text","text":"yes"}]}]}]`,
		`\*not\*`:                                       `[{"t":"p","c":[{"t":"text","text":"*not*"}]}]`,
		"*a* <b>bold</b>":                               `[{"t":"p","c":[{"t":"em","c":[{"t":"text","text":"a"}]},{"t":"text","text":" \u003cb\u003ebold\u003c/b\u003e"}]}]`,
	} {
		got, err := json.Marshal(Parse(text))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("Parse(%q)\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestTextWithoutMarkupHasNoTree(t *testing.T) {
	for _, text := range []string{
		"", " ", "hello there", "two\nlines", "para\n\ngraph", "2 * 3 = 6", "snake_case_name", "a - b", "-1", "+1", "1.5", "3.",
		"~5 min to ~10", "<b>bold</b>", "<script>alert(1)</script>", "me@example.org", "a & b &lt; c", "C:\\dir", "50%: yes", "x: y",
		`¯\_(ツ)_/¯`, ">", "-", "#", "```", "issue #12", "C# and F#", "[x] done", "a[0]", "http://", "ftp://x.org", "---\n***", "\xff*a*",
		"    indented", "a\n    b", "Setext\n---", "|a|b|\n|-|-|", "[a]: x", "&#106;avascript:alert(1)",
	} {
		if nodes := Parse(text); nodes != nil {
			t.Errorf("Parse(%q) = %+v, want nil", text, nodes)
		}
	}
}

func TestNothingTypedIsLost(t *testing.T) {
	for text, want := range map[string]string{
		"*x*\n    indented\nlast":         "x indented last",
		"- a\n\n          deep\n\nb":      "a deep b",
		"> a\nb\n> c\n- d\ne":             "a b c d e",
		"> ```\n> code\nout":              "code out",
		"1. a\n\n   b\n2. c\n***\nd":      "a b c *** d",
		"*x*\r\nwindows\r\n\r\nlines\r\n": "x windows lines",
		"*x* C:\\dir\\\nnext":             `x C:\dir\ next`,
		"- - -\nx":                        "x",
		"> > a\n> b\nc":                   "a b c",
		"[foo *x*\nbar](https://x.org":    "[foo x bar]( https://x.org",
		"*x* [a](/rel) ![b](data:x)":      "x [a](/rel) ![b](data:x)",
		"[*x*](javascript:alert(1)) y":    "[ x ](javascript:alert(1)) y",
	} {
		if got := strings.Join(strings.Fields(spaced(Parse(text))), " "); got != want {
			t.Errorf("the text of %q is %q, want %q", text, got, want)
		}
	}
}

// spaced is the text of a tree with a space after each node.
func spaced(nodes []Node) string {
	var all strings.Builder
	for _, node := range nodes {
		all.WriteString(node.Text + spaced(node.Children) + " ")
	}
	return all.String()
}

func TestDangerousAddressesAreNoLinks(t *testing.T) {
	for _, address := range []string{
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript:alert(1)",
		"javascript&colon;alert(1)", "javascript&#58;alert(1)", "&Tab;javascript:alert(1)", "\x01javascript:alert(1)",
		"data:text/html,x", "vbscript:x", "blob:https://x", "file:///etc/passwd", "//x.org", "/path", "path", "#id", "",
		"https:x.org", "https://", "https:///x", "https:\\\\x.org", "https://x.org\\@y.org", "https&#58;//x.org/&#10;", "http://x.org/\u202egpj",
		"http://x.org/\u200b", "https&Tab;://x.org", "mailto:", "mailto:nobody", "tel:1", "http://[::1", "http://x.org:port/",
		"https://x.org/" + strings.Repeat("a", 3000), "feed:https://x.org", "https ://x.org",
	} {
		for _, text := range []string{
			"[x](" + address + ")", "[x](<" + address + ">)", "![x](" + address + ")", "<" + address + ">", "*y* " + address,
			"[x][1]\n\n[1]: " + address, `<a href="` + address + `">x</a>`,
		} {
			for _, href := range hrefs(Parse(text)) {
				// An address inside the text may be a link of its own.
				if !strings.HasPrefix(href, "http://x.org") && !strings.HasPrefix(href, "https://x") {
					t.Errorf("%q has a link to %q", text, href)
				}
				if strings.ContainsFunc(href, isTreacherous) {
					t.Errorf("%q has a link to %q", text, href)
				}
			}
		}
		if links := hrefs(Parse("[x](<" + address + ">)")); len(links) > 0 && strings.HasPrefix(address, "https&") {
			t.Errorf("%q became a link", address)
		}
	}
}

func hrefs(nodes []Node) []string {
	var all []string
	for _, node := range nodes {
		if node.Kind == Link {
			all = append(all, node.Href)
		}
		all = append(all, hrefs(node.Children)...)
	}
	return all
}

func TestATreeAboveTheLimitsIsShownPlain(t *testing.T) {
	for name, text := range map[string]string{
		"quotes":   strings.Repeat(">", 13) + " deep",
		"lists":    strings.Repeat("- ", 13) + "deep",
		"emphasis": strings.Repeat("*a **b ", 10) + strings.Repeat("** *", 10),
		"nodes":    strings.Repeat("- a\n", 1000),
		"marks":    strings.Repeat("*a* ", 600),
		"bytes":    "*a*" + strings.Repeat(" ", MaxBytes),
	} {
		if Parse(text) != nil {
			t.Errorf("too many %s have a tree", name)
		}
	}
	if Parse(strings.Repeat("- a\n", 600)) == nil || Parse(strings.Repeat(">", 10)+" deep") == nil {
		t.Error("a tree within the limits is refused")
	}
}

// Four times the text may take at most eight times as long; quadratic time
// would be sixteen. Only what takes long enough to be measured is compared.
func TestTimeIsLinearInHostileText(t *testing.T) {
	const small, large = 8 << 10, 32 << 10
	for _, unit := range []string{
		"*", "**", "_", "~~", "`", "[", "]", "(", ">", "<", "<>", "@", "#", "\\", "!", "![", "[](", "[a](", "[a](<b", "](", "<a@", "<!--",
		"- ", "* ", "1. ", "> ", "- a\n", "> a\n", "a@b.com ", "http://", "http://a ", "https://a.b/(", "://", "\\``", "`a``b```c", "*a_b*c_d**e_f*g**h*i_j**",
		"*a **b ", "a_", "~~a", "[a]", "[[a]]", "]([\n", "[ (](", "``\n", "```\n", "```a\n> ", "&amp;", "&#38;", "&", "[x](&amp;", "| a ", "|-", "# ",
		"- - - - x\n", "@a", "@a.", "#a", "_@", "\t", "\n", " \n", "\r\n", "a\n", "    a\n", "* a\n *", "[a](b \"", "ab\x00", "é*",
	} {
		long := strings.Repeat(unit, large/len(unit)) + "x *e*"
		if parseTime(long, 1) < 100*time.Millisecond {
			continue
		}
		if short := strings.Repeat(unit, small/len(unit)) + "x *e*"; !growsLinearly(short, long) {
			t.Errorf("%q: 32 KiB take more than eight times as long as 8 KiB", unit)
		}
	}
}

// growsLinearly compares again and again before it says no: what other
// programs do to the machine is not the same each time.
func growsLinearly(short, long string) bool {
	for range 10 {
		if parseTime(long, 3) <= 8*parseTime(short, 3) {
			return true
		}
	}
	return false
}

// parseTime is the best of several tries, which a busy machine disturbs least.
func parseTime(text string, tries int) time.Duration {
	best := time.Hour
	for range tries {
		begun := time.Now()
		Parse(text)
		Mentions(text, MaxMentions)
		best = min(best, time.Since(begun))
	}
	return best
}

func TestResolvingSetsTheUsersThatExist(t *testing.T) {
	nodes := Parse("> @ann and @bob")
	Resolve(nodes, func(name string) int64 { return map[string]int64{"ann": 7}[name] })
	got, err := json.Marshal(nodes)
	if err != nil {
		t.Fatal(err)
	}
	if want := `[{"t":"quote","c":[{"t":"p","c":[{"t":"mention","text":"@ann","user":7},{"t":"text","text":" and "},{"t":"mention","text":"@bob"}]}]}]`; string(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestPlainTextIsTakenWithoutAllocating(t *testing.T) {
	if allocations := testing.AllocsPerRun(100, func() { Parse(plain200) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"*a* **b** ~~c~~ `d` [e](https://f.g) <h@i.j> @k #l", "> a\n> - b\n>   1. c\nd", "```go\nx\n```", "![a](<b c> 'd')",
		"[a](javascript:x) \\* &amp; &#106;", "# h #\n\tx\n- \n\n  y", "*a\\\nb*  \nc", "https://a.b/c_(d)_e* _@f_ @@g", "[[a](http://b)](http://c)",
		"- a\n\n\n  b\n-\n\n  c", "> ```\n>\tx\ny", "¯\\_(ツ)_/¯ *x*", "[\n](<http://a>\n\"b\nc\")",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > MaxBytes {
			return
		}
		nodes := Parse(text)
		if isPlain(text) || nodes == nil {
			return
		}
		nodes = parse(text) // without the net under it
		left := letters(text)
		checkTree(t, nodes, 1)
		for _, r := range letters(spaced(nodes)) {
			_, after, found := strings.Cut(left, string(r))
			if !found {
				t.Fatalf("%q has text that does not stand there: %+v", text, nodes)
			}
			left = after
		}
		if !strings.ContainsAny(text, "[`~0123456789") && words(spaced(nodes)) != words(text) {
			t.Fatalf("%q has lost text: %+v", text, nodes)
		}
		again, _ := json.Marshal(Parse(text))
		if first, _ := json.Marshal(nodes); string(first) != string(again) {
			t.Fatalf("%q has two trees", text)
		}
	})
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// words is all that may be no mark.
func words(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.Is(unicode.So, r) {
			return r
		}
		return -1
	}, s)
}

func checkTree(t *testing.T, nodes []Node, depth int) {
	t.Helper()
	if depth > MaxDepth && len(nodes) > 0 {
		t.Fatalf("depth %d", depth)
	}
	for _, node := range nodes {
		if href := node.Href; node.Kind == Link {
			safe := strings.HasPrefix(href, "http://") || strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "mailto:")
			if !safe || strings.ContainsFunc(href, isTreacherous) {
				t.Fatalf("a link to %q", href)
			}
			if len(hrefs(node.Children)) > 0 {
				t.Fatalf("a link within a link to %q", href)
			}
		}
		checkTree(t, node.Children, depth+1)
	}
}

// FuzzPlainIsPlain checks that the quick look never takes markup for plain text.
func FuzzPlainIsPlain(f *testing.F) {
	f.Add("a\n 1) b")
	f.Add("-\tx")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) <= MaxBytes && isPlain(text) {
			if nodes := parse(text); nodes != nil {
				t.Fatalf("%q is taken for plain, but has %+v", text, nodes)
			}
		}
	})
}

var plain200 = strings.Repeat("Plain words, as most are: with 1 or 2 marks! ", 5)[:200]

func BenchmarkPlain200Bytes(b *testing.B) {
	for b.Loop() {
		Parse(plain200)
	}
}

func BenchmarkMarkup200Bytes(b *testing.B) {
	text := "**Release** on Friday, see https://example.org/notes and ask @ann.\n- *fast* `queue`\n- no lost messages\n> as promised\n"
	text += strings.Repeat("x ", (200-len(text))/2)
	b.ReportAllocs()
	for b.Loop() {
		Parse(text)
	}
}
