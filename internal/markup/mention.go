package markup

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxMentions is the most names that Mentions returns.
	MaxMentions = 50

	maxName = 64 // characters of a user name, bytes of a room's slug
)

// Mentions returns the names mentioned in a text, without the @, each once, in
// their order, at most max of them and at most MaxMentions. They are what stands
// there: whether anybody has such a name, or what "here" means, is for the
// caller. Code and links mention nobody. In a text above the limits of a tree,
// which is shown plain, every @name counts.
func Mentions(text string, max int) []string {
	max = min(max, MaxMentions)
	if max <= 0 || !bytes.ContainsRune([]byte(text), '@') {
		return nil
	}
	var found names
	if nodes := Parse(text); nodes != nil {
		found.collect(nodes, max)
	} else {
		found.scan([]byte(text), max)
	}
	return found
}

type names []string

func (n *names) collect(nodes []Node, max int) {
	for _, node := range nodes {
		if node.Kind == Mention {
			n.add(node.Text[1:], max)
		}
		n.collect(node.Children, max)
	}
}

func (n *names) scan(text []byte, max int) {
	for at := 0; at < len(text) && len(*n) < max; at++ {
		if text[at] != '@' {
			continue
		}
		if length := mentionLength(text[:at], text[at:]); length > 0 {
			n.add(string(text[at+1:at+length]), max)
			at += length - 1
		}
	}
}

func (n *names) add(name string, max int) {
	if len(*n) < max && !slices.Contains(*n, name) {
		*n = append(*n, name)
	}
}

// mentionLength returns how many bytes of text, which begins with @, are a
// mention; 0 for none. before is what stands in front of it: within a word, as
// in a mail address, an @ mentions nobody. The dots and hyphens of the sentence
// do not belong to the name; nor do, in _@name_, the marks of emphasis.
func mentionLength(before, text []byte) int {
	emphasised := bytes.HasSuffix(before, []byte("_"))
	if joinsWord(bytes.TrimRight(before, "_")) || bytes.HasSuffix(before, []byte("@")) {
		return 0
	}
	end, characters := 1, 0
	for end < len(text) {
		r, size := utf8.DecodeRune(text[end:])
		if !isNameRune(r) || characters > maxName {
			break
		}
		end, characters = end+size, characters+1
	}
	tail := ".-"
	if emphasised {
		tail = ".-_"
	}
	name := bytes.TrimRight(text[1:end], tail)
	if utf8.RuneCount(name) > maxName || !bytes.ContainsFunc(name, isLetterOrDigit) {
		return 0
	}
	return 1 + len(name)
}

func isNameRune(r rune) bool {
	switch r {
	case '.', '_', '@', '+', '-':
		return true
	}
	return isLetterOrDigit(r) || unicode.Is(unicode.M, r)
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// roomLength is mentionLength for #slug: a to z, digits, _ and -, not all
// digits, and nothing of a word before or after.
func roomLength(before, text []byte) int {
	r, _ := utf8.DecodeLastRune(before)
	if isNameRune(r) || r == '#' || r == '&' || r == '/' {
		return 0
	}
	end := 1
	for end < len(text) && isSlugByte(text[end]) {
		end++
	}
	if next, _ := utf8.DecodeRune(text[end:]); end < len(text) && isLetterOrDigit(next) {
		return 0
	}
	slug := bytes.TrimRight(text[1:end], "_-")
	if len(slug) > maxName || !bytes.ContainsFunc(slug, unicode.IsLetter) || slug[0] == '-' || slug[0] == '_' {
		return 0
	}
	return 1 + len(slug)
}

func isSlugByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}
