package channelsredis

import "hash/crc32"

// hostIndex returns which of n hosts a name belongs to. The division is in
// floating point, as in Python.
func hostIndex(name string, n int) int {
	if n < 2 {
		return 0
	}
	low := crc32.ChecksumIEEE([]byte(name)) & 0xfff
	return int(float64(low) / (4096 / float64(n)))
}
