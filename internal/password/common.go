package password

import (
	"strings"
	"sync"
	"unicode"
)

// The block list is not a list of passwords but of what people make them of:
// a few hundred words, keyboard runs, dates and habits. A password is common
// when it is made of at most two such words with digits and symbols around
// them, or of runs and repetitions alone. That covers some millions of
// passwords, among them nearly every one of ten characters and more that heads
// the lists of stolen ones.

// maxCommonWords is how many listed words, different from each other, still
// make a common password. Three or more make a pass-phrase.
const maxCommonWords = 2

// isCommon reports whether the block list covers the password.
func isCommon(password string) bool {
	lower := strings.ToLower(password)
	if strings.ReplaceAll(lower, " ", "") == xkcd || isRepetition(lower) || isWalk(lower) || isDigits(lower) {
		return true
	}
	if otherCharacters(lower) > maxOthers {
		return false
	}
	for _, form := range unleeted(lower) {
		if isWords(form) {
			return true
		}
	}
	return false
}

// isRepetition reports whether at most four characters are all there is, over
// and over: aaaaaaaaaa, abcabcabcabc, 1212121212.
func isRepetition(s string) bool {
	runes := []rune(s)
	for period := 1; period <= 4 && 2*period < len(runes); period++ {
		same := true
		for i := period; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-period]
		}
		if same {
			return true
		}
	}
	return false
}

// walks are the sequences that fingers and heads follow, each also backwards.
var walks = []string{
	"abcdefghijklmnopqrstuvwxyz",
	"01234567890123456789",
	"qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
	"qwertzuiopü", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
	"zaq1xsw2cde3vfr4bgt5nhy6mju7",
	"qazwsxedcrfvtgbyhnujmikolp",
	"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
	"a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j",
	"a1s2d3f4g5h6j7k8l9", "q1a2z3w4s5x6",
	"!@#$%^&*()_+", "!\"§$%&/()=?",
	"147258369", "159753", "789456123", "741852963", "112233445566778899", "1122334455",
	"112358132134", "3141592653589793",
}

// xkcd is the one long pass-phrase that everybody knows.
const xkcd = "correcthorsebatterystaple"

// minWalk is the shortest piece of a walk that counts as one.
const minWalk = 3

// isWalk reports whether the password consists of pieces of walks, with at most
// three characters left over: qwertyuiop, 1234567890, asdf1234asdf, qwerty12345!.
func isWalk(s string) bool {
	left := 0
	for s != "" {
		if n := walkLength(s); n >= minWalk {
			s = s[n:]
			continue
		}
		left++
		s = s[runeLength(s):]
	}
	return left <= 3
}

// walkLength returns how many bytes at the start of s follow one walk.
func walkLength(s string) int {
	longest := 0
	for _, walk := range bothWays() {
		for at := range walk {
			longest = max(longest, commonPrefix(s, walk[at:]))
		}
	}
	return longest
}

var bothWays = sync.OnceValue(func() []string {
	all := make([]string, 0, 2*len(walks))
	for _, walk := range walks {
		all = append(all, walk, reverse(walk))
	}
	return all
})

// maxOthers is how many digits and symbols may stand around common words.
const maxOthers = 8

// isWords reports whether the letters of the password can be cut into listed
// words, at most maxCommonWords different ones.
func isWords(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	seen := make(map[string]bool)
	for _, part := range parts {
		words, ok := cutWords(part)
		if !ok {
			return false
		}
		for _, word := range words {
			seen[word] = true
		}
	}
	return len(parts) > 0 && len(seen) <= maxCommonWords
}

// isDigits reports digits with nothing but the punctuation of dates and
// telephone numbers: as few as people remember is too few.
func isDigits(s string) bool {
	digits := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits++
		} else if !strings.ContainsRune(" -./+():", r) {
			return false
		}
	}
	return digits <= 12
}

// otherCharacters counts what is not a letter.
func otherCharacters(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// cutWords cuts letters into as few listed words as possible; ok is false when
// they cannot be cut.
func cutWords(s string) (words []string, ok bool) {
	listed := commonWords()
	// fewest[i] is the best cut of s[:i], nil when there is none.
	fewest := make([][]string, len(s)+1)
	fewest[0] = []string{}
	for end := 1; end <= len(s); end++ {
		for start := max(0, end-longestWord); start < end; start++ {
			if fewest[start] == nil || !listed[s[start:end]] {
				continue
			}
			if fewest[end] == nil || len(fewest[start])+1 < len(fewest[end]) {
				fewest[end] = append(fewest[start][:len(fewest[start]):len(fewest[start])], s[start:end])
			}
		}
	}
	return fewest[len(s)], fewest[len(s)] != nil
}

// unleeted returns the password as it is and with the usual replacements of
// letters undone (p@ssw0rd, 4dm1n), once with all of them and once without
// those in the digits and symbols at either end, which are more likely a tail.
func unleeted(s string) []string {
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	return []string{
		s,
		leet.Replace(s),
		leet.Replace(strings.TrimRightFunc(s, notLetter)),
		leet.Replace(strings.TrimFunc(s, notLetter)),
	}
}

var leet = strings.NewReplacer(
	"@", "a", "4", "a", "8", "b", "(", "c", "3", "e", "6", "g", "9", "g",
	"1", "i", "!", "i", "|", "l", "0", "o", "5", "s", "$", "s", "7", "t", "+", "t", "2", "z",
)

func reverse(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

// commonPrefix returns the length in bytes of what a and b start with alike,
// in whole characters.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) {
		size := runeLength(a[n:])
		if !strings.HasPrefix(b[n:], a[n:n+size]) {
			break
		}
		n += size
	}
	return n
}

// runeLength returns the length in bytes of the first character of s.
func runeLength(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}
