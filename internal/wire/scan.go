package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/chat"
)

// Bounds of a text. A frame may name every room that a person can be in, with
// an epoch and a seq for each.
const (
	maxDepth     = 16
	maxKeys      = 1000
	maxFrameKeys = 3*chat.MaxMemberRooms + 4
)

// scan checks that data is one JSON object without duplicate keys at any
// level, with at most maxDepth levels and most keys, and gives its top-level
// keys.
func scan(data []byte, most int) ([]string, error) {
	if !utf8.Valid(data) {
		return nil, InvalidJSON("This is not valid UTF-8.")
	}
	if !json.Valid(data) {
		return nil, InvalidJSON("This is not valid JSON.")
	}
	s := scanner{data: data, most: most}
	for s.pos < len(data) {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	if s.top == nil {
		return nil, InvalidJSON("A JSON object is expected here.")
	}
	return s.top.list, nil
}

// scanner walks over text that is known to be valid JSON.
type scanner struct {
	data  []byte
	most  int
	pos   int
	open  []*keyList // per open container: the keys so far, nil for an array
	total int
	top   *keyList
}

// keyList is the keys of one object so far.
type keyList struct {
	list []string
	seen map[string]bool // the same, once there are many
}

// fewKeys are looked through one by one faster than in a map.
const fewKeys = 16

// add notes a key; false if it is there already.
func (k *keyList) add(key string) bool {
	if k.seen[key] || k.seen == nil && slices.Contains(k.list, key) {
		return false
	}
	k.list = append(k.list, key)
	switch {
	case k.seen != nil:
		k.seen[key] = true
	case len(k.list) > fewKeys:
		k.seen = make(map[string]bool, 2*len(k.list))
		for _, known := range k.list {
			k.seen[known] = true
		}
	}
	return true
}

func (s *scanner) step() error {
	switch s.data[s.pos] {
	case '{':
		return s.enter(&keyList{})
	case '[':
		return s.enter(nil)
	case '}', ']':
		s.open = s.open[:len(s.open)-1]
	case '"':
		return s.text()
	}
	s.pos++
	return nil
}

func (s *scanner) enter(keys *keyList) error {
	if len(s.open) == 0 {
		s.top = keys
	}
	if len(s.open) >= maxDepth {
		return InvalidJSON(fmt.Sprintf("The JSON is nested more than %d deep.", maxDepth))
	}
	s.open = append(s.open, keys)
	s.pos++
	return nil
}

// text passes over a string and, if it is a key, notes it.
func (s *scanner) text() error {
	start := s.pos
	for s.pos++; s.data[s.pos] != '"'; s.pos++ {
		if s.data[s.pos] != '\\' {
			continue
		}
		if err := s.escape(); err != nil {
			return err
		}
	}
	s.pos++
	if !s.atColon() || len(s.open) == 0 || s.open[len(s.open)-1] == nil {
		return nil
	}
	return s.key(s.data[start:s.pos])
}

// escape passes over an escape to its last byte. Half a surrogate pair stands
// for no character, and a NUL is one that databases cut texts at.
func (s *scanner) escape() error {
	s.pos++
	if s.data[s.pos] != 'u' {
		return nil
	}
	r := s.hex()
	if r == 0 {
		return InvalidJSON("A text holds a NUL.")
	}
	if !utf16.IsSurrogate(r) {
		return nil
	}
	if s.data[s.pos+1] != '\\' || s.data[s.pos+2] != 'u' {
		return errHalfPair
	}
	s.pos += 2
	if utf16.DecodeRune(r, s.hex()) == unicode.ReplacementChar {
		return errHalfPair
	}
	return nil
}

var errHalfPair = InvalidJSON("A text holds half of a surrogate pair.")

// hex reads the four digits after the u and stays on the last one.
func (s *scanner) hex() rune {
	digits := s.data[s.pos+1 : s.pos+5]
	s.pos += 4
	n, _ := strconv.ParseUint(string(digits), 16, 16) // valid JSON
	return rune(n)
}

// atColon tells whether the string just passed is a key.
func (s *scanner) atColon() bool {
	for ; s.pos < len(s.data); s.pos++ {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
		case ':':
			return true
		default:
			return false
		}
	}
	return false
}

func (s *scanner) key(quoted []byte) error {
	var key string
	if err := json.Unmarshal(quoted, &key); err != nil {
		return InvalidJSON("A key is not valid text.")
	}
	if !s.open[len(s.open)-1].add(key) {
		return InvalidJSON(fmt.Sprintf("The key %.40q stands twice.", key))
	}
	if s.total++; s.total > s.most {
		return InvalidJSON(fmt.Sprintf("The JSON has more than %d keys.", s.most))
	}
	return nil
}

// parseInt reads a whole number by the rules of Int.
func parseInt(text string) (int64, error) {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value > maxInt || value < -maxInt || text[0] == '+' || text == "-0" {
		return 0, InvalidJSON(fmt.Sprintf("%.24s is not a whole number below 2^53.", text))
	}
	return value, nil
}
