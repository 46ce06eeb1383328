package chat

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckText says whether text can be a message: not blank, valid UTF-8
// without NUL, within MaxMessageCharacters and MaxMessageBytes.
func CheckText(text string) error {
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return FieldProblem("text", "bad_text", "The text has bytes that are no text (invalid UTF-8, or a NUL).")
	case len(text) > MaxMessageBytes || utf8.RuneCountInString(text) > MaxMessageCharacters:
		return FieldProblem("text", "too_long", fmt.Sprintf("A message has at most %d characters and %d bytes. Split it, or send it as a file.", MaxMessageCharacters, MaxMessageBytes))
	case Blank(text):
		return FieldProblem("text", "empty", "Write something first.")
	}
	return nil
}

// CheckKey says whether key can be a send key: 1 to MaxKey printable
// characters.
func CheckKey(key string) error {
	n := utf8.RuneCountInString(key)
	if n < 1 || n > MaxKey || !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl) {
		return FieldProblem("key", "bad_key", "The key must have 1 to 64 printable characters; clients make a random one for each message.")
	}
	return nil
}

// CheckEmoji says whether s can be a reaction: one emoji with all that varies
// it, or another single symbol that is not ASCII, at most MaxEmojiBytes.
func CheckEmoji(s string) error {
	if len(s) > MaxEmojiBytes || !utf8.ValidString(s) || !isEmoji([]rune(s)) {
		return FieldProblem("emoji", "bad_emoji", "A reaction is one emoji.")
	}
	return nil
}

// CleanLine checks a one-line name and trims blanks around it. field names
// it in the refusal; min is 0 or 1.
func CleanLine(field, s string, min, max int) (string, error) {
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", FieldProblem(field, "bad_text", "It must be one line of text without control characters.")
	case n > 0 && Blank(s), n < min:
		return "", FieldProblem(field, "empty", "It cannot be empty.")
	case n > max:
		return "", FieldProblem(field, "too_long", fmt.Sprintf("It can have at most %d characters.", max))
	}
	return s, nil
}

// Blank reports whether nothing of s can be seen.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !invisible(r)
	})
}

// invisible holds the graphic characters that show nothing: fillers and the
// blank braille cell. Zero-width characters are not graphic to begin with.
func invisible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800', '\u034f':
		return true
	}
	return unicode.Is(unicode.Mn, r)
}
