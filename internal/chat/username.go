package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of a user name. Characters are Unicode code points after
// normalisation; bytes are of what was sent, checked before any other work.
const (
	maxUsernameCharacters = 64
	maxUsernameBytes      = 1024
)

// NameProblem says in one sentence what is wrong with a user name or a slug.
// The sentence is meant for the person who chose it.
type NameProblem string

// Error returns the sentence.
func (p NameProblem) Error() string { return string(p) }

// What can be wrong with a user name.
const (
	UsernameEmpty      NameProblem = "Choose a user name."
	UsernameTooLong    NameProblem = "A user name has at most 64 characters."
	UsernameCharacters NameProblem = "A user name consists of letters, digits and . _ @ + - only."
	UsernameNoLetter   NameProblem = "A user name needs at least one letter or digit."
	UsernameEdges      NameProblem = "A user name neither starts nor ends with a dot or a hyphen."
	UsernameScripts    NameProblem = "A user name keeps to the letters of one script."
	UsernameReserved   NameProblem = "This user name is reserved."
)

// reservedNames are folds that mean something in a message or in the
// interface. "admin" is not one of them: many have brought it along.
var reservedNames = map[string]bool{
	"here": true, "everyone": true, "all": true,
	"room": true, "system": true, "parley": true,
}

// CleanUsername checks a user name. It returns the name as it is shown and
// kept (NFKC) and its fold, the form in which names are unique: two names with
// one fold are the same name. Folding a fold changes nothing.
//
// Nothing is trimmed or dropped silently: a name that breaks a rule is refused
// with a NameProblem. Names that look alike in two scripts as a whole are two
// names; a mixture of scripts within a name is refused.
func CleanUsername(s string) (name, fold string, err error) {
	if len(s) > maxUsernameBytes {
		return "", "", UsernameTooLong
	}
	if !utf8.ValidString(s) {
		return "", "", UsernameCharacters
	}
	name = norm.NFKC.String(s)
	if problem := usernameProblem(name); problem != "" {
		return "", "", problem
	}
	fold = foldName(name)
	if reservedNames[fold] {
		return "", "", UsernameReserved
	}
	return name, fold, nil
}

func usernameProblem(name string) NameProblem {
	if problem := usernameShape(name); problem != "" {
		return problem
	}
	var mix scriptMix
	previous, some := rune(0), false
	for _, r := range name {
		if !isUsernameRune(previous, r) {
			return UsernameCharacters
		}
		previous, some = r, some || unicode.IsLetter(r) || unicode.IsDigit(r)
		mix.add(r)
	}
	if !some {
		return UsernameNoLetter
	}
	if !mix.isOne() {
		return UsernameScripts
	}
	return ""
}

func usernameShape(name string) NameProblem {
	switch {
	case name == "":
		return UsernameEmpty
	case utf8.RuneCountInString(name) > maxUsernameCharacters:
		return UsernameTooLong
	case strings.ContainsAny(name[:1], ".-"), strings.ContainsAny(name[len(name)-1:], ".-"):
		return UsernameEdges
	}
	return ""
}

// isUsernameRune reports whether r may follow previous (0 at the start).
//
// Vowel signs and the like belong to the letters of the scripts that have
// them, so they may follow a letter. Marks that fit every script (Inherited)
// and did not compose are decoration that makes names look alike. Letters that
// fit every script are refused for the same reason; the long-vowel mark of
// Japanese is the exception.
func isUsernameRune(previous, r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return isASCIIWord(r) || strings.ContainsRune("._@+-", r)
	case isHangulFiller(r):
		return false
	case unicode.Is(unicode.M, r):
		return !unicode.Is(unicode.Inherited, r) && (unicode.IsLetter(previous) || unicode.Is(unicode.M, previous))
	case unicode.IsLetter(r):
		return r == longVowelMark || !unicode.Is(unicode.Common, r)
	}
	return unicode.IsDigit(r)
}

func isASCIIWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// isHangulFiller reports letters by category that draw nothing.
func isHangulFiller(r rune) bool {
	return r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0'
}

// foldName is NFKC case folding. The second round settles the few characters
// whose fold composes into something that folds again.
func foldName(name string) string {
	caser := cases.Fold()
	once := norm.NFKC.String(caser.String(name))
	return norm.NFKC.String(caser.String(once))
}

const longVowelMark = '\u30fc'

// scriptMix collects the scripts of the letters of one name.
type scriptMix struct {
	names []string // few: a name with more than three is refused anyway
}

func (m *scriptMix) add(r rune) {
	if r == longVowelMark {
		m.insert("Katakana")
		return
	}
	if r < utf8.RuneSelf && !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
		return
	}
	for _, name := range m.names {
		if unicode.Is(unicode.Scripts[name], r) {
			return
		}
	}
	m.insert(scriptOf(r))
}

func (m *scriptMix) insert(name string) {
	for _, known := range m.names {
		if known == name {
			return
		}
	}
	m.names = append(m.names, name)
}

// writtenTogether are the scripts that one language mixes within a word.
var writtenTogether = [][]string{
	{"Han", "Hiragana", "Katakana"},
	{"Han", "Hangul"},
}

func (m *scriptMix) isOne() bool {
	if len(m.names) <= 1 {
		return true
	}
	for _, together := range writtenTogether {
		if isSubset(m.names, together) {
			return true
		}
	}
	return false
}

func isSubset(names, of []string) bool {
	for _, name := range names {
		found := false
		for _, other := range of {
			found = found || name == other
		}
		if !found {
			return false
		}
	}
	return true
}

func scriptOf(r rune) string {
	if unicode.Is(unicode.Latin, r) {
		return "Latin"
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "Unknown"
}
