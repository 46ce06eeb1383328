package bridge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/channellayer"
	"github.com/parley-chat/parley/internal/chat"
)

// maxName is how many characters of a claimed name are shown.
const maxName = 64

// nameless stands for a name of which nothing can be shown.
const nameless = "unknown"

// cutMark ends a text that was longer than a message may be.
const cutMark = " […]"

// spoken gives what the bot says for a message from Django, or why it says
// nothing; drops stands for no reason.
func spoken(m channellayer.Message) (string, drop) {
	text, isText := m.Text("message")
	if !isText {
		return "", dropMalformed
	}
	name, isText := m.Text("username")
	if !isText {
		return "", dropMalformed
	}
	text, _ = atMost(text, chat.MaxMessageBytes+1, chat.MaxMessageCharacters+1)
	text = strings.ReplaceAll(text, "\x00", "")
	if chat.Blank(text) {
		return "", dropBlank
	}
	return cut(oneLine(name) + ": " + text), drops
}

// cut shortens a text to what a message may be, and says so at its end.
func cut(text string) string {
	if _, whole := atMost(text, chat.MaxMessageBytes, chat.MaxMessageCharacters); whole {
		return text
	}
	marked := utf8.RuneCountInString(cutMark)
	text, _ = atMost(text, chat.MaxMessageBytes-len(cutMark), chat.MaxMessageCharacters-marked)
	return text + cutMark
}

// atMost gives the beginning of a text within both limits, and whether that
// is all of it.
func atMost(text string, bytes, characters int) (string, bool) {
	for at, r := range text {
		if characters == 0 || at+utf8.RuneLen(r) > bytes {
			return text[:at], false
		}
		characters--
	}
	return text, true
}

// oneLine makes a claimed name harmless: one line of letters, digits and a few
// signs, with neither markup nor a mention in it.
func oneLine(name string) string {
	var line strings.Builder
	previous, length := ' ', 0
	for _, r := range name {
		if length == maxName {
			break
		}
		if unicode.IsSpace(r) {
			r = ' '
		}
		if !fits(previous, r) {
			continue
		}
		line.WriteRune(r)
		length++
		if !unicode.Is(unicode.M, r) { // a mark belongs to what is before it
			previous = r
		}
	}
	if clean := strings.TrimRight(line.String(), " -"); !chat.Blank(clean) {
		return clean
	}
	return nameless
}

// fits tells whether a character may follow another in a name. Signs need a
// letter or digit somewhere before them, so that the line begins neither a list
// nor a quotation, and @ directly before, so that nobody is mentioned.
func fits(previous, r rune) bool {
	word := unicode.IsLetter(previous) || unicode.IsDigit(previous)
	switch {
	case unicode.IsLetter(r), unicode.IsDigit(r):
		return true
	case unicode.Is(unicode.M, r):
		return word
	case strings.ContainsRune("._+-' ", r):
		return previous != ' '
	}
	return r == '@' && word
}
