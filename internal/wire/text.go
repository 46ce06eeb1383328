package wire

import "unicode/utf8"

const hex = "0123456789abcdef"

// appendString writes s as a JSON string. Invalid UTF-8 becomes U+FFFD, and
// U+2028 and U+2029 are escaped, as encoding/json does; <, > and & stand as
// they are, since no client puts the text into HTML.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0
	for i := 0; i < len(s); {
		size := plainRune(s[i:])
		if size > 0 {
			i += size
			continue
		}
		dst = append(dst, s[plain:i]...)
		dst, size = appendEscaped(dst, s[i:])
		i += size
		plain = i
	}
	dst = append(dst, s[plain:]...)
	return append(dst, '"')
}

// plainRune gives the size of the first rune of s if it needs no escape,
// else 0.
func plainRune(s string) int {
	if c := s[0]; c < utf8.RuneSelf {
		if c < ' ' || c == '"' || c == '\\' {
			return 0
		}
		return 1
	}
	r, size := utf8.DecodeRuneInString(s)
	if (r == utf8.RuneError && size == 1) || r == '\u2028' || r == '\u2029' {
		return 0
	}
	return size
}

// appendEscaped writes the first rune of s escaped and gives its size in s.
func appendEscaped(dst []byte, s string) ([]byte, int) {
	switch c := s[0]; c {
	case '"', '\\':
		return append(dst, '\\', c), 1
	case '\b':
		return append(dst, `\b`...), 1
	case '\f':
		return append(dst, `\f`...), 1
	case '\n':
		return append(dst, `\n`...), 1
	case '\r':
		return append(dst, `\r`...), 1
	case '\t':
		return append(dst, `\t`...), 1
	}
	if s[0] < utf8.RuneSelf {
		return append(dst, '\\', 'u', '0', '0', hex[s[0]>>4], hex[s[0]&0xf]), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return append(dst, `\ufffd`...), size
	}
	return append(dst, '\\', 'u', '2', '0', '2', hex[r&0xf]), size
}
