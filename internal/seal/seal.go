// Package seal marks bytes that pass through hands which are not trusted, so
// that whoever holds the same key can tell them from bytes of others. It does
// not hide anything, and what was sealed once stays valid: a repetition looks
// like the original.
package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// Size is that of a mark in bytes.
const Size = sha256.Size

// keySize is that of a key in bytes.
const keySize = 32

// Key makes and checks marks: HMAC-SHA-256. The zero Key is one that
// everybody knows. A Key may be used from any number of goroutines.
type Key struct{ secret [keySize]byte }

// NewKey makes a random one.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k.secret[:]) // never fails
	return k
}

// ParseKey reads what Text wrote.
func ParseKey(text string) (Key, error) {
	var k Key
	secret, err := hex.DecodeString(text)
	if err != nil || len(secret) != keySize {
		return Key{}, errors.New("seal: this is no key")
	}
	copy(k.secret[:], secret)
	return k, nil
}

// Text writes the key down. It is a secret.
func (k Key) Text() string { return hex.EncodeToString(k.secret[:]) }

// Mark appends the mark of some parts to dst. Parts are told apart: "a", "b"
// has another mark than "ab".
func (k Key) Mark(dst []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, k.secret[:])
	var length [8]byte
	for _, part := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write(part)
	}
	return h.Sum(dst)
}

// Holds reports whether mark is that of the parts.
func (k Key) Holds(mark []byte, parts ...[]byte) bool {
	var want [Size]byte
	return hmac.Equal(mark, k.Mark(want[:0], parts...))
}
