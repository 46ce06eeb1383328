// Package msgpack owns the bytes of messages: MessagePack in its smallest form,
// exactly as Python's msgpack writes it, and a strict reader that never
// allocates more than the input justifies. It knows no Redis and no names.
package msgpack

import (
	"encoding/binary"
	"math"

	"github.com/parley-chat/parley/channellayer"
)

// The first bytes of MessagePack's types.
const (
	fixMap, fixArray, fixText         = 0x80, 0x90, 0xa0
	codeNil, codeFalse, codeTrue      = 0xc0, 0xc2, 0xc3
	bin8, bin16, bin32                = 0xc4, 0xc5, 0xc6
	float32Code, float64Code          = 0xca, 0xcb
	uint8Code, uint16Code, uint32Code = 0xcc, 0xcd, 0xce
	uint64Code                        = 0xcf
	int8Code, int16Code, int32Code    = 0xd0, 0xd1, 0xd2
	int64Code                         = 0xd3
	text8, text16, text32             = 0xd9, 0xda, 0xdb
	array16, array32, map16, map32    = 0xdc, 0xdd, 0xde, 0xdf
	minNegativeFixInt                 = -32
)

// Append appends a message, followed by extra fields as if they were its last.
// The message must be one whose Err is nil.
func Append(dst []byte, m channellayer.Message, extra ...channellayer.Field) []byte {
	fields := m.Fields()
	dst = appendHead(dst, len(fields)+len(extra), fixMap, map16, map32)
	dst = appendFields(dst, fields)
	return appendFields(dst, extra)
}

func appendFields(dst []byte, fields []channellayer.Field) []byte {
	for i := range fields {
		dst = appendText(dst, fields[i].Key)
		dst = appendValue(dst, fields[i].Value)
	}
	return dst
}

func appendValue(dst []byte, v channellayer.Value) []byte {
	switch v.Kind() {
	case channellayer.KindBool:
		if yes, _ := v.Bool(); yes {
			return append(dst, codeTrue)
		}
		return append(dst, codeFalse)
	case channellayer.KindInt:
		n, _ := v.Int()
		return appendInt(dst, n)
	case channellayer.KindFloat:
		f, _ := v.Float()
		return binary.BigEndian.AppendUint64(append(dst, float64Code), math.Float64bits(f))
	case channellayer.KindText:
		s, _ := v.Text()
		return appendText(dst, s)
	case channellayer.KindBytes:
		b, _ := v.Bytes()
		return append(appendLength(dst, len(b), bin8, bin16, bin32), b...)
	case channellayer.KindList:
		items, _ := v.List()
		return appendList(dst, items)
	case channellayer.KindMap:
		fields, _ := v.Map()
		return appendFields(appendHead(dst, len(fields), fixMap, map16, map32), fields)
	}
	return append(dst, codeNil)
}

func appendList(dst []byte, items []channellayer.Value) []byte {
	dst = appendHead(dst, len(items), fixArray, array16, array32)
	for i := range items {
		dst = appendValue(dst, items[i])
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	if len(s) < 32 {
		return append(append(dst, fixText|byte(len(s))), s...)
	}
	return append(appendLength(dst, len(s), text8, text16, text32), s...)
}

// appendHead writes the head of a map or list.
func appendHead(dst []byte, n int, fix, code16, code32 byte) []byte {
	switch {
	case n < 16:
		return append(dst, fix|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, code16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, code32), uint32(n))
}

// appendLength writes the head of a text or of bytes.
func appendLength(dst []byte, n int, code8, code16, code32 byte) []byte {
	switch {
	case n <= math.MaxUint8:
		return append(dst, code8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, code16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, code32), uint32(n))
}

func appendInt(dst []byte, n int64) []byte {
	if n >= 0 {
		return appendUint(dst, uint64(n))
	}
	switch {
	case n >= minNegativeFixInt:
		return append(dst, byte(n))
	case n >= math.MinInt8:
		return append(dst, int8Code, byte(n))
	case n >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, int16Code), uint16(n))
	case n >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, int32Code), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, int64Code), uint64(n))
}

func appendUint(dst []byte, n uint64) []byte {
	switch {
	case n <= math.MaxInt8:
		return append(dst, byte(n))
	case n <= math.MaxUint8:
		return append(dst, uint8Code, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, uint16Code), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, uint32Code), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, uint64Code), n)
}
