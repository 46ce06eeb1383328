package markup

import "strings"

// What a byte may begin, see isPlain.
const (
	never  = iota
	always // markup wherever it stands
	atLine // markup at the start of a line
	colon  // markup in ://
	newline
)

var role = func() (table [256]uint8) {
	for _, c := range "*_~`[<@#\\" {
		table[c] = always
	}
	for _, c := range ">-+0123456789" {
		table[c] = atLine
	}
	table[':'], table['\n'] = colon, newline
	return table
}()

// isPlain reports whether a text surely has no markup, without allocating. Most
// messages are plain, so this is what Parse mostly does.
func isPlain(text string) bool {
	if beginsBlock(text) {
		return false
	}
	for i := range len(text) {
		switch role[text[i]] {
		case always:
			return false
		case newline:
			if beginsBlock(text[i+1:]) {
				return false
			}
		case colon:
			if strings.HasPrefix(text[i:], "://") {
				return false
			}
		}
	}
	return true
}

// beginsBlock reports whether a line may begin a quote or a list item.
func beginsBlock(line string) bool {
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	if i == len(line) || role[line[i]] != atLine {
		return false
	}
	if line[i] == '>' {
		return true
	}
	for i < len(line) && '0' <= line[i] && line[i] <= '9' {
		i++
	}
	if i == len(line) || !strings.ContainsRune(".)-+", rune(line[i])) {
		return false
	}
	return i+1 == len(line) || strings.ContainsRune(" \t\r\n", rune(line[i+1]))
}
