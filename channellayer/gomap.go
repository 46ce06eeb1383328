package channellayer

import (
	"fmt"
	"math"
	"slices"
)

// FromMap makes a message of a Go map, keys in alphabetical order. Values may
// be string, []byte (not copied), the integers, floats, bool, nil, []any,
// map[string]any and Value. Anything else, and an integer beyond int64, is an
// error that wraps ErrBadMessage, as is whatever Message.Err reports.
func FromMap(m map[string]any) (Message, error) {
	fields, err := fieldsOf(m, 1)
	if err != nil {
		return Message{}, err
	}
	message := NewMessage(fields...)
	return message, message.Err()
}

// ToMap returns a new Go map with the message's content: string, []byte (which
// must not be changed), int64, float64, bool, nil, []any and map[string]any.
func (m Message) ToMap() map[string]any { return mapOf(m.Fields()) }

func mapOf(fields []Field) map[string]any {
	out := make(map[string]any, len(fields))
	for _, f := range fields {
		out[f.Key] = f.Value.toAny()
	}
	return out
}

func (v Value) toAny() any {
	switch v.kind {
	case KindBool:
		return v.num == 1
	case KindInt:
		return int64(v.num)
	case KindFloat:
		return math.Float64frombits(v.num)
	case KindText:
		return v.text
	case KindBytes:
		return v.ref
	case KindList:
		items := v.ref.([]Value)
		out := make([]any, len(items))
		for i := range items {
			out[i] = items[i].toAny()
		}
		return out
	case KindMap:
		return mapOf(v.ref.([]Field))
	}
	return nil
}

func fieldsOf(m map[string]any, depth int) ([]Field, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("%w: nested deeper than %d", ErrBadMessage, MaxDepth)
	}
	fields := make([]Field, 0, len(m))
	for key, value := range m {
		v, err := valueOf(value, depth)
		if err != nil {
			return nil, err
		}
		fields = append(fields, Field{key, v})
	}
	slices.SortFunc(fields, func(a, b Field) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return fields, nil
}

func valueOf(value any, depth int) (Value, error) {
	switch x := value.(type) {
	case nil:
		return Value{}, nil
	case Value:
		return x, nil
	case string:
		return TextValue(x), nil
	case []byte:
		return BytesValue(x), nil
	case bool:
		return BoolValue(x), nil
	case float64:
		return FloatValue(x), nil
	case float32:
		return FloatValue(float64(x)), nil
	case []any:
		return listOf(x, depth+1)
	case map[string]any:
		fields, err := fieldsOf(x, depth+1)
		return Value{kind: KindMap, ref: fields}, err
	}
	return integerOf(value)
}

func listOf(in []any, depth int) (Value, error) {
	if depth > MaxDepth {
		return Value{}, fmt.Errorf("%w: nested deeper than %d", ErrBadMessage, MaxDepth)
	}
	items := make([]Value, len(in))
	for i := range in {
		var err error
		if items[i], err = valueOf(in[i], depth); err != nil {
			return Value{}, err
		}
	}
	return Value{kind: KindList, ref: items}, nil
}

func integerOf(value any) (Value, error) {
	switch x := value.(type) {
	case int:
		return IntValue(int64(x)), nil
	case int8:
		return IntValue(int64(x)), nil
	case int16:
		return IntValue(int64(x)), nil
	case int32:
		return IntValue(int64(x)), nil
	case int64:
		return IntValue(x), nil
	case uint8:
		return IntValue(int64(x)), nil
	case uint16:
		return IntValue(int64(x)), nil
	case uint32:
		return IntValue(int64(x)), nil
	case uint:
		return unsignedOf(uint64(x))
	case uint64:
		return unsignedOf(x)
	}
	return Value{}, fmt.Errorf("%w: a value of type %T", ErrBadMessage, value)
}

func unsignedOf(n uint64) (Value, error) {
	if n > math.MaxInt64 {
		return Value{}, fmt.Errorf("%w: an integer beyond 64 bits", ErrBadMessage)
	}
	return IntValue(int64(n)), nil
}
