package password

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what one argon2id hash takes.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// currentCost is the cost of new hashes: the smaller of the settings that
// OWASP recommends, because several may run beside a chat on a small machine.
var currentCost = cost{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltLength = 16 // bytes
	sumLength  = 32 // bytes
)

// What a stored hash may ask for. Checked before anything is allocated: the
// string may come from a damaged or hostile database.
const (
	maxMemory  = 64 * 1024 // KiB
	maxPasses  = 10
	maxThreads = 4
	minSalt    = 8  // bytes
	maxSalt    = 64 // bytes
	minSum     = 16 // bytes
	maxSum     = 64 // bytes
)

// argon2idHash is a parsed PHC string:
// $argon2id$v=19$m=19456,t=2,p=1$SALT$SUM, base64 without padding.
type argon2idHash struct {
	cost cost
	salt []byte
	sum  []byte
}

func newArgon2id(prepared string, salt []byte) argon2idHash {
	h := argon2idHash{cost: currentCost, salt: salt}
	h.sum = h.derive(prepared, sumLength)
	return h
}

func (h argon2idHash) derive(prepared string, length int) []byte {
	c := h.cost
	return argon2.IDKey([]byte(prepared), h.salt, c.passes, c.memory, c.threads, uint32(length))
}

func (h argon2idHash) matches(prepared string) bool {
	return subtle.ConstantTimeCompare(h.derive(prepared, len(h.sum)), h.sum) == 1
}

func (h argon2idHash) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.memory, h.cost.passes, h.cost.threads, encode(h.salt), encode(h.sum))
}

func parseArgon2id(encoded string) (argon2idHash, error) {
	if len(encoded) > maxEncodedLength {
		return argon2idHash{}, ErrEncoding
	}
	fields := strings.Split(encoded, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != "v=19" {
		return argon2idHash{}, ErrEncoding
	}
	cost, costOK := parseCost(fields[3])
	salt, saltOK := parseBytes(fields[4], minSalt, maxSalt)
	sum, sumOK := parseBytes(fields[5], minSum, maxSum)
	if !costOK || !saltOK || !sumOK {
		return argon2idHash{}, ErrEncoding
	}
	hash := argon2idHash{cost: cost, salt: salt, sum: sum}
	if hash.String() != encoded { // the decoder passes over line breaks
		return argon2idHash{}, ErrEncoding
	}
	return hash, nil
}

// parseCost reads "m=…,t=…,p=…", in that order as the PHC format demands.
func parseCost(field string) (cost, bool) {
	parts := strings.Split(field, ",")
	if len(parts) != 3 {
		return cost{}, false
	}
	memory, memoryOK := parseNumber(parts[0], "m=", maxMemory)
	passes, passesOK := parseNumber(parts[1], "t=", maxPasses)
	threads, threadsOK := parseNumber(parts[2], "p=", maxThreads)
	if !memoryOK || !passesOK || !threadsOK || memory < 8*threads {
		return cost{}, false
	}
	return cost{memory: uint32(memory), passes: uint32(passes), threads: uint8(threads)}, true
}

// parseNumber reads prefix and a plain decimal from 1 to limit: no sign, no
// leading zero.
func parseNumber(s, prefix string, limit int) (int, bool) {
	digits, found := strings.CutPrefix(s, prefix)
	if !found || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n <= limit
}

func parseBytes(s string, least, most int) ([]byte, bool) {
	if len(s) > base64.RawStdEncoding.EncodedLen(most) {
		return nil, false
	}
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	return b, err == nil && len(b) >= least && len(b) <= most
}
