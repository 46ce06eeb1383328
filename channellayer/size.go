package channellayer

import "math"

// The sizes of the heads of MessagePack, smallest form.

func containerHead(n int) int {
	switch {
	case n < 16:
		return 1
	case n <= math.MaxUint16:
		return 3
	}
	return 5
}

func textHead(n int) int {
	if n < 32 {
		return 1
	}
	return bytesHead(n)
}

func bytesHead(n int) int {
	switch {
	case n <= math.MaxUint8:
		return 2
	case n <= math.MaxUint16:
		return 3
	}
	return 5
}

func intSize(n int64) int {
	switch {
	case n >= -32 && n <= math.MaxInt8:
		return 1
	case n >= math.MinInt8 && n <= math.MaxUint8:
		return 2
	case n >= math.MinInt16 && n <= math.MaxUint16:
		return 3
	case n >= math.MinInt32 && n <= math.MaxUint32:
		return 5
	}
	return 9
}
