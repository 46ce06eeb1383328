package channellayer

import (
	"fmt"
	"regexp"
	"strings"
)

// CapacityRule gives the channels whose full name matches a pattern a capacity
// of their own. The messages counted are still those of the whole non-local
// part: for a channel with a smaller capacity the part is full earlier.
type CapacityRule struct {
	pattern  *regexp.Regexp
	capacity int
}

// Glob makes a rule from a shell pattern for the whole name: '*' is any run of
// characters, '?' any one, '[a-z]' one of a set, '[!a-z]' one outside of it.
func Glob(pattern string, capacity int) (CapacityRule, error) {
	return newRule(globExpression(pattern), capacity)
}

// Regexp makes a rule from an RE2 expression that has to match from the start
// of the name, but not to its end.
func Regexp(expression string, capacity int) (CapacityRule, error) {
	return newRule(`\A(?:`+expression+`)`, capacity)
}

func newRule(expression string, capacity int) (CapacityRule, error) {
	if capacity < 1 {
		return CapacityRule{}, fmt.Errorf("channellayer: capacity %d is not positive", capacity)
	}
	re, err := regexp.Compile(expression)
	if err != nil {
		return CapacityRule{}, fmt.Errorf("channellayer: capacity rule: %w", err)
	}
	return CapacityRule{re, capacity}, nil
}

func globExpression(pattern string) string {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(`.*`)
		case '?':
			b.WriteByte('.')
		case '[':
			end := setEnd(pattern, i)
			if end < 0 {
				b.WriteString(`\[`)
				continue
			}
			writeSet(&b, pattern[i+1:end])
			i = end
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	b.WriteString(`\z`)
	return b.String()
}

// setEnd returns the place of the ']' that ends the set beginning at i, or -1.
// A ']' directly after the start belongs to the set.
func setEnd(pattern string, i int) int {
	start := i + 1
	if start < len(pattern) && pattern[start] == '!' {
		start++
	}
	if start >= len(pattern) {
		return -1
	}
	if n := strings.IndexByte(pattern[start+1:], ']'); n >= 0 {
		return start + 1 + n
	}
	return -1
}

func writeSet(b *strings.Builder, set string) {
	b.WriteByte('[')
	if strings.HasPrefix(set, "!") {
		b.WriteByte('^')
		set = set[1:]
	}
	for i := 0; i < len(set); i++ {
		if strings.IndexByte(`\[]^&~`, set[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(set[i])
	}
	b.WriteByte(']')
}
