package markup

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/util"
)

const maxHref = 2048 // bytes

// decodeHref undoes what Markdown lets people write in the address of a link:
// backslashes before punctuation, and entities. safeHref judges the result.
func decodeHref(raw []byte) string {
	raw = util.UnescapePunctuations(raw)
	raw = util.ResolveNumericReferences(raw)
	return string(util.ResolveEntityNames(raw))
}

// safeHref returns the address as a link may carry it, its scheme in lower
// case; ok is false when it must not be a link. It is to be an absolute http,
// https or mailto address that a browser reads as we do: no space, control or
// invisible character, and no backslash, anywhere.
func safeHref(address string) (href string, ok bool) {
	if len(address) > maxHref || !utf8.ValidString(address) || strings.ContainsFunc(address, isTreacherous) {
		return "", false
	}
	scheme, rest, found := strings.Cut(address, ":")
	parsed, err := url.Parse(address)
	if !found || err != nil {
		return "", false
	}
	scheme = strings.ToLower(scheme)
	switch scheme {
	case "http", "https":
		ok = parsed.Hostname() != ""
	case "mailto":
		ok = strings.Contains(parsed.Opaque, "@")
	}
	if !ok {
		return "", false
	}
	return scheme + ":" + rest, true
}

func isTreacherous(r rune) bool {
	return r == '\\' || r == utf8.RuneError || unicode.IsSpace(r) || unicode.In(r, unicode.C, unicode.Z)
}

// schemeLength returns the length of http or https at the end of text, 0 for
// neither.
func schemeLength(text []byte) int {
	for _, length := range []int{len("https"), len("http")} {
		if len(text) < length {
			continue
		}
		switch strings.ToLower(string(text[len(text)-length:])) {
		case "http", "https":
			return length
		}
	}
	return 0
}

// addressLength returns how many bytes of the line belong to an address, from
// its colon on. It ends before a space or what no address contains, and before
// the punctuation of the sentence it stands in.
func addressLength(line []byte) int {
	end, open := len(line), 0
	for i, r := range string(line) {
		if isTreacherous(r) || strings.ContainsRune("<>\"`[]{}|^", r) {
			end = i
			break
		}
		switch r {
		case '(':
			open++
		case ')':
			open--
		}
		if open < 0 {
			end = i
			break
		}
	}
	return len(strings.TrimRightFunc(string(line[:end]), isSentenceEnd))
}

func isSentenceEnd(r rune) bool {
	return strings.ContainsRune("?!.,:;*_~'(…。，、！？：；）」』】》”’", r)
}

// joinsWord reports whether a letter or digit ends the text.
func joinsWord(text []byte) bool {
	r, _ := utf8.DecodeLastRune(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func isMailAddress(s string) bool {
	return util.FindEmailIndex([]byte(s)) == len(s)
}
