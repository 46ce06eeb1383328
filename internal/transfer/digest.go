package transfer

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// Digest stands for a set of rows, in whatever order: the sum of their
// SHA-256 sums, modulo 2^256.
type Digest [4]uint64

func (d *Digest) add(sum [sha256.Size]byte) {
	var carry uint64
	for i := range d {
		d[i], carry = bits.Add64(d[i], binary.LittleEndian.Uint64(sum[8*i:]), carry)
	}
}

// String gives a part of it that is long enough to be compared by eye.
func (d Digest) String() string { return fmt.Sprintf("%016x", d[0]) }

// digest gives the sum of a row: of the table's name, and each value with its
// kind and length, so that no two rows are written alike.
func digest(t Table, row Row) [sha256.Size]byte {
	text := append([]byte(t.Name), 0)
	for _, value := range row {
		text = appendValue(text, value)
	}
	return sha256.Sum256(text)
}

func appendValue(text []byte, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(text, 'n')
	case int64:
		return binary.BigEndian.AppendUint64(append(text, byte(Integer)), uint64(value))
	case bool:
		if value {
			return append(text, byte(Flag), 1)
		}
		return append(text, byte(Flag), 0)
	case string:
		return append(binary.BigEndian.AppendUint64(append(text, byte(Text)), uint64(len(value))), value...)
	case []byte:
		return append(binary.BigEndian.AppendUint64(append(text, byte(Bytes)), uint64(len(value))), value...)
	}
	panic(fmt.Sprintf("transfer: a value of type %T", value)) // a defect of the database's reader
}

// sameRows reports whether the rows are the same in the same order.
func sameRows(t Table, some, others []Row) bool {
	return slices.EqualFunc(some, others, func(a, b Row) bool { return digest(t, a) == digest(t, b) })
}
