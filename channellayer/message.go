package channellayer

import (
	"fmt"
	"iter"
	"unicode/utf8"
)

// ReservedKey may not be a key of a message: Python's channels_redis writes the
// receiving channels there.
const ReservedKey = "__asgi_channel__"

// MaxDepth is how deep lists and maps may be nested in a message. The message
// itself is the first level.
const MaxDepth = 32

// Field is a key and its value.
type Field struct {
	Key   string
	Value Value
}

// Text returns a field with a text.
func Text(key, s string) Field { return Field{key, TextValue(s)} }

// Bytes returns a field with bytes, which are not copied; see BytesValue.
func Bytes(key string, b []byte) Field { return Field{key, BytesValue(b)} }

// Int returns a field with an integer.
func Int(key string, n int64) Field { return Field{key, IntValue(n)} }

// Float returns a field with a floating point number.
func Float(key string, f float64) Field { return Field{key, FloatValue(f)} }

// Bool returns a field with a truth value.
func Bool(key string, b bool) Field { return Field{key, BoolValue(b)} }

// Null returns a field with null.
func Null(key string) Field { return Field{key, NullValue()} }

// List returns a field with a list.
func List(key string, items ...Value) Field { return Field{key, ListValue(items...)} }

// Map returns a field with a map.
func Map(key string, fields ...Field) Field { return Field{key, MapValue(fields...)} }

// Message is an immutable map from text keys to values, in the order in which
// they were given. It is one pointer: passing it on and keeping it cost
// nothing. The zero Message has no fields.
type Message struct{ body *body }

type body struct {
	fields []Field
	size   int
	err    error // what CheckMessage says
}

// NewMessage returns a message with the given fields. The rules are checked
// here and reported by Send and GroupSend, or earlier by [Message.Err].
func NewMessage(fields ...Field) Message {
	b := &body{fields: append([]Field(nil), fields...)}
	b.size, b.err = measureMap(b.fields, 1)
	for i := range fields {
		if fields[i].Key == ReservedKey && b.err == nil {
			b.err = fmt.Errorf("%w: key %s is reserved", ErrBadMessage, ReservedKey)
		}
	}
	return Message{b}
}

// Err returns nil, or an error that wraps ErrBadMessage and tells why no layer
// takes this message: text or a key that is not UTF-8, a key given twice, the
// reserved key, or nesting deeper than MaxDepth.
func (m Message) Err() error {
	if m.body == nil {
		return nil
	}
	return m.body.err
}

// Size is the number of bytes of the message as MessagePack, which is what the
// limit on the size of messages is compared with.
func (m Message) Size() int {
	if m.body == nil {
		return 1
	}
	return m.body.size
}

// Len is the number of fields.
func (m Message) Len() int { return len(m.Fields()) }

// Fields returns all fields in order. The caller must not change them.
func (m Message) Fields() []Field {
	if m.body == nil {
		return nil
	}
	return m.body.fields
}

// All walks over keys and values in order.
func (m Message) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, f := range m.Fields() {
			if !yield(f.Key, f.Value) {
				return
			}
		}
	}
}

// Value returns the value of a key, and false if the message has no such key.
func (m Message) Value(key string) (Value, bool) {
	for _, f := range m.Fields() {
		if f.Key == key {
			return f.Value, true
		}
	}
	return Value{}, false
}

// Type returns the text under "type", which by custom says what a message is,
// or "".
func (m Message) Type() string {
	s, _ := m.Text("type")
	return s
}

// Text returns the text of a key, and false if there is none of that kind.
func (m Message) Text(key string) (string, bool) {
	v, _ := m.Value(key)
	return v.Text()
}

// Bytes returns the bytes of a key, and false if there are none of that kind.
// The caller must not change them.
func (m Message) Bytes(key string) ([]byte, bool) {
	v, _ := m.Value(key)
	return v.Bytes()
}

// Int returns the integer of a key, and false if there is none of that kind.
func (m Message) Int(key string) (int64, bool) {
	v, _ := m.Value(key)
	return v.Int()
}

// Float returns the float of a key, and false if there is none of that kind.
func (m Message) Float(key string) (float64, bool) {
	v, _ := m.Value(key)
	return v.Float()
}

// Bool returns the truth value of a key, and false if there is none of that kind.
func (m Message) Bool(key string) (value, ok bool) {
	v, _ := m.Value(key)
	return v.Bool()
}

// Equal tells whether both messages have the same fields in the same order.
func (m Message) Equal(other Message) bool { return equalFields(m.Fields(), other.Fields()) }

// measureMap returns the encoded size of a map at the given depth, and the
// first rule that it breaks.
func measureMap(fields []Field, depth int) (int, error) {
	if depth > MaxDepth {
		return 0, fmt.Errorf("%w: nested deeper than %d", ErrBadMessage, MaxDepth)
	}
	size := containerHead(len(fields))
	for i := range fields {
		key := fields[i].Key
		if !utf8.ValidString(key) {
			return 0, fmt.Errorf("%w: a key is not UTF-8", ErrBadMessage)
		}
		n, err := measure(fields[i].Value, depth)
		if err != nil {
			return 0, err
		}
		size += textHead(len(key)) + len(key) + n
	}
	if repeated(fields) {
		return 0, fmt.Errorf("%w: a key is given twice", ErrBadMessage)
	}
	return size, nil
}

func measureList(items []Value, depth int) (int, error) {
	if depth > MaxDepth {
		return 0, fmt.Errorf("%w: nested deeper than %d", ErrBadMessage, MaxDepth)
	}
	size := containerHead(len(items))
	for i := range items {
		n, err := measure(items[i], depth)
		if err != nil {
			return 0, err
		}
		size += n
	}
	return size, nil
}

func measure(v Value, depth int) (int, error) {
	switch v.kind {
	case KindInt:
		return intSize(int64(v.num)), nil
	case KindFloat:
		return 9, nil
	case KindText:
		if !utf8.ValidString(v.text) {
			return 0, fmt.Errorf("%w: text is not UTF-8", ErrBadMessage)
		}
		return textHead(len(v.text)) + len(v.text), nil
	case KindBytes:
		n := len(v.ref.([]byte))
		return bytesHead(n) + n, nil
	case KindList:
		return measureList(v.ref.([]Value), depth+1)
	case KindMap:
		return measureMap(v.ref.([]Field), depth+1)
	}
	return 1, nil
}

// manyFields is the number of fields from which a set is quicker than comparing
// each with each.
const manyFields = 16

func repeated(fields []Field) bool {
	if len(fields) > manyFields {
		seen := make(map[string]struct{}, len(fields))
		for i := range fields {
			seen[fields[i].Key] = struct{}{}
		}
		return len(seen) != len(fields)
	}
	for i := range fields {
		for j := range i {
			if fields[i].Key == fields[j].Key {
				return true
			}
		}
	}
	return false
}
