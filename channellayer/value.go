package channellayer

import "math"

// Kind is the type of a Value.
type Kind uint8

// The kinds of values. There are no others: these are the ones that every
// backend, and every peer that is not written in Go, keeps apart.
const (
	KindNull Kind = iota
	KindBool
	KindInt
	KindFloat
	KindText
	KindBytes
	KindList
	KindMap
)

// Value is one immutable value of a message. The zero Value is null.
type Value struct {
	kind Kind
	num  uint64 // bool, int and the bits of a float
	text string
	ref  any // []byte, []Value or []Field
}

// NullValue returns null.
func NullValue() Value { return Value{} }

// TextValue returns a text. A message with text that is not valid UTF-8 is
// refused when sent.
func TextValue(s string) Value { return Value{kind: KindText, text: s} }

// BytesValue returns a value that refers to b without copying it. From now on
// nobody may change b.
func BytesValue(b []byte) Value { return Value{kind: KindBytes, ref: b} }

// IntValue returns a signed integer of 64 bits.
func IntValue(n int64) Value { return Value{kind: KindInt, num: uint64(n)} }

// FloatValue returns a floating point number of 64 bits.
func FloatValue(f float64) Value { return Value{kind: KindFloat, num: math.Float64bits(f)} }

// BoolValue returns a truth value.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// ListValue returns a list of the given values.
func ListValue(items ...Value) Value {
	return Value{kind: KindList, ref: append([]Value(nil), items...)}
}

// MapValue returns a map with the given keys in the given order. A message in
// which a map has a key twice is refused when sent.
func MapValue(fields ...Field) Value {
	return Value{kind: KindMap, ref: append([]Field(nil), fields...)}
}

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.kind }

// IsNull tells whether v is null.
func (v Value) IsNull() bool { return v.kind == KindNull }

// Text returns the text and true, or false if v is not text.
func (v Value) Text() (string, bool) { return v.text, v.kind == KindText }

// Bytes returns the bytes and true, or false if v is not bytes. The caller must
// not change them: other receivers hold the same ones.
func (v Value) Bytes() ([]byte, bool) {
	b, ok := v.ref.([]byte)
	return b, ok
}

// Int returns the integer and true, or false if v is not an integer.
func (v Value) Int() (int64, bool) {
	if v.kind != KindInt {
		return 0, false
	}
	return int64(v.num), true
}

// Float returns the number and true, or false if v is not a float. An integer
// is not a float.
func (v Value) Float() (float64, bool) {
	if v.kind != KindFloat {
		return 0, false
	}
	return math.Float64frombits(v.num), true
}

// Bool returns the truth value and true, or false if v is not one.
func (v Value) Bool() (value, ok bool) {
	return v.kind == KindBool && v.num == 1, v.kind == KindBool
}

// List returns the items and true, or false if v is not a list. The caller
// must not change them.
func (v Value) List() ([]Value, bool) {
	items, ok := v.ref.([]Value)
	return items, ok
}

// Map returns the fields and true, or false if v is not a map. The caller must
// not change them.
func (v Value) Map() ([]Field, bool) {
	fields, ok := v.ref.([]Field)
	return fields, ok
}

// Equal tells whether v and w have the same kind and content. Maps are equal
// if they have the same fields in the same order; a NaN equals one of the same
// bits.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind || v.num != w.num || v.text != w.text {
		return false
	}
	switch v.kind {
	case KindBytes:
		return string(v.ref.([]byte)) == string(w.ref.([]byte))
	case KindList:
		return equalLists(v.ref.([]Value), w.ref.([]Value))
	case KindMap:
		return equalFields(v.ref.([]Field), w.ref.([]Field))
	}
	return true
}

func equalLists(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

func equalFields(a, b []Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Key != b[i].Key || !a[i].Value.Equal(b[i].Value) {
			return false
		}
	}
	return true
}
