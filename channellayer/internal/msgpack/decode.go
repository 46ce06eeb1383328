package msgpack

import (
	"errors"
	"fmt"
	"math"

	"github.com/parley-chat/parley/channellayer"
)

// ErrMalformed: the bytes are not one map of the types that messages have.
var ErrMalformed = errors.New("msgpack: malformed message")

// Decode reads one message that fills the whole of s. It accepts any width of
// the types that messages have, and 32-bit floats and keys in bytes as text.
// It refuses extension types, keys that are not text, integers beyond int64,
// nesting beyond channellayer.MaxDepth, and trailing bytes. Texts share memory
// with s. The rules of Message.Err (UTF-8, no key twice) are checked too.
func Decode(s string) (channellayer.Message, error) {
	fields, err := DecodeFields(s)
	if err != nil {
		return channellayer.Message{}, err
	}
	m := channellayer.NewMessage(fields...)
	if m.Err() != nil {
		return channellayer.Message{}, fmt.Errorf("%w: %w", ErrMalformed, m.Err())
	}
	return m, nil
}

// DecodeFields is Decode without the rules of Message.Err, for a caller that
// takes fields out before it makes a message of the rest.
func DecodeFields(s string) ([]channellayer.Field, error) {
	r := reader{rest: s}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	fields, ok := v.Map()
	if !ok {
		return nil, malformed("no map")
	}
	if len(r.rest) > 0 {
		return nil, malformed("trailing bytes")
	}
	return fields, nil
}

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

type reader struct{ rest string }

// take removes n bytes from the front.
func (r *reader) take(n uint64) (string, error) {
	if n > uint64(len(r.rest)) {
		return "", malformed("truncated")
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out, nil
}

// number reads a big-endian number of the given width.
func (r *reader) number(width uint64) (uint64, error) {
	raw, err := r.take(width)
	var n uint64
	for i := range len(raw) {
		n = n<<8 | uint64(raw[i])
	}
	return n, err
}

// sized reads a length of the given width and as many bytes.
func (r *reader) sized(width uint64) (string, error) {
	n, err := r.number(width)
	if err != nil {
		return "", err
	}
	return r.take(n)
}

// value reads a value inside depth maps and lists.
func (r *reader) value(depth int) (channellayer.Value, error) {
	head, err := r.take(1)
	if err != nil {
		return channellayer.Value{}, err
	}
	switch code := head[0]; {
	case code < fixMap:
		return channellayer.IntValue(int64(code)), nil
	case code < fixArray:
		return r.mapOf(uint64(code&0x0f), depth+1)
	case code < fixText:
		return r.list(uint64(code&0x0f), depth+1)
	case code < codeNil:
		return text(r.take(uint64(code & 0x1f)))
	case code >= 0xe0:
		return channellayer.IntValue(int64(int8(code))), nil
	case code >= array16 && code <= map32:
		return r.container(code, depth+1)
	default:
		return r.scalar(code)
	}
}

func (r *reader) container(code byte, depth int) (channellayer.Value, error) {
	width := uint64(2)
	if code == array32 || code == map32 {
		width = 4
	}
	n, err := r.number(width)
	if err != nil {
		return channellayer.Value{}, err
	}
	if code == map16 || code == map32 {
		return r.mapOf(n, depth)
	}
	return r.list(n, depth)
}

func (r *reader) scalar(code byte) (channellayer.Value, error) {
	switch code {
	case codeNil:
		return channellayer.NullValue(), nil
	case codeFalse, codeTrue:
		return channellayer.BoolValue(code == codeTrue), nil
	case bin8, bin16, bin32:
		raw, err := r.sized(1 << (code - bin8))
		return channellayer.BytesValue([]byte(raw)), err
	case text8, text16, text32:
		return text(r.sized(1 << (code - text8)))
	case float32Code:
		n, err := r.number(4)
		return channellayer.FloatValue(float64(math.Float32frombits(uint32(n)))), err
	case float64Code:
		n, err := r.number(8)
		return channellayer.FloatValue(math.Float64frombits(n)), err
	case uint8Code, uint16Code, uint32Code, uint64Code:
		return unsigned(r.number(1 << (code - uint8Code)))
	case int8Code, int16Code, int32Code, int64Code:
		return signed(r, 1<<(code-int8Code))
	}
	return channellayer.Value{}, malformed("a type that messages do not have")
}

func text(s string, err error) (channellayer.Value, error) {
	return channellayer.TextValue(s), err
}

func unsigned(n uint64, err error) (channellayer.Value, error) {
	if n > math.MaxInt64 {
		return channellayer.Value{}, malformed("an integer beyond 64 bits with sign")
	}
	return channellayer.IntValue(int64(n)), err
}

func signed(r *reader, width uint64) (channellayer.Value, error) {
	n, err := r.number(width)
	shift := 64 - 8*width
	return channellayer.IntValue(int64(n<<shift) >> shift), err
}

func (r *reader) list(n uint64, depth int) (channellayer.Value, error) {
	if err := r.enter(n, depth); err != nil {
		return channellayer.Value{}, err
	}
	items := make([]channellayer.Value, n)
	for i := range items {
		var err error
		if items[i], err = r.value(depth); err != nil {
			return channellayer.Value{}, err
		}
	}
	return channellayer.ListValue(items...), nil
}

func (r *reader) mapOf(n uint64, depth int) (channellayer.Value, error) {
	if err := r.enter(2*n, depth); err != nil {
		return channellayer.Value{}, err
	}
	fields := make([]channellayer.Field, n)
	for i := range fields {
		var err error
		if fields[i].Key, err = r.key(); err != nil {
			return channellayer.Value{}, err
		}
		if fields[i].Value, err = r.value(depth); err != nil {
			return channellayer.Value{}, err
		}
	}
	return channellayer.MapValue(fields...), nil
}

// enter refuses a map or list that is too deep, or that announces more values
// than there are bytes left.
func (r *reader) enter(values uint64, depth int) error {
	if depth > channellayer.MaxDepth {
		return malformed("nested too deep")
	}
	if values > uint64(len(r.rest)) {
		return malformed("truncated")
	}
	return nil
}

func (r *reader) key() (string, error) {
	if r.rest == "" {
		return "", malformed("truncated")
	}
	switch code := r.rest[0]; {
	case code >= fixText && code < codeNil, code >= bin8 && code <= bin32, code >= text8 && code <= text32:
	default:
		return "", malformed("a key that is no text")
	}
	v, err := r.value(channellayer.MaxDepth)
	if b, ok := v.Bytes(); ok {
		return string(b), err
	}
	s, _ := v.Text()
	return s, err
}
