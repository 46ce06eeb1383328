package chat

import "unicode"

// Characters that make one emoji of several.
const (
	joiner     = '\u200d'
	keycapMark = '\u20e3'
	wavyDash   = '\u3030' // a dash by category, an emoji by use
	infoSource = '\u2139' // a letter by category
)

// isEmoji reports whether s is one emoji: a flag, a keycap, or symbols that
// are joined, each with what varies it. It does not ask whether anybody has
// drawn such an emoji.
func isEmoji(s []rune) bool {
	switch {
	case len(s) == 2 && isFlagLetter(s[0]):
		return isFlagLetter(s[1])
	case len(s) > 1 && isKeycapBase(s[0]):
		return s[len(s)-1] == keycapMark && skipVariations(s[1:]) == len(s)-1
	}
	for {
		if len(s) == 0 || !isSymbol(s[0]) {
			return false
		}
		s = s[1:]
		s = s[skipVariations(s):]
		if len(s) == 0 {
			return true
		}
		if s[0] != joiner {
			return false
		}
		s = s[1:]
	}
}

// skipVariations counts the characters that only vary the symbol before them.
func skipVariations(s []rune) int {
	for i, r := range s {
		if !isVariation(r) {
			return i
		}
	}
	return len(s)
}

// isVariation: a presentation, a skin tone, a keycap, or the tags of a region's
// flag.
func isVariation(r rune) bool {
	return r == '\ufe0f' || r == '\ufe0e' || r == keycapMark || '\U0001f3fb' <= r && r <= '\U0001f3ff' || '\U000e0020' <= r && r <= '\U000e007f'
}

func isFlagLetter(r rune) bool { return '\U0001f1e6' <= r && r <= '\U0001f1ff' }

func isKeycapBase(r rune) bool { return '0' <= r && r <= '9' || r == '#' || r == '*' }

func isSymbol(r rune) bool {
	return r > unicode.MaxASCII && !isFlagLetter(r) && (unicode.In(r, unicode.So, unicode.Sk, unicode.Sm, unicode.Po) || r == wavyDash || r == infoSource)
}
