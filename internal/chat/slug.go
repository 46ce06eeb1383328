package chat

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlugLength = 64

// What can be wrong with a slug.
const (
	SlugEmpty      NameProblem = "Choose a short name for the room's address."
	SlugTooLong    NameProblem = "A room's short name has at most 64 characters."
	SlugCharacters NameProblem = "A room's short name consists of a to z, 0 to 9, _ and -, and starts with a letter or digit."
	SlugDigits     NameProblem = "A room's short name needs something besides digits."
)

// CleanSlug checks the short name of a room: [a-z0-9][a-z0-9_-]{0,63}, not all
// digits, because a number in an address is a room's id. The error is a
// NameProblem.
func CleanSlug(s string) error {
	switch {
	case s == "":
		return SlugEmpty
	case len(s) > maxSlugLength:
		return SlugTooLong
	case s[0] == '_' || s[0] == '-':
		return SlugCharacters
	}
	digits := true
	for i := range len(s) {
		if !isSlugByte(s[i]) {
			return SlugCharacters
		}
		digits = digits && '0' <= s[i] && s[i] <= '9'
	}
	if digits {
		return SlugDigits
	}
	return nil
}

func isSlugByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// SlugFrom makes a valid slug from a room's name: lower case, Latin letters
// without their marks, everything else a hyphen. A name of which nothing is
// left becomes "room", a bare number N becomes "room-N". The result is not
// unique: the caller adds a number where it is taken.
func SlugFrom(name string) string {
	var slug strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(cutBytes(name, 8*maxSlugLength)) {
		part, skip := slugPart(unicode.ToLower(r))
		if skip {
			continue
		}
		if part == "" {
			gap = true
			continue
		}
		if gap && slug.Len() > 0 {
			slug.WriteByte('-')
		}
		gap = false
		slug.WriteString(part)
	}
	return finishSlug(slug.String())
}

// slugPart returns what stands for r in a slug, "" for a gap; skip means that
// r leaves no trace (a mark on the letter before it, an apostrophe).
func slugPart(r rune) (part string, skip bool) {
	switch {
	case r < unicode.MaxASCII && isSlugByte(byte(r)) && r != '-':
		return string(r), false
	case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
		return "", true
	}
	return undecomposed[r], false
}

// undecomposed are Latin letters that have no decomposition into a plain
// letter and a mark.
var undecomposed = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d",
	'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŋ': "n", 'ŧ': "t",
}

func finishSlug(slug string) string {
	slug = cutBytes(strings.TrimLeft(slug, "_-"), maxSlugLength)
	slug = strings.TrimRight(slug, "_-")
	if slug == "" {
		return "room"
	}
	if CleanSlug(slug) == SlugDigits {
		return cutBytes("room-"+slug, maxSlugLength)
	}
	return slug
}

// cutBytes bounds the work on a hostile name and the length of a slug. A
// character cut in half counts as a gap.
func cutBytes(s string, limit int) string {
	if len(s) > limit {
		return s[:limit]
	}
	return s
}
