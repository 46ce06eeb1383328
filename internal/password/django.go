package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

const (
	djangoPrefix    = "pbkdf2_sha256"
	maxDjangoRounds = 2_000_000
	maxDjangoSalt   = 128 // bytes
)

// djangoHash is a parsed string of Django's default hasher:
// pbkdf2_sha256$ROUNDS$SALT$SUM. The salt is used as it stands, the sum is
// base64 with padding.
type djangoHash struct {
	rounds int
	salt   string
	sum    []byte
}

func parseDjango(encoded string) (djangoHash, error) {
	if len(encoded) > maxEncodedLength || strings.ContainsAny(encoded, "\r\n") {
		return djangoHash{}, ErrEncoding
	}
	fields := strings.Split(encoded, "$")
	if len(fields) != 4 || fields[0] != djangoPrefix {
		return djangoHash{}, ErrEncoding
	}
	rounds, ok := parseNumber(fields[1], "", maxDjangoRounds)
	salt := fields[2]
	sum, err := base64.StdEncoding.Strict().DecodeString(fields[3])
	if !ok || err != nil || len(sum) != sha256.Size || salt == "" || len(salt) > maxDjangoSalt {
		return djangoHash{}, ErrEncoding
	}
	return djangoHash{rounds: rounds, salt: salt, sum: sum}, nil
}

// matches compares the password as it was typed, which is what Django hashed,
// and only if preparing changes it also the prepared one, for somebody whose
// keyboard composes letters in another way today.
func (h djangoHash) matches(password string) bool {
	if h.matchesExactly(password) {
		return true
	}
	prepared := prepare(password)
	return prepared != password && h.matchesExactly(prepared)
}

func (h djangoHash) matchesExactly(password string) bool {
	sum, err := pbkdf2.Key(sha256.New, password, []byte(h.salt), h.rounds, sha256.Size)
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1
}
